// Writes src/engine/integrity.ts, the SHA-384 of the engine as built, which the client asks the browser to check; and
// src/exposures/queue-wasm.ts, all bytes of the queue's state machine as a text. Run by `npm run build` after tools/wasm.sh.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/** What `unpack` of src/platform/bytes.ts takes away: of all shifts the one with which the engine would be smallest after brotli. */
const SHIFT = 33;
const ESCAPES = { '\0': '\\x00', '\r': '\\r', '\n': '\\n', "'": "\\'", '\\': '\\\\' };

const read = (path) => readFile(new URL(path, import.meta.url));
const write = (path, text) => writeFile(new URL(path, import.meta.url), `// Written by tools/wasm-texts.mjs. Do not edit.\n${text}`);

/** A literal of code points up to 255, each a byte and SHIFT: a fifth less than base64 after brotli. HTML would change NUL, CR and LF. */
function literal(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode((byte + SHIFT) & 255)).join('');
  if (/<\/script|<!--/i.test(text)) throw new Error('the wasm has what ends a script in HTML: choose another SHIFT');
  return `'${text.replace(/[\0\r\n'\\]/g, (char) => ESCAPES[char])}'`;
}

await write('../src/exposures/queue-wasm.ts', `export const MODULE = ${literal(await read('../queue/queue.wasm'))};\n`);
const digest = createHash('sha384')
  .update(await read('../engine/engine.wasm'))
  .digest('base64');
await write('../src/engine/integrity.ts', `export const INTEGRITY = 'sha384-${digest}';\n`);
