// Writes what src holds of the engine as built: all its bytes as a text, and what unpacks it, in src/engine/engine-wasm.ts; and its SHA-384, which
// `waft/lean` asks the browser to check, in src/engine/integrity.ts. Run by `npm run build` after tools/wasm.sh.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pack, SHIFT } from './pack.mjs';

const ESCAPES = { '\0': '\\x00', '\r': '\\r', '\n': '\\n', "'": "\\'", '\\': '\\\\' };

const at = (path) => new URL(path, import.meta.url);
const write = (path, text) => writeFile(at(path), `// Written by tools/wasm-texts.mjs. Do not edit.\n${text}`);

/** A literal of code points up to 255: a fifth less than base64 after brotli. HTML would change NUL, CR and LF. */
function literal(codes) {
  const text = Array.from(codes, (code) => String.fromCharCode(code)).join('');
  if (/<\/script|<!--/i.test(text)) throw new Error('the wasm has what ends a script in HTML: choose another SHIFT');
  return `'${text.replace(/[\0\r\n'\\]/g, (char) => ESCAPES[char])}'`;
}

/** Numbers of 32 bits, as the text format of WebAssembly has bytes. */
const escaped = (numbers) => Buffer.from(Uint32Array.from(numbers).buffer).toString('hex').replace(/../g, '\\$&');

const engine = await readFile(at('../engine/engine.wasm'));
const { codes, starts } = pack(engine);
await writeFile(at('../engine/unpack.wat'), (await readFile(at('unpack.wat'), 'utf8')).replace('STARTS', escaped(starts)));
const [from, to] = ['wat', 'wasm'].map((kind) => fileURLToPath(at(`../engine/unpack.${kind}`)));
execFileSync('wasm-as', [from, '-o', to]);
const unpack = await readFile(to);
await write(
  '../src/engine/engine-wasm.ts',
  `export const UNPACK = ${literal(unpack.map((byte) => byte + SHIFT))};\nexport const ENGINE = ${literal(codes)};\n`,
);
const digest = createHash('sha384').update(engine).digest('base64');
await write('../src/engine/integrity.ts', `export const INTEGRITY = 'sha384-${digest}';\n`);
