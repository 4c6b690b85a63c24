import { Writable } from 'node:stream';

const levels: { readonly [level: number]: string } = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** Turns the log's JSON lines into lines for people: `14:03:07 info  turn model=gpt-oss-20b ms=812`. */
export function createTextLog(write: (text: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string | Buffer, _encoding, done) {
      write(textLine(line.toString()));
      done();
    },
  });
}

function textLine(json: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = new Date(time as number).toTimeString().slice(0, 8);
  const words = [clock, (levels[level as number] ?? String(level)).padEnd(5), typeof msg === 'string' ? msg : ''];
  for (const [name, value] of Object.entries(fields)) words.push(`${name}=${plain(value)}`);
  const stack = (err as { stack?: string } | undefined)?.stack;
  return `${words.join(' ')}${stack === undefined ? '' : `\n${stack}`}\n`;
}

/** Texts stand bare where nothing in them could be taken for another field or line. */
function plain(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}
