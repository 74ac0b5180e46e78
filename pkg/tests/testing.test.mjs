// `waft/testing`: a client in memory. What it promises, and that it has all that a client has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { testClient } from '../dist/testing.js';
import { clock, snapshot, TRUST } from './fixture.mjs';
import { createClient } from '../dist/index.js';

const FLAGS = { 'free-shipping': true, headline: 'Hello', limit: 20, theme: { accent: 'teal', sizes: [1, { deep: 2 }] } };

test('flags have the values that were given', () => {
  const { getBooleanValue, getStringValue, getNumberValue, getObjectValue, peek } = testClient({ flags: FLAGS });
  assert.equal(getBooleanValue('free-shipping', false), true);
  assert.equal(getStringValue('headline', 'Welcome'), 'Hello');
  assert.equal(getNumberValue('limit', 1), 20);
  assert.deepEqual(getObjectValue('theme', {}), FLAGS.theme);
  assert.equal(peek('limit').value, 20);
});

test('defaults are returned for what is not there, is of another type, or was removed', () => {
  const client = testClient({ flags: FLAGS });
  assert.equal(client.getStringValue('absent', 'x'), 'x');
  assert.equal(client.getStringDetails('absent', 'x').errorCode, 'FLAG_NOT_FOUND');
  assert.equal(client.getStringDetails('limit', 'x').errorCode, 'TYPE_MISMATCH');
  client.setFlag('limit', undefined);
  assert.equal(client.getNumberDetails('limit', 3).errorCode, 'FLAG_NOT_FOUND');
  for (const value of [null, Number.NaN, () => {}, Symbol('s')]) assert.throws(() => client.setFlag('limit', value), TypeError);
});

test('objects are copies, frozen throughout, and the same at each read', () => {
  const client = testClient({ flags: FLAGS });
  const theme = client.getObjectValue('theme', {});
  assert.equal(client.getObjectValue('theme', {}), theme);
  assert.throws(() => (theme.sizes[1].deep = 3), TypeError);
  assert.ok(!Object.isFrozen(FLAGS.theme));
});

test('a flag that is set anew is told, and one that stays as it is, is not', () => {
  const client = testClient({ flags: FLAGS });
  const told = [];
  client.on('configurationChanged', (event) => told.push(event));
  client.setFlag('limit', 21);
  client.setFlag('limit', 21);
  client.setFlag('limit', 21, { variant: 'high' });
  client.setFlag('absent', undefined);
  client.setFlag('limit', undefined);
  assert.deepEqual(told, [
    { version: 2, flagsChanged: ['limit'] },
    { version: 3, flagsChanged: ['limit'] },
    { version: 4, flagsChanged: ['limit'] },
  ]);
  assert.equal(client.snapshot.version, 4);
});

test('reads of an experiment expose once per unit and variant; peek, all and other flags do not', () => {
  const client = testClient({ flags: FLAGS, context: { visitorId: 'v1' } });
  const told = [];
  client.on('exposure', (exposure) => told.push(exposure.variant));
  client.setFlag('headline', 'Hi', { variant: 'friendly', experiment: 'headline' });
  client.peek('headline');
  client.all();
  client.getNumberValue('headline', 1);
  client.getBooleanValue('free-shipping', false);
  assert.deepEqual(client.exposed, []);
  assert.equal(client.getStringDetails('headline', '').reason, 'SPLIT');
  client.getStringValue('headline', '');
  client.setContext({ visitorId: 'v2' });
  client.expose('headline');
  assert.deepEqual(
    client.exposed.map(({ unit, variant, experiment }) => [unit, variant, experiment]),
    [
      ['v1', 'friendly', 'headline'],
      ['v2', 'friendly', 'headline'],
    ],
  );
  assert.equal(new Set(client.exposed.map(({ id }) => id)).size, 2);
  assert.match(client.exposed[0].id, /^[0-9a-f]{32}$/);
  assert.deepEqual(told, ['friendly', 'friendly']);
});

test('under `manual` only expose() exposes', () => {
  const client = testClient({ mode: 'manual' });
  client.setFlag('headline', 'Hi', { experiment: 'headline' });
  client.getStringValue('headline', '');
  assert.equal(client.exposed.length, 0);
  client.expose('headline');
  assert.equal(client.exposed.length, 1);
});

test('rules that are not there yet', async () => {
  const client = testClient({ flags: FLAGS, ready: false });
  assert.equal(client.snapshot, undefined);
  assert.deepEqual(client.all(), {});
  assert.equal(client.getNumberDetails('limit', 3).errorCode, 'PROVIDER_NOT_READY');
  assert.equal(await client.ready(5), false);
  const told = [];
  client.on('ready', ({ version }) => told.push(version));
  const ready = [client.ready(), client.ready(Infinity)];
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(await client.load('/anything'), { ok: true, version: 1 });
  assert.deepEqual(await Promise.all(ready), [true, true]);
  assert.equal(client.getNumberValue('limit', 3), 20);
  client.on('ready', ({ version }) => told.push(version));
  await Promise.resolve();
  assert.deepEqual(told, [1, 1]);
});

test('errors, tracked events, consent, close', async () => {
  const client = testClient({ flags: FLAGS });
  const told = [];
  client.on('error', ({ code }) => told.push(code));
  client.fail('UNREACHABLE');
  assert.equal(client.status().code, 'UNREACHABLE');
  assert.equal(client.getNumberValue('limit', 3), 20);
  client.track('purchase', { value: 49.9 });
  client.exposures.setConsent('denied');
  client.track('purchase');
  assert.deepEqual(client.tracked, [{ name: 'purchase', options: { value: 49.9 } }]);
  assert.deepEqual(told, ['UNREACHABLE']);
  client.close();
  assert.equal(client.getNumberDetails('limit', 3).errorCode, 'GENERAL');
  assert.deepEqual(await client.load('x'), { ok: false, code: 'GENERAL' });
});

test('it has the members of a client, and its details have the same form', async () => {
  clock();
  const real = await createClient({ snapshot: snapshot(), trust: TRUST, context: { visitorId: 'v1' } });
  const fake = testClient({ flags: { fixed: 'always', 'on-in-germany': false } });
  const missing = Object.keys(real).filter((member) => typeof fake[member] !== typeof real[member]);
  assert.deepEqual(missing, []);
  assert.deepEqual(Object.keys(fake.exposures).sort(), Object.keys(real.exposures).sort());
  for (const key of ['fixed', 'absent']) {
    const [one, other] = [real, fake].map((client) => client.getStringDetails(key, 'x'));
    assert.deepEqual(Object.keys(other).sort(), Object.keys(one).sort());
    assert.equal(other.value, one.value);
    assert.ok(Object.isFrozen(other));
  }
});

test('it brings no engine', () => {
  const text = readFileSync(new URL('../dist/testing.js', import.meta.url), 'utf8');
  assert.doesNotMatch(text, /WebAssembly/);
  assert.doesNotMatch(text, /^import /m);
  assert.ok(text.length < 12_000, `${text.length} bytes`);
});
