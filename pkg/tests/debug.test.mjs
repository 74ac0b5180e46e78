// `debug()`: remedies by cause, the wrong field of a trust, and a log of decisions; decisions and exposures are as without it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import { debug } from '../dist/debug.js';
import { devtools } from '../dist/devtools.js';
import { head } from '../dist/head.js';
import { createClient } from '../dist/index.js';
import { overrides } from '../dist/preview.js';
import { pin, poll, stream } from '../dist/updates.js';
import { clock, server, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const start = (options) =>
  createClient({ trust: TRUST, snapshot: SNAPSHOT, context: { visitorId: 'v1' }, quiet: true, debug: debug(), ...options });
let lines;
test.beforeEach((t) => {
  clock();
  storage();
  lines = [];
  t.mock.method(console, 'info', (...line) => lines.push(line));
});

for (const [answer, remedy] of [
  [[404, ''], /^waft: UNREACHABLE: the server answered 404/],
  [[200, '<!doctype html>', { 'content-type': 'text/html; charset=utf-8' }], /^waft: MALFORMED: the server sent HTML/],
  [[200, 'x', { 'content-type': 'application/octet-stream' }], /^waft: MALFORMED: the snapshot was damaged/],
]) {
  test(`the remedy: ${remedy}`, async (t) => {
    const page = await start({ snapshot: await server(t, () => answer) });
    assert.match(lines.join(), remedy);
    page.close();
  });
}

test('a policy against WebAssembly, and a trust with a wrong field', async (t) => {
  let refused;
  const mocks = ['compile', 'instantiate'].map((name) => t.mock.method(WebAssembly, name, () => Promise.reject(refused)));
  const { createClient: createLean } = await import('../dist/lean.js');
  // As Chromium and Safari say it, and as Firefox does.
  for (const words of [
    "Refused to compile because 'unsafe-eval' is not an allowed source",
    'call to WebAssembly.instantiate() blocked by CSP',
  ]) {
    refused = new WebAssembly.CompileError(words);
    await createLean({ trust: TRUST, snapshot: SNAPSHOT, engine: new Uint8Array(8), quiet: true, debug: debug() });
    assert.match(lines.pop()[0], /ENGINE_FAILED: the content security policy refuses WebAssembly/);
  }
  for (const { mock } of mocks) mock.restore();
  for (const [trust, field] of [
    [{ ...TRUST, environment: 7 }, 'environment'],
    [{ ...TRUST, maxJump: -1 }, 'maxJump'],
    [{ ...TRUST, require: [{ role: 'publisher', keys: ['none'] }] }, 'require'],
    [undefined, 'trust'],
  ]) {
    await start({ trust });
    assert.match(lines.pop()[0], new RegExp(`INVALID_TRUST: trust\\.${field} cannot be read`));
  }
});

test('a script that is read in another charset than its own', async () => {
  const contents = "import { createClient } from 'waft'; globalThis.createGarbled = createClient;";
  const bundled = {
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    format: 'iife',
    write: false,
  };
  const start = async (charset, encoding) => {
    const { outputFiles } = await build({ ...bundled, charset });
    runInThisContext(new TextDecoder(encoding).decode(outputFiles[0].contents));
    const page = await globalThis.createGarbled({ trust: TRUST, snapshot: SNAPSHOT, quiet: true, debug: debug() });
    delete globalThis.createGarbled;
    page.close();
    return lines.splice(0).join();
  };
  assert.match(await start('utf8', 'windows-1252'), /ENGINE_FAILED: .*<meta charset="utf-8">/);
  assert.deepEqual([await start('utf8', 'utf-8'), await start('ascii', 'windows-1252')], ['', '']);
});

test('fields of a trust that nothing reads', async () => {
  const [one, ...others] = TRUST.require;
  const trust = { ...TRUST, minversion: 3, require: [{ ...one, threshold: 2 }, ...others] };
  const told = async (options) => {
    (await start(options)).close();
    return lines.splice(0).filter(([line]) => line.includes('no field of a trust'));
  };
  assert.deepEqual(await told({ trust }), [
    ['waft: trust.minversion is no field of a trust, and is not read'],
    ['waft: trust.require[0].threshold is no field of a trust, and is not read'],
  ]);
  const whole = { ...TRUST, epoch: 1, minVersion: 0, maxJump: 9, number: 0, holders: {}, maxStale: 60 };
  assert.deepEqual(await told({ trust: whole }), []);
});

test('options that what extends a client does not know', async () => {
  const told = async (options) => {
    (await start(options)).close();
    return lines.splice(0).filter(([line]) => line.includes('no option of'));
  };
  const url = 'https://shop.example/snapshot.waft';
  for (const updates of [poll({ url, evrey: 5_000 }), pin({ url, evrey: 5_000 }), stream({ url, snapshot: url, evrey: 5_000 })]) {
    assert.deepEqual(await told({ updates }), [['waft: updates: evrey is no option of what was passed there, and is not read']]);
  }
  assert.deepEqual(await told({ overrides: overrides({}, { kept: 'tab' }) }), [
    ['waft: overrides: kept is no option of what was passed there, and is not read'],
  ]);
  assert.deepEqual(await told({ devtools: devtools({ stduio: () => {} }) }), [
    ['waft: devtools: stduio is no option of what was passed there, and is not read'],
  ]);
  const all = {
    updates: poll({ url, every: 5_000 }),
    overrides: overrides({}, { keep: 'tab' }),
    context: { kind: 'context', unread: { a: 1 } },
  };
  for (const fine of [all, { updates: stream({ url, snapshot: url }) }, { updates: pin() }, { updates: false }, { updates: 'x' }]) {
    assert.deepEqual(await told(fine), []);
  }
});

test('plain options whose values cannot be followed', async () => {
  const told = async (options) => {
    (await start(options)).close();
    return lines.splice(0).flatMap(([line]) => (typeof line === 'string' && line.includes(' must be ') ? [line] : []));
  };
  for (const [option, value, what] of [
    ['timeout', '800ms', 'a number of milliseconds'],
    ['timeout', -1, 'a number of milliseconds'],
    ['start', 'lastgood', '"fresh" or "last-good"'],
    ['quiet', 'yes', 'true or false'],
    ['fallback', 'waft/compat', "a function, as () => import('waft/compat')"],
    ['context', ['v1'], 'an object of attributes'],
    ['snapshot', undefined, 'a URL, or bytes'],
    ['snapshot', { url: '/snapshot.waft' }, 'a URL, or bytes'],
  ]) {
    assert.deepEqual(await told({ [option]: value }), [`waft: ${option} must be ${what}`]);
  }
  const fine = {
    timeout: Number.POSITIVE_INFINITY,
    start: 'last-good',
    quiet: true,
    fallback: async () => ({}),
    context: { visitorId: 'v1' },
  };
  assert.deepEqual(await told(fine), []);
  assert.deepEqual(await told({ timeout: undefined, start: undefined, fallback: undefined, snapshot: SNAPSHOT.buffer }), []);
});

test('a trust for heads, and a page that takes none', async () => {
  const keys = { freshness: 'A'.repeat(22), kill: `${'B'.repeat(21)}A` };
  const require = Object.entries(keys).map(([role, kid]) => ({ role, atLeast: 1, keys: [kid] }));
  const publics = Object.fromEntries(Object.values(keys).map((kid) => [kid, 'A'.repeat(43)]));
  const trust = { ...TRUST, require: [...TRUST.require, ...require], keys: { ...TRUST.keys, ...publics } };
  const told = async (options, asked = /pass head: head\(\)/) => {
    (await start({ trust, ...options })).close();
    return lines.splice(0).filter(([line]) => asked.test(line));
  };
  assert.match(String(await told()), /the role freshness and kill, which this page ignores/);
  assert.deepEqual(await told({ head: head({ url: false }) }), []);
  assert.deepEqual(await told({ trust: TRUST }), []);
  // Nothing asks for the documents of root, where nobody signs pointers.
  const rooted = { ...trust, require: [...TRUST.require, { role: 'root', atLeast: 1, keys: [keys.kill] }] };
  assert.match(String(await told({ trust: rooted }, /no pointer asks/)), /the role root, and no role freshness/);
  const whole = { ...rooted, require: [...rooted.require, require[0]] };
  assert.deepEqual(await told({ trust: whole }, /no pointer asks/), []);
  // Whichever of both the page names first.
  for (const plugs of [
    { debug: debug(), head: head({ url: false }) },
    { head: head({ url: false }), debug: debug() },
  ]) {
    (await createClient({ trust: whole, snapshot: SNAPSHOT, quiet: true, ...plugs })).close();
    const remedies = lines.splice(0).flatMap(([line]) => /^waft: INVALID_OPTION: (.*)/.exec(line)?.[1] ?? []);
    assert.deepEqual(remedies.length, 1);
    assert.match(remedies[0], /^the trust has `root`.*import\('waft\/documents'\)/);
  }
});

test('each decision once, and values as without it', async () => {
  const page = await start();
  assert.equal(page.getStringValue('fixed', ''), 'always');
  page.getStringValue('fixed', '');
  assert.equal(page.getStringDetails('fixed', '').reason, 'STATIC');
  page.getBooleanValue('absent', true);
  const told = lines.map(([head, { reason, errorCode }]) => [head, reason, errorCode]);
  assert.deepEqual(told, [
    ['waft: fixed', 'STATIC', undefined],
    ['waft: absent', 'ERROR', 'FLAG_NOT_FOUND'],
  ]);
  page.close();
});
