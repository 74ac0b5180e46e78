// Prints what a minimal page downloads: engine wasm, glue and client, minified by esbuild, brotli 11.
import { brotliCompressSync, constants } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const brotli = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
    .length;

const root = new URL('..', import.meta.url);
const bundle = async (contents, external) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root.pathname },
    external, bundle: true, minify: true, format: 'esm', target: 'es2022', write: false, logLevel: 'error',
  });
  return outputFiles[0].contents;
};

const page = `import { createClient } from './dist/index.js'; createClient(window.options).then((client) => client.getBooleanValue('a', false));`;
const whole = await bundle(page, []);
const client = await bundle(page, ['../engine/engine.js']);
const wasm = brotli(await readFile(new URL('engine/engine_bg.wasm', root)));
console.log(`engine ${wasm}`);
console.log(`glue ${brotli(whole) - brotli(client)}`);
console.log(`client ${brotli(client)} (${client.length} minified)`);
console.log(`total ${wasm + brotli(whole)}`);
