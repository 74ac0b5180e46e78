// What comes late, never, or not at all: createClient resolves, deciding waits for no recording, and recording that cannot start says so.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { collector } from './collector.mjs';
import { clock, ENGINE, folder, NOW, server, snapshot, storage, TRUST, until } from './fixture.mjs';

// 1 lets come what is late; 2, once all tests are over, also what never comes: nothing waits then that keeps the process.
const LET = new Int32Array(new SharedArrayBuffer(4));
// `index.js?HOW:NAME` is the package of a page of its own, whose module NAME never comes, is absent, or comes late: once it is let.
register(
  `data:text/javascript,${encodeURIComponent(`
  let let_;
  export const initialize = (shared) => (let_ = shared);
  export async function resolve(specifier, context, next) {
    const [, how, name] = /\\?(never|absent|late|fresh):(\\w+)/.exec(context.parentURL ?? '') ?? [];
    if (specifier !== './' + name + '.js') return next(specifier, context);
    if (how === 'absent') throw new Error('404');
    if (how === 'fresh') return next(specifier + '?' + Math.random(), context);
    while (Atomics.load(let_, 0) < (how === 'never' ? 2 : 1)) await new Promise((later) => setTimeout(later, 10));
    return next(specifier, context);
  }
`)}`,
  { data: LET },
);

const SNAPSHOT = snapshot();
let pages = 0;
/** A page whose module comes so; `how` is `absent:recorder` or the like. */
async function open(t, how, options) {
  const { createClient } = await import(`../dist/index.js?${how}&${pages++}`);
  const page = await createClient({
    snapshot: SNAPSHOT,
    trust: TRUST,
    engine: ENGINE,
    context: { visitorId: 'v1', accountId: 7 },
    ...options,
  });
  t.after(() => page.close());
  return page;
}
after(() => Atomics.store(LET, 0, 2));
test.beforeEach(() => {
  Atomics.store(LET, 0, 0);
  clock();
  storage();
});
const zero = {
  waiting: 0,
  sent: 0,
  overflow: 0,
  tooLong: 0,
  refused: 0,
  rejected: 0,
  leftOut: 0,
  lastStatus: undefined,
  nextAttempt: undefined,
};

test('a recorder that comes late: flags are decided before, and what was read, exposed and tracked is recorded as it was then', async (t) => {
  const move = clock();
  const it = await collector(t);
  const page = await open(t, 'late:recorder', { exposures: { endpoint: it.url } });
  const heard = [];
  page.on('exposure', ({ unit }) => heard.push(unit));
  const properties = { value: 3, currency: 'EUR' };
  assert.ok(page.getStringDetails('cta', '').variant);
  page.track('purchase', properties);
  properties.currency = 'USD';
  move(NOW + 1_000);
  page.setContext({ visitorId: 'v2' });
  page.getStringValue('cta', '');
  page.getStringValue('cta', '');
  assert.deepEqual(page.exposures.status(), { ...zero, waiting: 3, storage: 'memory' });
  assert.deepEqual(page.status(), { queued: 3, sent: 0, dropped: 0 });
  const { digest } = page.snapshot;
  assert.equal((await page.load(snapshot({ version: 2 }))).ok, true);
  move(NOW + 9_000);
  page.setContext({ visitorId: 'v3' });
  Atomics.store(LET, 0, 1);
  await page.flush();
  page.getStringValue('cta', '');
  await page.flush();
  const told = it.records.map((record) => [
    record.eventName,
    record.timeUnixNano,
    record['waft.unit.visitor'],
    record['waft.unit.account'],
    record['waft.sequence'].int,
  ]);
  assert.deepEqual(told, [
    ['feature_flag.evaluation', `${NOW}000000`, 'v1', '7', '0'],
    ['waft.track', `${NOW}000000`, 'v1', '7', '1'],
    ['feature_flag.evaluation', `${NOW + 1_000}000000`, 'v2', undefined, '2'],
    ['feature_flag.evaluation', `${NOW + 9_000}000000`, 'v3', undefined, '3'],
  ]);
  assert.deepEqual(
    it.records
      .filter((record) => record['waft.snapshot.digest'])
      .map((record) => [record['waft.snapshot.digest'] === digest, record['waft.snapshot.version'].int]),
    [
      [true, '1'],
      [true, '1'],
      [false, '2'],
    ],
  );
  assert.equal(JSON.parse(it.records[1]['waft.event.properties']).currency, 'EUR');
  assert.deepEqual(heard, ['v1', 'v2', 'v3']);
  assert.equal(page.exposures.status().storage, 'localStorage');
});

