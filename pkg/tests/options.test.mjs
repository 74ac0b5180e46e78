// What a page gets wrong of `exposures`, and places that do not let it record: told, and flags are decided.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/lean.js';
import { collector } from './collector.mjs';
import { clock, ENGINE, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const endpoint = 'http://127.0.0.1:9/';
test.beforeEach(() => {
  clock();
  storage();
});

async function open(t, exposures, engine = ENGINE) {
  const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, engine, context: { visitorId: 'v1', accountId: 7 }, exposures });
  t.after(() => page.close());
  return page;
}

test('the recorder imports nothing on demand: what is read is kept, however soon the page ends', () => {
  const source = readFileSync(new URL('../dist/exposures.js', import.meta.url), 'utf8');
  assert.doesNotMatch(source, /\bimport\b/);
});

for (const [what, options] of [
  ['nothing', {}],
  ['a URL in place of an endpoint', { url: endpoint }],
  ['none', undefined],
  ['true', true],
  ['a text', endpoint],
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
  ['a queue, which earlier versions took', { endpoint, queue: new Uint8Array(8) }],
  [
    'an option that throws',
    {
      get endpoint() {
        throw new Error('mine');
      },
    },
  ],
]) {
  test(`options that cannot be followed (${what}): told, counted as lost, nothing stored or sent, and flags are decided`, async (t) => {
    const kept = storage();
    kept.setItem('waft:sticky:shop/production', 'untouched');
    const page = await open(t, recorder(options));
    const heard = [];
    page.on('error', ({ code, message }) => {
      heard.push(code);
      assert.match(message, /wrong option: (unknown option )?\w+$/);
    });
    assert.ok(page.getStringDetails('cta', '').variant);
    page.expose('cta');
    page.track('purchase');
    await page.flush();
    await null;
    page.setContext({ visitorId: 'v1', accountId: 7 });
    page.getStringValue('cta', '');
    // By hand and by a read it is one exposure.
    const { message, ...status } = page.status();
    assert.match(message, /^INVALID_EXPOSURES: wrong option: /);
    assert.deepEqual([status, heard], [{ code: 'INVALID_EXPOSURES', queued: 0, sent: 0, dropped: 2 }, ['INVALID_EXPOSURES']]);
    const { code, lost, waiting, storage: where } = page.exposures.status();
    assert.deepEqual([code, lost, waiting, typeof where], ['INVALID_EXPOSURES', 2, 0, 'string']);
    assert.deepEqual(kept.keys('waft:q:'), []);
    page.close();
  });
}

test('a consent that is none, later: told and denied; and a known one goes on', async (t) => {
  const it = await collector(t);
  const page = await open(t, recorder({ endpoint: it.url, consent: true }));
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

for (const [what, exposures] of [
  ['options, which are for recorder()', { endpoint }],
  ['true', true],
  ['a text', endpoint],
  ['recorder itself', recorder],
  ['a list', [recorder({ endpoint })]],
  ['what throws', { open: () => assert.fail() }],
  [
    'what throws when looked at',
    {
      get open() {
        return assert.fail();
      },
    },
  ],
]) {
  test(`exposures that are ${what}: told, nothing is recorded, and flags are decided`, async (t) => {
    const page = await open(t, exposures);
    const heard = [];
    page.on('error', ({ code, message }) => heard.push(code, message));
    assert.ok(page.getStringDetails('cta', '').variant);
    page.expose('cta');
    page.track('purchase');
    page.exposures.setConsent('granted');
    await page.flush();
    const message = 'INVALID_OPTION: exposures';
    assert.deepEqual(page.status(), { code: 'INVALID_OPTION', message, queued: 0, sent: 0, dropped: 0 });
    assert.deepEqual([heard, page.exposures.status()], [['INVALID_OPTION', message], undefined]);
  });
}

test('one recorder for two clients: each has a queue, and a consent, of its own', async (t) => {
  const it = await collector(t);
  const exposures = recorder({ endpoint: it.url, consent: 'pending' });
  const [one, other] = [await open(t, exposures), await open(t, exposures)];
  one.exposures.setConsent('granted');
  for (const page of [one, other]) page.track('view');
  await Promise.all([one.flush(), other.flush()]);
  assert.deepEqual([one.status().sent, other.status().queued, it.records.length], [1, 1, 1]);
});

test('a place that compiles no WebAssembly: reads and events are recorded all the same', async (t) => {
  const it = await collector(t);
  const engine = new WebAssembly.Module(ENGINE);
  const { Module, compile, instantiate } = WebAssembly;
  t.after(() => Object.assign(WebAssembly, { Module, compile, instantiate }));
  const refuse = () => assert.fail('the recorder compiles nothing');
  Object.assign(WebAssembly, {
    Module: class extends Module {
      constructor() {
        super(refuse());
      }
    },
    compile: refuse,
  });
  Object.defineProperty(WebAssembly.Module, Symbol.hasInstance, { value: (value) => value instanceof Module });
  const page = await open(t, recorder({ endpoint: it.url }), engine);
  page.getStringValue('cta', '');
  page.track('purchase');
  await page.flush();
  assert.deepEqual([page.status(), it.records.length], [{ queued: 0, sent: 2, dropped: 0 }, 2]);
});
