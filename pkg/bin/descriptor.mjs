// Whole reads and writes of what is open already.
import { readSync, writeSync } from 'node:fs';

const PAUSE = 5; // milliseconds
const CHUNK = 65_536; // bytes

/** Writes all of it, where the descriptor is. */
export function writeWhole(descriptor, bytes) {
  let rest = bytes;
  while (rest.length > 0) {
    const written = waitingFor(() => writeSync(descriptor, rest, 0, rest.length, null));
    rest = rest.subarray(written);
  }
}

/** Reads to the end, or `most` bytes. */
export function readWhole(descriptor, most = Number.POSITIVE_INFINITY) {
  const chunks = [];
  let length = 0;
  while (length < most) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, most - length));
    const read = waitingFor(() => readSync(descriptor, chunk, 0, chunk.length, null), 0);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  return Buffer.concat(chunks, length);
}

/** The other end may have made a pipe one that does not wait. On Windows the end of a pipe is an error. */
function waitingFor(call, atEnd) {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (error.code === 'EOF' && atEnd !== undefined) return atEnd;
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}
