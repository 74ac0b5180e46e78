// Writes src/integrity.ts, the SHA-384 of the engine as built, which the client asks the browser to check; and src/queue-wasm.ts, the
// queue's state machine, which is smaller than a request. Run by `npm run build` after tools/wasm.sh has put the engine in place.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const wasm = await readFile(new URL('../engine/engine.wasm', import.meta.url));
const digest = createHash('sha384').update(wasm).digest('base64');
await writeFile(
  new URL('../src/integrity.ts', import.meta.url),
  `// Written by tools/integrity.mjs. Do not edit.\nexport const INTEGRITY = 'sha384-${digest}';\n`,
);

const queue = await readFile(new URL('../queue/queue.wasm', import.meta.url), 'base64');
await writeFile(
  new URL('../src/queue-wasm.ts', import.meta.url),
  `// Written by tools/integrity.mjs. Do not edit.\nexport const MODULE = '${queue}';\n`,
);