test('a recorder that comes late: consent is asked of all that waited for it', async (t) => {
  const kept = storage();
  const it = await collector(t);
  const page = await open(t, 'late:recorder', { exposures: { endpoint: it.url, consent: 'pending' } });
  page.getStringValue('cta', '');
  page.exposures.setConsent('denied');
  page.getStringValue('cta', '');
  page.track('purchase');
  assert.equal(page.status().queued, 0);
  page.exposures.setConsent('pending');
  page.getStringValue('cta', '');
  Atomics.store(LET, 0, 1);
  await page.flush();
  assert.deepEqual([page.status().queued, it.bodies.length, kept.keys('waft:q:').length], [1, 0, 0]);
  page.exposures.setConsent('granted');
  await page.flush();
  assert.equal(it.records.length, 1);
});

test('a recorder that never comes: told after ten seconds, flush ends, and nothing else waits', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const page = await open(t, 'never:recorder', { exposures: { endpoint: '/v1/logs' } });
  const heard = [];
  page.on('error', ({ code }) => heard.push(code));
  assert.ok(page.getStringDetails('cta', '').variant);
  for (let event = 0; event < 1_500; event++) page.track('view');
  const flushed = page.flush();
  assert.deepEqual([page.status().code, heard, page.status().queued], [undefined, [], 1_000]);
  t.mock.timers.tick(10_000);
  await flushed;
  await new Promise(setImmediate);
  assert.deepEqual([page.status(), heard], [{ code: 'RECORDER_FAILED', queued: 0, sent: 0, dropped: 1_501 }, ['RECORDER_FAILED']]);
  assert.deepEqual(page.exposures.status(), { ...zero, storage: 'memory', code: 'RECORDER_FAILED', lost: 1_501 });
});

test('lists.js that never comes: createClient resolves, and the conditions are unknown', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const ruleset = JSON.stringify({
    project: 'shop',
    environments: { production: {} },
    attributes: { accountId: 'string' },
    units: { account: { attribute: 'accountId' } },
    lists: { vip: { attribute: 'accountId', ids: Array.from({ length: 5_000 }, (_, id) => `a${id}`), preload: true } },
    flags: { lounge: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'vip', if: { list: 'vip' }, serve: 'on' }] } },
  });
  let page;
  const opened = open(t, 'never:lists', { snapshot: snapshot({ ruleset: () => ruleset }), context: { accountId: 'a1' } }).then(
    (made) => (page = made),
  );
  while (!page) {
    await new Promise(setImmediate);
    t.mock.timers.tick(1_000);
  }
  await opened;
  assert.deepEqual([page.status().code, page.getBooleanValue('lounge', true)], [undefined, false]);
});

for (const held of ['engine.wasm', 's.waft', '.list', 'queue.wasm', '/v1/logs']) {
  for (const how of ['never', 'heads', 'trickle']) {
    test(`${held}: a server that answers ${how === 'never' ? 'nothing' : how === 'heads' ? 'heads alone' : 'a byte at a time'} holds up nobody for ever`, async (t) => {
      // A deadline of 10 seconds passes in half a second.
      const { setTimeout: later } = globalThis;
      t.mock.method(globalThis, 'setTimeout', (work, delay, ...args) => later(work, delay >= 5_000 ? delay / 20 : delay, ...args));
      const url = await server(t, (_, request, response) => {
        if (request.url.endsWith(held)) {
          if (how === 'never') return [];
          response.writeHead(200, { 'content-length': 100_000 });
          response.flushHeaders();
          const timer = how === 'trickle' && setInterval(() => response.write('x'), 5);
          response.on('close', () => clearInterval(timer));
          return [];
        }
        if (request.url === '/engine.wasm') return [200, ENGINE];
        if (request.url === '/s.waft') return [200, LISTED];
        if (request.url === '/queue.wasm') return [200, QUEUE];
        if (request.url.endsWith('.list')) return [200, readFileSync(join(folder, basename(request.url)))];
        return [200];
      });
      const began = performance.now();
      const page = await open(t, `none:${held}`, {
        snapshot: `${url}/s.waft`,
        engine: `${url}/engine.wasm`,
        exposures: { endpoint: `${url}/v1/logs`, queue: `${url}/queue.wasm` },
      });
      const code = { 'engine.wasm': 'ENGINE_FAILED', 's.waft': 'UNREACHABLE' }[held];
      page.track('view');
      await page.flush();
      assert.ok(performance.now() - began < 5_000);
      assert.equal(page.status().code, code ?? (held === 'queue.wasm' ? 'RECORDER_FAILED' : undefined));
      if (held === 'queue.wasm') assert.equal(page.exposures.status().lost, 1);
      // Events wait for the rules, which say what their units are.
      else assert.deepEqual([page.status().queued, page.status().sent], code || held === '/v1/logs' ? [1, 0] : [0, 1]);
    });
  }
}
const QUEUE = readFileSync(new URL('../queue/queue.wasm', import.meta.url));
const LISTED = snapshot({
  ruleset: () =>
    JSON.stringify({
      project: 'shop',
      environments: { production: {} },
      attributes: { accountId: 'string' },
      units: { account: { attribute: 'accountId' } },
      lists: { vip: { attribute: 'accountId', ids: Array.from({ length: 5_000 }, (_, id) => `b${id}`), preload: true } },
      flags: { lounge: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'vip', if: { list: 'vip' }, serve: 'on' }] } },
    }),
});

