// What a minimal page downloads: the engine, and a bundle that reads one flag and records exposures. Minified by esbuild,
// brotli 11.
// The last line is `total BYTES`; above LIMIT this fails.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const LIMIT = 30_000; // bytes; DESIGN's "must"
const GOAL = 24_000;

const PAGE = `
import { createClient } from 'waft';
const client = await createClient({ snapshot: '/snapshot.waft', trust: window.trust, context: {}, exposures: { endpoint: '/v1/logs' } });
document.title = client.getStringValue('headline', 'Welcome');`;

// What pkg/src/engine.ts imports of the glue, and nothing else of it.
const GLUE = `
import { Engine, initSync } from './pkg/engine/engine.js';
window.glue = [Engine, initSync];`;

// What only a page with `exposures` loads.
const RECORDER = `
import { Recorder } from './pkg/dist/recorder.js';
window.recorder = Recorder;`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** One file with all that is imported, also what is imported on demand. */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, sourcefile: 'page.js' },
    bundle: true, minify: true, format: 'esm', target: 'es2022', write: false, logLevel: 'error',
  });
  return outputFiles[0].contents;
}

function brotli(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

const wasm = await readFile(`${root}pkg/engine/engine_bg.wasm`);
const [page, glue, recorder] = await Promise.all([PAGE, GLUE, RECORDER].map(bundle));
const total = brotli(wasm) + brotli(page);

const row = (name, raw, compressed) => console.log(name.padEnd(12), String(raw).padStart(8), String(compressed).padStart(8));
row('', 'raw', 'brotli');
row('engine wasm', wasm.length, brotli(wasm));
row('glue', glue.length, brotli(glue));
row('client', page.length - glue.length, brotli(page) - brotli(glue));
console.log(`of the client, about ${brotli(recorder)} are loaded only where exposures are recorded`);
console.log(total > GOAL ? `${total - GOAL} above the goal of ${GOAL}` : `${GOAL - total} under the goal of ${GOAL}`);
if (total > LIMIT) {
  console.error(`the minimal page is ${total - LIMIT} bytes above its limit of ${LIMIT}: make it smaller, or raise the limit in a commit of its own with its reason`);
  process.exitCode = 1;
}
console.log(`total ${total}`);
