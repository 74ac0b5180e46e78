// The wasm that comes as a text is the file's bytes, also after a bundler has written the text anew.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FILE = new Uint8Array(readFileSync(new URL('../engine/engine.wasm', import.meta.url)));
const resolveDir = fileURLToPath(new URL('../build', import.meta.url));
const contents = `
  export { ENGINE } from './engine/engine-wasm.js';
  export { unpack } from './engine/unpack.js';`;

for (const charset of ['utf8', 'ascii']) {
  for (const minify of [false, true]) {
    test(`the bytes of the engine, bundled as ${charset}${minify ? ' and minified' : ''}`, async () => {
      const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, format: 'esm', write: false, charset, minify });
      const [{ text }] = outputFiles;
      assert.doesNotMatch(text, /[\0\r]|<\/script|<!--/i);
      const { ENGINE, unpack } = await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`);
      assert.deepEqual(unpack(ENGINE), FILE);
    });
  }
}
