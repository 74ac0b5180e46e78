// `withContext`: many requests by one client, interleaved, each with a context of its own, and none with another's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { handOver } from '../build/exposures/handover.js';
import { createClient } from '../build/index.js';
import { contexts, withContext } from '../build/server.js';
import { clock, evaluate, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const start = (options) => createClient({ snapshot: SNAPSHOT, trust: TRUST, contexts: contexts(), ...options });
test.beforeEach(() => {
  clock();
  storage();
});

/** Who asks in a request: hardly two are the same. */
const contextOf = (request) => ({
  visitorId: `visitor ${request}`,
  ...(request % 3 && { country: ['DE', 'FR', 'Österreich'][request % 7] }),
  ...(request % 2 && { accountId: request }),
  ...(request % 5 === 0 && { signedUpAt: new Date(Date.UTC(2026, request % 4, 1)) }),
});
const plain = ({ value, variant, reason }) => ({ value, variant, reason });
/** Takes turns with the other requests, in an order that is another each time. */
const pause = async (request, step) => {
  for (let left = (request * 7 + step * 3) % 4; left > 0; left--) await (left % 2 ? turn() : null);
};

test('1,000 interleaved requests decide as clients of their own do; exposures are of their own units', async (t) => {
  const exposed = new Map();
  const client = await start({
    context: { visitorId: 'own', country: 'DE' },
    exposures: handOver((exposure) => exposed.get(current)?.push(exposure)),
  });
  t.after(client.close);
  let current;
  const own = client.all();
  const request = async (number) => {
    const view = withContext(client, contextOf(number));
    exposed.set(number, []);
    await pause(number, 0);
    const details = {};
    for (const [step, key] of ['cta', 'price', 'on-in-germany', 'early', 'umlaut', 'theme'].entries()) {
      details[key] = plain(view.peek(key));
      await pause(number, step);
      current = number;
      if (step === 0) view.expose(key);
      assert.deepEqual(plain(view.peek(key)), details[key]);
      // The client has its own context again between the steps.
      assert.equal(client.getBooleanValue('on-in-germany', false), true);
    }
    assert.equal(view.getBooleanValue('on-in-germany', false), details['on-in-germany'].value);
    assert.equal(view.getStringDetails('cta', '').variant, details.cta.variant);
    return { ...details, all: view.all() };
  };
  const found = await Promise.all(Array.from({ length: 1_000 }, (_, number) => request(number)));

  const alone = await createClient({ snapshot: SNAPSHOT, trust: TRUST });
  t.after(alone.close);
  for (const [number, { all, ...details }] of found.entries()) {
    alone.setContext(contextOf(number));
    assert.deepEqual(all, alone.all());
    for (const [key, told] of Object.entries(details)) assert.deepEqual(told, plain(alone.peek(key)), `${number}: ${key}`);
    assert.deepEqual(
      exposed.get(number).map(({ unit, variant }) => [unit, variant]),
      details.cta.reason === 'SPLIT' ? [[`visitor ${number}`, details.cta.variant]] : [],
    );
  }
  // Not all alike.
  assert.ok(new Set(found.map(({ cta, price, early }) => JSON.stringify([cta, price, early]))).size > 6);
  for (const number of [0, 1, 5, 20, 998]) {
    const native = evaluate(SNAPSHOT, contextOf(number));
    for (const [key, { value, variant, reason }] of Object.entries(native))
      assert.deepEqual(plain(found[number].all[key]), { value, variant, reason }, key);
  }
  assert.deepEqual(client.all(), own);
});

test('a view: its own context is copied and replaced, nobody is told, close is none, the rest is the client', async (t) => {
  const client = await start({ context: { country: 'DE' } });
  t.after(client.close);
  const told = [];
  client.on('contextChanged', ({ context }) => told.push(context));
  const context = { country: 'FR' };
  const view = withContext(client, context);
  context.country = 'DE';
  assert.equal(view.getBooleanValue('on-in-germany', true), false);
  view.setContext({ country: 'DE' });
  const { getBooleanValue } = view;
  assert.equal(getBooleanValue('on-in-germany', false), true);
  client.setContext({});
  assert.equal(view.getBooleanValue('on-in-germany', false), true);
  assert.equal(client.getBooleanValue('on-in-germany', true), false);
  assert.deepEqual(told, [{}]);
  view.close();
  assert.deepEqual([view.snapshot, view.status()], [client.snapshot, client.status()]);
  assert.equal(client.getStringValue('fixed', ''), 'always');
  // Rules that come later are those of all.
  await view.load(snapshot({ version: 2 }));
  assert.deepEqual([client.snapshot.version, view.snapshot.version], [2, 2]);
  // A view of a view is a view of the client.
  assert.equal(withContext(view, {}).getBooleanValue('on-in-germany', true), false);
});

test('a client that was not made for it: an error that says so', async (t) => {
  const client = await createClient({ snapshot: SNAPSHOT, trust: TRUST });
  t.after(client.close);
  for (const other of [client, undefined, null]) assert.throws(() => withContext(other, {}), /contexts: contexts\(\)/);
});
