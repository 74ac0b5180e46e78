// Writes src/engine/integrity.ts, the SHA-384 of the engine as built, which the client asks the browser to check; and src/exposures/queue-wasm.ts, the
// same of the queue's state machine and, as it is smaller than a request, all of its bytes. Run by `npm run build` after tools/wasm.sh has put the engine in place.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

/** A wasm's bytes, and the line that exports their SHA-384. */
async function read(path) {
  const wasm = await readFile(new URL(path, import.meta.url));
  return [wasm, `export const INTEGRITY = 'sha384-${createHash('sha384').update(wasm).digest('base64')}';\n`];
}

const write = (path, text) => writeFile(new URL(path, import.meta.url), `// Written by tools/integrity.mjs. Do not edit.\n${text}`);

const [, engine] = await read('../engine/engine.wasm');
await write('../src/engine/integrity.ts', engine);
const [wasm, queue] = await read('../queue/queue.wasm');
await write('../src/exposures/queue-wasm.ts', `${queue}export const MODULE = '${wasm.toString('base64')}';\n`);
