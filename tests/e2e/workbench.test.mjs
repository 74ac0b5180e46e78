// The studio's engine in Chromium: its worker compiles drafts, reads people and counts them, and another takes its place where it fails.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launch } from './browser.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
const WASM = '/workbench/workbench_bg.wasm';

const RULES = `project: shop
environments: { production: {} }
attributes: { visitorId: string, country: string, orders: number }
units: { visitor: { attribute: visitorId } }
segments:
  germans: { country: { is: DE } }
  buyers: { segment: germans, orders: { gt: 1 } }
flags:
  cta:
    type: boolean
    variants: { on: true, off: false }
    whenOff: off
    rules: [{ id: buyers, if: { segment: buyers }, serve: on }]
    default: off
`;

/** A worker whose script fails while it is asked for the values of `crash`. */
const FAILS = `addEventListener('message', ({ data }) => {
  if (data.args?.[0] === 'crash') throw new Error('it failed');
});`;

let browser;
let files;
let server;
let url;

before(async () => {
  // As Vite does it: the worker is a script of its own.
  const worker = {
    name: 'worker',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\?worker$/ }, ({ path }) => ({ path, namespace: 'worker' }));
      onLoad({ filter: /./, namespace: 'worker' }, () => ({
        contents: 'export default class extends Worker { constructor() { super("/worker.js", { type: "module" }); } }',
      }));
    },
  };
  const bundle = async (entry, plugins = []) => {
    const options = { entryPoints: [here(entry)], bundle: true, format: 'esm', target: 'es2022', write: false, logLevel: 'error', plugins };
    const { outputFiles } = await build(options);
    return outputFiles[0].text;
  };
  const text = await bundle('../../studio/src/engine/worker.ts');
  files = {
    '/': '<!doctype html><link rel="icon" href="data:,"><title>Studio</title>',
    '/engine.js': await bundle('../../studio/src/engine/engine.ts', [worker]),
    '/worker.js': FAILS + text,
    [WASM]: readFileSync(here('../../pkg/workbench/workbench_bg.wasm')),
  };
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const body = files[pathname];
    response.writeHead(body ? 200 : 404, { 'content-type': TYPES[pathname.split('.').at(-1)] ?? 'text/html' }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}/`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** A page with its engine, and what it asked of the network. */
async function open(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const asked = [];
  context.on('request', (request) => asked.push([request.method(), new URL(request.url()).pathname]));
  await page.goto(url);
  await page.evaluate(async (rules) => {
    const { engine } = await import('/engine.js');
    const file = (text, name = 'people.csv') => new File([text], name);
    Object.assign(globalThis, { engine, file, RULES: rules });
  }, RULES);
  return { page, asked };
}

test('a draft is compiled, people are read and counted, and nothing of them leaves the page', async (t) => {
  const { page, asked } = await open(t);
  const told = await page.evaluate(async () => {
    const draft = await engine.compile({ 'waft.yaml': RULES });
    const shares = [];
    const rows = Array.from({ length: 200_000 }, (_, row) => `somebody-${row},${row % 2 ? 'DE' : 'FR'},${row % 5}`);
    const report = await engine.read(file(`visitorId,Country,orders\n${rows.join('\n')}\n`), {}, (share) => shares.push(share));
    const { segments } = await engine.count();
    const condition = await engine.countCondition('{ country: { is: FR }, orders: { gt: 3 } }');
    const people = await engine.people('buyers', 'matches', 0, 2);
    const { cta } = (await engine.explain({ visitorId: 'v', country: 'DE', orders: 7 })).flags;
    return { draft, report, segments, condition, people, decided: await engine.decide('cta'), shares, variant: cta.variant };
  });
  assert.deepEqual([told.draft.counted, told.draft.findings, told.draft.model.project], [true, [], 'shop']);
  assert.deepEqual([told.report.rows, told.report.columns[1].attribute, told.report.columns[1].matched], [200_000, 'country', 'alike']);
  assert.deepEqual(
    told.segments.map(({ name, matches, parts }) => [name, matches, parts.map(({ matches }) => matches)]),
    [
      ['germans', 100_000, []],
      ['buyers', 60_000, [100_000, 120_000]],
    ],
  );
  assert.deepEqual([told.condition.matches, told.condition.parts.length], [20_000, 2]);
  assert.deepEqual(told.people[0], { visitorId: 'somebody-3', country: 'DE', orders: 3 });
  assert.deepEqual([told.decided, told.variant], [{ on: 60_000, off: 140_000, '': 0 }, 'on']);
  assert.ok(told.shares.every((share) => share > 0 && share <= 1));
  assert.deepEqual(
    asked.filter(([, path]) => path !== '/'),
    [
      ['GET', '/engine.js'],
      ['GET', '/worker.js'],
      ['GET', WASM],
    ],
  );
});

test('with errors the last good draft is counted; what waits is superseded; changed attributes have people read again', async (t) => {
  const { page } = await open(t);
  const told = await page.evaluate(async () => {
    const news = [];
    engine.watch((one) => news.push('report' in one ? one.report.rows : one.draft.counted));
    await engine.compile({ 'waft.yaml': RULES });
    await engine.read(file('visitorId,country,plan\nv1,DE,pro\nv2,DE,free\n'));
    const broken = await engine.compile({ 'waft.yaml': RULES.replace('DE', '[') });
    const before = (await engine.count()).segments[0].matches;
    const changes = ['FR', 'GB', 'DE'].map((country) => engine.compile({ 'waft.yaml': RULES.replace('is: DE', `is: ${country}`) }));
    const [first, second, third] = await Promise.all(changes);
    const wider = RULES.replace('orders: number', 'orders: number, plan: string').replace('germans: {', 'germans: { plan: { is: pro },');
    await engine.compile({ 'waft.yaml': wider });
    const [germans] = (await engine.count()).segments;
    return { broken, before, same: [first === second, second === third], germans, news };
  });
  assert.deepEqual([told.broken.counted, told.broken.findings[0].severity, told.before], [false, 'error', 2]);
  // The first was under way, the second waited.
  assert.deepEqual(told.same, [false, true]);
  assert.deepEqual([told.germans.matches, told.germans.misses, told.germans.lacks], [1, 1, []]);
  assert.deepEqual(told.news, [true, false, true, true, true, 2]);
});

test('a worker that fails is replaced: one question is refused, and rules and people are there again', async (t) => {
  const { page } = await open(t);
  const told = await page.evaluate(async () => {
    await engine.compile({ 'waft.yaml': RULES });
    await engine.read(file('visitorId,country\nv1,DE\nv2,FR\n'));
    const failed = engine.values('crash', '', 1).then(
      () => 'answered',
      ({ code, message }) => [code, message],
    );
    const waited = engine.decide('cta');
    return { failed: await failed, waited: await waited.catch(({ code }) => code), counted: (await engine.count()).segments[0].matches };
  });
  assert.equal(told.failed[0], 'CRASHED');
  assert.match(told.failed[1], /it failed/);
  assert.equal(told.counted, 1);
  assert.deepEqual(told.waited, { on: 0, off: 2, '': 0 });
});

test('another worker has the lists that were given, too, and tells of no rules without them', async (t) => {
  const { page } = await open(t);
  const told = await page.evaluate(async () => {
    const rules = RULES.replace('flags:', 'lists: { buyers: { attribute: visitorId, file: lists/buyers.csv } }\nflags:');
    const files = { 'waft.yaml': rules.replace('segments:', 'segments:\n  listed: { list: buyers }') };
    const findings = [];
    await engine.compile(files);
    const refused = await engine.lists([new File(['v1\nv3\n'], 'buyers.csv'), new File(['v1\n'], 'others.csv')]);
    await engine.read(file('visitorId,country\nv1,DE\nv2,FR\n'));
    const listed = async () => (await engine.count()).segments.find(({ name }) => name === 'listed');
    const before = await listed();
    engine.watch((news) => 'draft' in news && findings.push(news.draft.findings.map(({ code }) => code)));
    const failed = await engine.values('crash', '', 1).catch(({ code }) => code);
    return { refused, before, failed, after: await listed(), findings };
  });
  assert.deepEqual(told.refused, ['others.csv']);
  assert.equal(told.failed, 'CRASHED');
  assert.equal(told.before.matches, 1);
  assert.deepEqual(told.after, told.before);
  // With the list it compiles, and nothing is told of the rules without it.
  assert.deepEqual(told.findings, [['UNUSED_SEGMENT']]);
});

test('another file takes the place of one that is being read, and a signal stops it', async (t) => {
  const { page } = await open(t);
  const told = await page.evaluate(async () => {
    await engine.compile({ 'waft.yaml': RULES });
    // So large that what is sent right behind it comes while it is read, however busy the machine is.
    const large = `visitorId,country\n${'somebody,DE\n'.repeat(2_000_000)}`;
    const code = ({ code }) => code;
    const first = engine.read(file(large)).catch(code);
    const second = engine.read(file('visitorId,country\nv1,DE\n'));
    const stopped = new AbortController();
    const both = [await first, (await second).rows, (await engine.count()).rows];
    const third = engine.read(file(large), {}, undefined, stopped.signal).catch(code);
    // It is asked for as soon as the rules are known to be compiled.
    for (let turn = 0; turn < 10; turn++) await undefined;
    stopped.abort();
    return [...both, await third, await engine.count().catch(code), await engine.read(file('')).catch(code)];
  });
  assert.deepEqual(told, ['CANCELLED', 1, 1, 'CANCELLED', 'NO_PEOPLE', 'EMPTY']);
});
