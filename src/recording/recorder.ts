import type { BackendEvent, Session, SessionRequest } from '../backends/backend.ts';
import type { Answer, Frame } from '../core/dialect.ts';
import { asGatewayError } from '../core/errors.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ids.ts';
import type { TurnReport } from '../core/turn-report.ts';
import type { SessionTap } from '../gateway/session-tap.ts';
import type { RecordedSession, SessionEvent, TurnRecording } from './recording-schema.ts';

/** Records turns whole: what was asked, what the engine was given, what it said and when, what was answered. */
export type Recorder = {
  begin(turn: { readonly id: string; readonly path: string; readonly body: unknown }): TurnRecorder;
};

/** Records one turn. */
export type TurnRecorder = {
  readonly tap: SessionTap;
  /** The answer, with what it says recorded. */
  answer(answer: Answer): Answer;
  /** Call it once; nothing is recorded afterwards. */
  ended(report: TurnReport): void;
};

export type RecorderOptions = {
  readonly clock: Clock;
  readonly gateway: TurnRecording['gateway'];
  /** About so many bytes of a turn are recorded; what comes then is left out. */
  readonly maxBytes: number;
  /** Gets every recording when its turn has ended. */
  readonly save: (recording: TurnRecording) => void;
};

/** What a recording needs beside the texts in it. */
const overhead = 64;
const bytesPerId = 7;

export function createRecorder({ clock, gateway, maxBytes, save }: RecorderOptions): Recorder {
  return {
    begin({ id, path, body }) {
      const began = clock.elapsed();
      const since = (time: number) => Math.max(0, Math.round((time - began) * 10) / 10);
      const time = new Date(clock.now()).toISOString();
      let room = maxBytes;
      let truncated = false;
      const sessions: RecordedSession[] = [];
      const frames: TurnRecording['answer']['frames'] = [];
      let object: unknown = null;

      /** Whether there is room for so much more. */
      function fits(bytes: number): boolean {
        if (truncated) return false;
        room -= bytes + overhead;
        truncated = room < 0;
        return !truncated;
      }

      function keepFrames(said: readonly Frame[]): readonly Frame[] {
        for (const frame of said) {
          if (fits(frame.data?.length ?? 0)) frames.push({ at: since(clock.elapsed()), ...frame });
        }
        return said;
      }

      return {
        tap(session, request) {
          if (!fits(request.prefill.length * bytesPerId)) return session;
          const recorded = recordedSession(request, since(clock.elapsed()));
          sessions.push(recorded);
          return tapped(session, (event) => {
            if (fits(sizeOf(event))) recorded.events.push({ at: since(clock.elapsed()) - recorded.at, ...event });
          });
        },
        answer: (answer) => ({
          ...answer,
          push: (event) => keepFrames(answer.push(event)),
          fail: (error) => keepFrames(answer.fail(error)),
          retract: (error) => keepFrames(answer.retract(error)),
          object: () => (object = answer.object()),
        }),
        ended(report) {
          const { failure, stream, start, firstOutput } = report;
          const whole = JSON.stringify(body ?? null).length <= maxBytes;
          save({
            format: 'codexpc-gateway recording',
            version: 1,
            redacted: false,
            truncated: truncated || !whole,
            gateway,
            request: { id, time, path, body: whole ? body : null },
            sessions,
            answer: { stream, frames: stream ? frames : [], object: stream || failure !== null ? null : object },
            failure: failure === null ? null : { code: failure.code, message: failure.message, status: failure.status },
            times: {
              start: start === null ? null : since(start.at),
              firstOutput: firstOutput === null ? null : since(firstOutput),
              end: since(report.ended ?? clock.elapsed()),
            },
            repairs: { ...report.end?.repairs },
            warnings: [...report.warnings],
          });
        },
      };
    },
  };
}

/** The checkpoint's path is nobody's business. */
function recordedSession(request: SessionRequest, at: number): RecordedSession {
  const { model, prefill, primeFinal, temperature, maxOutputTokens } = request;
  return { at, model, prefill: [...prefill], primeFinal, temperature, maxOutputTokens, events: [] };
}

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** A session that tells what it says. */
function tapped(session: Session, told: (event: Untimed<SessionEvent>) => void): Session {
  async function* events() {
    try {
      for await (const batch of session.events) {
        for (const event of batch) told(mutable(event));
        yield batch;
      }
    } catch (thrown) {
      const { code, message }: GatewayError = asGatewayError(thrown);
      told({ type: 'failed', code, message });
      throw thrown;
    }
  }
  return { ...session, events: events() };
}

function mutable(event: BackendEvent): Untimed<SessionEvent> {
  return event.type === 'token-delta' ? { type: 'token-delta', ids: [...event.ids] } : event;
}

function sizeOf(event: Untimed<SessionEvent>): number {
  switch (event.type) {
    case 'text-delta':
      return event.text.length;
    case 'token-delta':
      return event.ids.length * bytesPerId;
    case 'tool-call':
      return event.recipient.length + event.input.length;
    case 'failed':
      return event.message.length;
    case 'created':
    case 'completed':
      return 0;
  }
}
