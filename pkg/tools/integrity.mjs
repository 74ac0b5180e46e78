// Writes src/engine/integrity.ts, the SHA-384 of the engine as built, which the client asks the browser to check; and
// src/exposures/queue-wasm.ts, all bytes of the queue's state machine, which is smaller than a request. Run by `npm run build` after
// tools/wasm.sh has put both in place.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const read = (path) => readFile(new URL(path, import.meta.url));
const write = (path, text) => writeFile(new URL(path, import.meta.url), `// Written by tools/integrity.mjs. Do not edit.\n${text}`);

const digest = createHash('sha384')
  .update(await read('../engine/engine.wasm'))
  .digest('base64');
await write('../src/engine/integrity.ts', `export const INTEGRITY = 'sha384-${digest}';\n`);
const queue = (await read('../queue/queue.wasm')).toString('base64');
await write('../src/exposures/queue-wasm.ts', `export const MODULE = '${queue}';\n`);