test('a recorder that is not there any more: an event, a code, what is lost; and a later load tries again', async (t) => {
  const page = await open(t, 'absent:recorder', { exposures: { endpoint: 'http://127.0.0.1:9/' } });
  assert.ok(page.getStringDetails('cta', '').variant, 'flags are decided');
  const heard = [];
  page.on('error', ({ code, message }) => heard.push(code, message.length > code.length));
  await page.flush();
  page.track('purchase');
  assert.deepEqual([page.status(), heard], [{ code: 'RECORDER_FAILED', queued: 0, sent: 0, dropped: 2 }, ['RECORDER_FAILED', true]]);
  assert.deepEqual(page.exposures.status(), { ...zero, storage: 'memory', code: 'RECORDER_FAILED', lost: 2 });
  assert.deepEqual(await page.load(SNAPSHOT), { ok: true, version: 1 });
  await page.flush();
  assert.equal(heard.length, 4, 'it was tried again');
});

/** Where WebAssembly is not compiled from bytes. */
function refuseBytes(t) {
  const { Module, compile } = WebAssembly;
  t.after(() => Object.assign(WebAssembly, { Module, compile }));
  const refuse = () => {
    throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder');
  };
  Object.assign(WebAssembly, {
    Module: class extends Module {
      constructor() {
        super(refuse());
      }
    },
    compile: async () => refuse(),
  });
  Object.defineProperty(WebAssembly.Module, Symbol.hasInstance, { value: (value) => value instanceof Module });
}

test('a place that compiles no wasm from bytes: told; with the modules handed over all is recorded', async (t) => {
  const it = await collector(t);
  const [engine, queue] = [new WebAssembly.Module(ENGINE), new WebAssembly.Module(QUEUE)];
  refuseBytes(t);
  const without = await open(t, 'fresh:recorder', { engine, exposures: { endpoint: it.url } });
  without.getStringValue('cta', '');
  await without.flush();
  assert.deepEqual([without.status().code, without.exposures.status().lost], ['RECORDER_FAILED', 1]);
  const page = await open(t, 'fresh:recorder', { engine, exposures: { endpoint: it.url, queue } });
  page.getStringValue('cta', '');
  await page.flush();
  assert.deepEqual([page.status(), it.records.length], [{ queued: 0, sent: 1, dropped: 0 }, 1]);
});

test('the queue as bytes, as a buffer, from a URL; what is no queue is told', async (t) => {
  const it = await collector(t);
  const url = await server(t, (_, { url }) => [url === '/queue.wasm' ? 200 : 404, url === '/queue.wasm' ? QUEUE : '']);
  const good = [new Uint8Array(QUEUE), new Uint8Array(QUEUE).buffer, `${url}/queue.wasm`, new URL(`${url}/queue.wasm`)];
  const bad = [new Uint8Array(8), ENGINE.map((byte, at) => (at === 4 ? 9 : byte)), `${url}/absent`, 'no:url', null, 7, {}];
  for (const queue of [...good, ...bad]) {
    const page = await open(t, 'none:3', { exposures: { endpoint: it.url, queue } });
    page.track('view');
    await page.flush();
    assert.deepEqual(
      [page.status().code, page.status().sent],
      good.includes(queue) ? [undefined, 1] : ['RECORDER_FAILED', 0],
      String(queue),
    );
    page.close();
  }
});

