import { maxMessageBytes } from './value.ts';

/**
 * Cuts a byte stream into frames: u32 little-endian length, then that many bytes. Used on the shim's event socket
 * (frames of JSON) and on the stand-in's socket (frames of values).
 *
 * @param onFrame gets each whole frame; its bytes are valid during the call only.
 * @returns `push`, to be given every chunk in order; it throws RangeError at a frame larger than `maxMessageBytes`.
 */
export function createFrameReader(onFrame: (frame: Buffer) => void): { push(chunk: Buffer): void } {
  /** Bytes of a frame that is not complete yet, its length included. */
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  /** Bytes that must be there before anything can be done. */
  let needed = 4;

  return {
    push(chunk) {
      pending.push(chunk);
      pendingBytes += chunk.length;
      if (pendingBytes < needed) return;
      const bytes = pending.length === 1 ? chunk : Buffer.concat(pending, pendingBytes);
      let at = 0;
      needed = 4;
      while (bytes.length - at >= 4) {
        const length = bytes.readUInt32LE(at);
        if (length > maxMessageBytes) throw new RangeError(`a frame of ${length} bytes is over the limit`);
        if (bytes.length - at - 4 < length) {
          needed = 4 + length;
          break;
        }
        onFrame(bytes.subarray(at + 4, at + 4 + length));
        at += 4 + length;
      }
      pending = at === bytes.length ? [] : [bytes.subarray(at)];
      pendingBytes = bytes.length - at;
    },
  };
}

/** A frame's bytes: the length and the payload. */
export function encodeFrame(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(4 + payload.byteLength);
  frame.writeUInt32LE(payload.byteLength, 0);
  frame.set(payload, 4);
  return frame;
}
