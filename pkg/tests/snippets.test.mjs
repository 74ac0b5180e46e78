// The snippets of docs/testing.md run as they are written: test runners and pages are stand-ins.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { testClient } from '../dist/testing.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(`${root}docs/testing.md`, 'utf8');
const snippets = [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);
const snippet = (part) => snippets.find((code) => code.includes(part));

const RUNNER = `
const { assert, cases } = globalThis.forSnippets;
export const test = (name, run) => cases.push([name, run]);
export const expect = (is) => ({ toBe: (other) => assert.equal(is, other), toEqual: (other) => assert.deepEqual(is, other) });`;

const OWN = ['waft', 'waft/rules', 'waft/testing'];

/** Imports a snippet as a module. */
async function run(code) {
  const runner = {
    name: 'runner',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^vitest$/ }, ({ path }) => ({ path, namespace: 'runner' }));
      onLoad({ filter: /./, namespace: 'runner' }, () => ({ contents: RUNNER }));
    },
  };
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'esm',
    charset: 'utf8',
    write: false,
    logLevel: 'error',
    plugins: [runner],
    // What looks for its wasm beside itself.
    external: [...OWN, 'node:*'],
  });
  // Modules of data: find no packages.
  const text = OWN.reduce((text, name) => text.replaceAll(`"${name}"`, JSON.stringify(import.meta.resolve(name))), outputFiles[0].text);
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}

test('the first snippet, and the tests of Vitest and Jest', async (context) => {
  const cases = [];
  globalThis.forSnippets = { assert, cases };
  await run(snippets[0]);
  await run(snippet('the banner follows'));
  assert.equal(cases.length, 3);
  for (const [name, work] of cases) await context.test(name, work);
});

test('tests of real rules', async (context) => {
  const cases = [];
  globalThis.forSnippets = { assert, cases };
  const folder = process.cwd();
  process.chdir(root);
  context.after(() => process.chdir(folder));
  // In Node the engine is handed over, as long as it lies beside the package.
  await run(snippet("from 'waft/rules'").replaceAll('...rules,', '...rules, engine: globalThis.forSnippets.engine,'));
  globalThis.forSnippets.engine = readFileSync(`${root}pkg/engine/engine.wasm`);
  assert.equal(cases.length, 2);
  for (const [name, work] of cases) await context.test(name, work);
});

test('the stories of Storybook', async () => {
  globalThis.document = { createElement: () => ({}) };
  const { default: meta, On, Off } = await run(snippet('export default'));
  const shown = [On, Off].map((story) => meta.render({ ...meta.args, ...story.args }).textContent);
  delete globalThis.document;
  assert.deepEqual(shown, ['Free shipping', '']);
});

test("Playwright's page and test", async () => {
  const { connect } = await run(snippet('connect'));
  const { withFlags } = await run(snippet('withFlags'));
  withFlags({ addInitScript: (script, given) => script(given) }, { headline: 'Hi' });
  assert.equal(connect({}).getStringValue('headline', ''), 'Hi');
  assert.deepEqual(Object.keys(connect({})), Object.keys(testClient()));
  delete globalThis.testFlags;
});