const endpoint = 'http://127.0.0.1:9/';
for (const [what, exposures] of [
  ['nothing', {}],
  ['a URL in place of an endpoint', { url: endpoint }],
  ['true', true],
  ['a text', endpoint],
  ['a function', () => endpoint],
  ['a list', [endpoint]],
  ['an empty endpoint', { endpoint: '' }],
  ['no text', { endpoint: 7 }],
  ['an object', { endpoint: { href: endpoint } }],
  ['a path where there is no page', { endpoint: '/v1/logs' }],
  ['no URL', { endpoint: 'http://' }],
  ['another protocol', { endpoint: 'ftp://127.0.0.1/' }],
  ['a script', { endpoint: 'javascript:0' }],
  ['a password', { endpoint: 'http://me:secret@127.0.0.1:9/' }],
  ['consent: true', { endpoint, consent: true }],
  ['consent: yes', { endpoint, consent: 'yes' }],
  ['consent: null', { endpoint, consent: null }],
  ['an unknown mode', { endpoint, mode: 'Manual' }],
  ['a mode that is none', { endpoint, mode: true }],
  ['a robot that is none', { endpoint, robot: 'no' }],
  ['an empty key', { endpoint, unitKey: '' }],
  ['a key that nobody has set', { endpoint, unitKey: undefined }],
  ['a key that is no text', { endpoint, unitKey: 7 }],
  ['a misspelt consent', { endpoint, Consent: 'pending' }],
  ['headers, which there are none of', { endpoint, headers: { authorization: 'x' } }],
  ['a name that objects inherit', { endpoint, toString: 'x' }],
  [
    'an option that throws',
    {
      get endpoint() {
        throw new Error('mine');
      },
    },
  ],
]) {
  test(`exposures that cannot be followed (${what}): told, counted as lost, nothing stored or sent, and flags are decided`, async (t) => {
    const kept = storage();
    kept.setItem('waft:sticky:shop/production', 'untouched');
    const page = await open(t, 'none:wrong', { exposures });
    const heard = [];
    page.on('error', ({ code }) => heard.push(code));
    assert.ok(page.getStringDetails('cta', '').variant);
    page.expose('cta');
    page.track('purchase');
    await page.flush();
    await null;
    page.setContext({ visitorId: 'v1', accountId: 7 });
    page.getStringValue('cta', '');
    // By hand and by a read it is one exposure.
    assert.deepEqual([page.status(), heard], [{ code: 'INVALID_EXPOSURES', queued: 0, sent: 0, dropped: 2 }, ['INVALID_EXPOSURES']]);
    const { code, lost, waiting, storage: where } = page.exposures.status();
    assert.deepEqual([code, lost, waiting, typeof where], ['INVALID_EXPOSURES', 2, 0, 'string']);
    assert.deepEqual(kept.keys('waft:q:'), []);
    page.close();
  });
}

test('a consent that is none, later: told and denied; and a known one goes on', async (t) => {
  const it = await collector(t);
  const page = await open(t, 'none:consent', { exposures: { endpoint: it.url, consent: true } });
  const heard = [];
  page.on('error', ({ code }) => heard.push(code));
  page.getStringValue('cta', '');
  await page.flush();
  page.exposures.setConsent('granted');
  assert.equal(page.status().code, undefined);
  page.getStringValue('cta', '');
  await page.flush();
  assert.equal(it.records.length, 1);
  page.exposures.setConsent('Denied');
  page.setContext({ visitorId: 'v2' });
  page.getStringValue('cta', '');
  await page.flush();
  assert.deepEqual(
    [heard, it.records.length, page.status().code, page.exposures.status().lost],
    [['INVALID_EXPOSURES', 'INVALID_EXPOSURES'], 1, 'INVALID_EXPOSURES', 2],
  );
});

test('a client that is closed before its recorder comes: what was read is sent', async (t) => {
  const it = await collector(t);
  const page = await open(t, 'late:recorder', { exposures: { endpoint: it.url } });
  page.getStringValue('cta', '');
  page.track('purchase');
  page.close();
  Atomics.store(LET, 0, 1);
  await until(() => it.records.length === 2);
});
