// A page that starts from what a server decided, where something is missing or strange: no document, no script, a closed client, junk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hydrate } from '../dist/hydrate.js';
import { createClientSync } from '../dist/index.js';
import { CONTEXT, FIRST, NONE, page, served } from './decided.mjs';
import { clock, storage, TRUST } from './fixture.mjs';

test.beforeEach(() => {
  clock();
  storage();
  // A page.
  globalThis.document = {};
});

test('attributes that JSON cannot hold: they are of no type, for a server as for a page', async (t) => {
  const circle = {};
  circle.self = circle;
  for (const strange of [10n, circle, { toJSON: () => assert.fail() }]) {
    const context = { ...CONTEXT, accountId: strange };
    const { json } = await served({ context, same: ['visitorId', 'accountId'] });
    assert.equal(page(t, json, { context }).client.getStringValue('fixed', ''), 'always');
    assert.equal(page(t, json).client.status().code, 'HYDRATION_MISMATCH');
  }
});

test('on a server no client is made, and an application renders what was decided', async () => {
  const { json } = await served();
  delete globalThis.document;
  const client = hydrate(() => assert.fail(), { context: CONTEXT, trust: TRUST }, json);
  assert.deepEqual([client.getStringValue('fixed', ''), client.status()], ['always', NONE]);
  client.exposeRead();
});

test('a script that a deploy has removed: what the server decided stays, and nothing waits for ever', async () => {
  const { json } = await served();
  const gone = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
  const client = hydrate(gone, { context: CONTEXT, trust: TRUST }, json);
  const { value } = client.getStringDetails('cta', '');
  assert.deepEqual(
    [await client.ready(), await client.load('/snapshot.waft'), await client.flush(), client.status().code],
    [false, { ok: false, code: 'ENGINE_FAILED' }, undefined, 'ENGINE_FAILED'],
  );
  assert.deepEqual([client.getStringValue('cta', ''), client.getStringValue('absent', 'own')], [value, 'own']);
});

test('what makes the client throws, or is none: as a script that is gone, with why', async (t) => {
  const { json } = await served();
  const options = { context: CONTEXT, trust: TRUST };
  const thrower = () => {
    throw new Error('mine');
  };
  const { mock } = t.mock.method(console, 'warn', () => {});
  for (const [create, thrown] of [
    [thrower, /^Error: mine$/],
    [undefined, /is not a function/],
    [options, /is not a function/],
  ]) {
    mock.resetCalls();
    const client = hydrate(create, options, json);
    assert.deepEqual([client.getStringValue('fixed', ''), await client.ready(), client.status().code], ['always', false, 'ENGINE_FAILED']);
    const { code, message, cause } = client.status();
    assert.match(String(cause), thrown);
    assert.deepEqual(
      mock.calls.map(({ arguments: told }) => told),
      [['waft', { code, message, cause }]],
    );
    hydrate(create, { ...options, quiet: true }, json);
    await client.ready();
    assert.equal(mock.callCount(), 1);
  }
  // Called as createClient is: nothing of a server is for nobody.
  const client = hydrate(options, undefined, json);
  assert.deepEqual([client.getStringValue('fixed', 'own'), await client.ready(), client.status().code], ['own', false, 'ENGINE_FAILED']);
});

test('what throws after it made a client: that one decides, and the page is told', async (t) => {
  const { json } = await served();
  const { mock } = t.mock.method(console, 'warn', () => {});
  const create = (options) => {
    createClientSync(options);
    throw new Error('mine');
  };
  const client = hydrate(create, { snapshot: FIRST, context: CONTEXT, trust: TRUST }, json);
  t.after(client.close);
  assert.deepEqual([await client.ready(), client.status().code, client.getStringValue('fixed', '')], [true, undefined, 'always']);
  assert.deepEqual(
    mock.calls.map(({ arguments: [, { code, cause }] }) => [code, cause.message]),
    [['ENGINE_FAILED', 'mine']],
  );
});

test('a script that does not come in time: ready says so, as it does of rules', async () => {
  const { json } = await served();
  const client = hydrate(() => new Promise(() => {}), { context: CONTEXT, trust: TRUST }, json);
  assert.equal(await client.ready(5), false);
  assert.equal(client.getStringValue('fixed', ''), 'always');
});

test('a closed client shows nothing of the server, before its own comes and after', async (t) => {
  const { json } = await served();
  const early = page(t, json);
  early.client.getStringValue('cta', '');
  early.client.close();
  const shown = (client) => [client.getStringValue('fixed', 'mine'), client.peek('cta', 'mine').value, client.snapshot];
  assert.deepEqual(shown(early.client), ['mine', 'mine', undefined]);
  const own = await early.come();
  assert.deepEqual([own.status().code, ...shown(early.client)], ['GENERAL', 'mine', 'mine', undefined]);
  const late = page(t, json);
  late.client.getStringValue('fixed', '');
  await late.come();
  late.client.close();
  assert.deepEqual(shown(late.client), ['mine', 'mine', undefined]);
});

test('junk as keys', async (t) => {
  const { json } = await served();
  const { client, come } = page(t, json);
  const junk = [Symbol('s'), { toString: () => assert.fail() }, Object.create(null), null, 1n, '__proto__', '\ud800', 'x'.repeat(1e6)];
  const look = () => {
    for (const key of junk) {
      assert.equal(client.getBooleanValue(key, true), true);
      assert.equal(client.getObjectDetails(key, junk).value, junk);
      assert.equal(client.peek(key).value, undefined);
      client.expose(key);
    }
  };
  look();
  await come();
  look();
});
