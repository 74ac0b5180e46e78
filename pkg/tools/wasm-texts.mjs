// Writes what src holds of the engine as built: all its bytes as a text, in src/engine/engine-wasm.ts; and its SHA-384, which `waft/lean`
// asks the browser to check, in src/engine/integrity.ts. Run by `npm run build` after tools/wasm.sh.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/** What `unpack` of src/platform/bytes.ts takes away: of all shifts the one with which the engine is smallest after brotli. */
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

const engine = await read('../engine/engine.wasm');
await write('../src/engine/engine-wasm.ts', `export const ENGINE = ${literal(engine)};\n`);
const digest = createHash('sha384').update(engine).digest('base64');
await write('../src/engine/integrity.ts', `export const INTEGRITY = 'sha384-${digest}';\n`);
