// The shipped bytes run in the oldest browsers that package.json and README.md promise; and the check that says so can fail.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { script, wasm } from './browsers/check.mjs';
import { EXCEPTIONS } from './browsers/exceptions.mjs';
import { FLOOR } from './browsers/floor.mjs';
import { folder } from './fixture.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = (path, ending) =>
  readdirSync(join(root, path))
    .filter((file) => file.endsWith(ending))
    .map((file) => join(root, path, file));
/** What Node alone runs. */
const isForNode = (path) => /\/dist\/(?:rules|vite)\.js$/.test(path);
const SCRIPTS = [
  ...files('pkg/dist', '.js').filter((path) => !isForNode(path)),
  ...files('pkg/studio', '.js'),
  ...files('pkg/workbench', '.js'),
  ...files('www/dist/assets', '.js'),
];
const MODULES = [
  ...['engine', 'studio', 'workbench'].flatMap((name) => files(`pkg/${name}`, '.wasm')),
  ...files('www/dist/assets', '.wasm'),
];

test('what ships asks for nothing that the oldest browsers lack', async () => {
  const excused = new Set();
  for (const file of SCRIPTS) {
    const found = (await script(readFileSync(file, 'utf8'))).filter(({ path, called }) => {
      const exception = EXCEPTIONS.find((exception) => exception.path === path && !(exception.read && called));
      if (exception) excused.add(exception);
      return !exception;
    });
    assert.deepEqual(found, [], file);
  }
  assert.deepEqual(
    EXCEPTIONS.filter((exception) => !excused.has(exception)),
    [],
    'exceptions that nothing needs',
  );
  for (const file of MODULES) assert.deepEqual(wasm(file), [], file);
});

test('the floor is stated', () => {
  const readme = readFileSync(join(root, 'pkg/README.md'), 'utf8');
  const name = { chrome: 'Chrome', edge: 'Edge', firefox: 'Firefox', safari: 'Safari' };
  for (const [browser, version] of FLOOR)
    if (name[browser]) assert.match(readme, new RegExp(`${name[browser]}\\s+${version.replace('.', '\\.')}`), browser);
  const versions = Object.fromEntries(FLOOR);
  assert.deepEqual(
    [versions.and_chr, versions.and_ff, versions.ios_saf],
    [versions.chrome, versions.firefox, versions.safari],
    'on telephones the same',
  );
});

const RUNS = [
  'structuredClone({}); crypto.randomUUID(); [1].at(-1); Object.hasOwn({}, "a"); new Error("a", { cause: 1 }); a ??= 1; let a = "b".replaceAll("b", "c")',
  'navigator.locks?.request("a", () => {}); new BroadcastChannel("a").postMessage(1); [1].findLast(Boolean); class A { static a = 1; #b() {} }',
  'const x = typeof AbortSignal.timeout === "function"; /(?<name>a)(?=b)/s.test(x)',
  'new Map().keys().next(); Object.keys({}).map(String); [...new Set([1]).keys()].map(String)',
  'navigator.sendBeacon("/a"); document.addEventListener("visibilitychange", () => {}); fetch("/a", { signal: new AbortController().signal })',
  'const { request } = x; export default (requestIdleCallback) => requestIdleCallback(request)',
];

const FAILS = {
  'a look-behind': 'export const a = /(?<!cu)bot/',
  'a look-behind in a text': 'new RegExp("(?<=a)b")',
  'a pattern that nobody can look at': 'new RegExp(a + b); let a, b',
  'sets in a pattern': '/[\\p{L}--a]/v',
  'modifiers in a pattern': '/(?i:a)b/',
  'a property of Unicode': '/\\p{Surrogate}/u',
  'a block in a class': 'class A { static { f() } } function f() {}',
  using: '{ using a = b } let b',
  'attributes of an import': 'import a from "./a.json" with { type: "json" }; a()',
  'a static member': 'AbortSignal.timeout(1)',
  'behind ?.': 'AbortSignal.any?.([])',
  'behind globalThis': 'globalThis.AbortSignal?.timeout(1)',
  destructured: 'const { timeout } = AbortSignal; timeout(1)',
  'in brackets': 'AbortSignal["timeout"](1)',
  'a global': 'requestIdleCallback(() => {})',
  'a global of the window': 'self.scheduler.postTask(() => {})',
  'a constructor': 'new CompressionStream("gzip")',
  'a method of arrays': 'const sorted = (list) => list.toSorted(); sorted([])',
  'a method of sets': 'new Set().union(new Set())',
  'a method of iterators': 'new Map().values().map(String)',
  'a static method': 'Object.groupBy([], String)',
  another: 'Promise.withResolvers()',
  'a method of texts': '"a".isWellFormed()',
  'a method of an instance': 'navigator.userActivation.isActive',
  'an option': 'fetch("/a", { keepalive: true })',
  'an option of a constructor':
    'new Intl.NumberFormat("en", { roundingMode: "ceil" }); new Worker("a").terminate(); document.startViewTransition()',
  'an event': 'document.addEventListener("scrollend", () => {})',
};

test('the check can fail, and does not where it should not', async () => {
  for (const code of RUNS) assert.deepEqual(await script(code), [], code);
  for (const [name, code] of Object.entries(FAILS)) assert.notDeepEqual(await script(code), [], name);
});

test('so can that of wasm', () => {
  const assembled = (name, text) => {
    const [source, out] = ['wat', 'wasm'].map((ending) => join(folder, `${name}.${ending}`));
    writeFileSync(source, text);
    execFileSync(join(root, 'node_modules/.bin/wasm-as'), [source, '--all-features', '-o', out]);
    return out;
  };
  const plain =
    '(module (memory 1) (func (export "f") (param i32) (result i32) (memory.copy (i32.const 0) (i32.const 1) (i32.const 2)) (i32.extend8_s (local.get 0))))';
  assert.deepEqual(wasm(assembled('plain', plain)), []);
  for (const [name, text] of Object.entries({
    vectors: '(module (func (export "f") (result v128) (v128.const i32x4 0 0 0 0)))',
    tails: '(module (func $f (export "f") (return_call $f)))',
    memories: '(module (memory 1) (memory 1) (func (export "f") (drop (i32.load 1 (i32.const 0)))))',
  }))
    assert.notDeepEqual(wasm(assembled(name, text)), [], name);
});
