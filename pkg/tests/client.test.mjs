// What a page sees: values, details, contexts, times, events.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { clock, evaluate, NOW, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const client = async (context, options) => {
  storage();
  return createClient({ snapshot: SNAPSHOT, trust: TRUST, context, ...options });
};
const GETTERS = {
  boolean: ['getBooleanValue', 'getBooleanDetails', true],
  string: ['getStringValue', 'getStringDetails', 'fallback'],
  number: ['getNumberValue', 'getNumberDetails', -1],
  object: ['getObjectValue', 'getObjectDetails', { fallback: true }],
};

test('every flag comes out as `waft eval` has it, for odd contexts too', async () => {
  clock();
  const contexts = [
    {},
    { visitorId: 'v1', country: 'DE' },
    { visitorId: 'v2', country: 'Österreich', accountId: 7, signedUpAt: '2026-01-31' },
    { visitorId: '😀 ünï', country: 'de', accountId: -0, signedUpAt: '2026-02-01T00:00Z', loyal: true },
    { visitorId: 'x'.repeat(1_024), accountId: 9_007_199_254_740_991 },
    { visitorId: 'x'.repeat(1_025), accountId: 9_007_199_254_740_992 },
    { visitorId: 5, accountId: '5', country: ['DE'], signedUpAt: 0, loyal: 'yes' },
    { visitorId: '', accountId: 0.5, country: null, signedUpAt: 'never' },
  ];
  for (const context of contexts) {
    const page = await client(context);
    for (const [key, { value, variant, reason }] of Object.entries(evaluate(SNAPSHOT, context))) {
      const details = page.peek(key, undefined);
      assert.deepEqual([details.value, details.variant, details.reason], [value, variant, reason], `${key} ${JSON.stringify(context)}`);
    }
  }
});

test('each getter answers its type, and the default for every other', async () => {
  clock();
  const page = await client({ country: 'DE' });
  const flags = { 'on-in-germany': 'boolean', fixed: 'string', disabled: 'number', theme: 'object' };
  for (const [key, type] of Object.entries(flags)) {
    for (const [asked, [value, details, fallback]] of Object.entries(GETTERS)) {
      const got = page[details](key, fallback);
      assert.equal(page[value](key, fallback), got.value);
      if (asked === type) {
        assert.ok(got.variant);
      } else {
        assert.equal(got.value, fallback);
        assert.deepEqual([got.reason, got.errorCode, got.variant], ['ERROR', 'TYPE_MISMATCH', undefined]);
      }
    }
  }
});

test('details say which variant, why, by which rule and version', async () => {
  clock();
  const page = await client({ country: 'DE' });
  assert.deepEqual(page.getBooleanDetails('on-in-germany', false), {
    flagKey: 'on-in-germany',
    value: true,
    variant: 'on',
    reason: 'TARGETING_MATCH',
    flagMetadata: { version: 1, ruleIndex: 0 },
  });
  assert.deepEqual(page.getStringDetails('fixed', ''), {
    flagKey: 'fixed',
    value: 'always',
    variant: 'only',
    reason: 'STATIC',
    flagMetadata: { version: 1 },
  });
  assert.equal(page.getNumberDetails('disabled', 0).reason, 'DISABLED');
  assert.deepEqual(page.getBooleanDetails('absent', true), {
    flagKey: 'absent',
    value: true,
    reason: 'ERROR',
    errorCode: 'FLAG_NOT_FOUND',
    errorMessage: 'FLAG_NOT_FOUND: see waft/README.md#codes',
    flagMetadata: {},
  });
});

test('a mis-spelt unit is told, beside what rules say without it', async () => {
  clock();
  const page = await client({ visitorID: 'v1' });
  const { value, variant, reason, errorCode, errorMessage } = page.getStringDetails('cta', '');
  assert.deepEqual([errorCode, errorMessage], ['TARGETING_KEY_MISSING', 'TARGETING_KEY_MISSING: visitorId']);
  assert.deepEqual([value, reason], [page.getStringValue('cta', ''), 'DEFAULT']);
  assert.equal(page.all().cta.variant, variant);
  page.setContext({ visitorId: 'v1' });
  assert.equal(page.getStringDetails('cta', '').errorCode, undefined);
});

test('objects are parsed once and frozen to the bottom', async () => {
  clock();
  const page = await client({});
  const theme = page.getObjectValue('theme', {});
  assert.deepEqual(theme, { accent: 'teal', sizes: [1, 2, { deep: '\u2028 "quoted" é 😀' }] });
  page.setContext({ country: 'DE' });
  assert.equal(page.getObjectValue('theme', {}), theme);
  assert.throws(() => (theme.sizes[2].deep = 1), TypeError);
});

test('members work without their this', async () => {
  clock();
  const { getBooleanValue, peek, status } = await client({ country: 'DE' });
  assert.equal(getBooleanValue('on-in-germany', false), true);
  assert.equal(peek('fixed', '').value, 'always');
  assert.deepEqual(status(), { queued: 0, sent: 0, dropped: 0 });
});

test('a repeated read is the same details object, until the context changes', async () => {
  clock();
  const page = await client({ country: 'DE' });
  const first = page.getBooleanDetails('on-in-germany', false);
  assert.equal(page.getBooleanDetails('on-in-germany', false), first);
  const changes = [];
  page.on('contextChanged', ({ context }) => changes.push({ ...context }));
  page.setContext({ country: 'FR' });
  assert.equal(page.getBooleanValue('on-in-germany', true), false);
  assert.deepEqual(changes, [{ country: 'FR' }]);
});

test('the context is taken when it is given: later changes by the page do not count', async () => {
  clock();
  const context = { country: 'DE' };
  const page = await client(context);
  context.country = 'FR';
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  assert.deepEqual(await page.load(snapshot({ version: 2 })), { ok: true, version: 2 });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});

test('a Date is its milliseconds, an invalid one is there and of no type', async () => {
  clock();
  for (const [signedUpAt, value] of [
    [new Date('2026-01-31'), true],
    [new Date('2026-02-01'), false],
    [new Date(NaN), false],
  ]) {
    assert.equal((await client({ signedUpAt })).getBooleanValue('early', !value), value);
  }
});

test('a lone surrogate is U+FFFD', async () => {
  clock();
  assert.equal((await client({ country: '\ud800' })).getBooleanValue('umlaut', false), true);
});

test('a decision is made again when its time is over, on a boundary of an experiment', async () => {
  const boundary = Date.parse('2026-02-10T00:00Z');
  const move = clock(boundary - 1);
  const page = await client({ visitorId: 'v1' });
  const before = page.getStringDetails('cta', '');
  assert.equal(before.reason, 'SPLIT');
  assert.equal(page.getStringDetails('cta', ''), before);
  move(boundary);
  const after = page.getStringDetails('cta', '');
  assert.notEqual(after, before);
  assert.equal(after.variant, evaluate(SNAPSHOT, { visitorId: 'v1' }, boundary).cta.variant);
});

test('time is never before the snapshot was issued', async () => {
  // The experiment begins on the 10th; the snapshot is of the 20th. A clock of the 1st cannot decide before the 20th.
  const move = clock(NOW);
  const page = await client({ visitorId: 'v1' });
  move(Date.parse('2026-01-01T00:00Z'));
  assert.equal(page.peek('cta', '').reason, 'SPLIT');
});

test('an expired snapshot goes on as STALE, and says so', async (t) => {
  storage();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const expires = Date.parse('2026-12-31T00:00Z');
  const move = clock(expires - 1_000);
  const page = await client({ country: 'DE' });
  const heard = [];
  page.on('stale', ({ version }) => heard.push(version));
  t.mock.timers.tick(999);
  assert.deepEqual(heard, []);
  move(expires);
  t.mock.timers.tick(1);
  assert.deepEqual(heard, [1]);
  const { value, reason, variant } = page.getBooleanDetails('on-in-germany', false);
  assert.deepEqual([value, reason, variant], [true, 'STALE', 'on']);
  assert.deepEqual(await page.load(snapshot({ version: 2 })), { ok: false, code: 'EXPIRED' });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});

test('load adopts a newer snapshot and tells which flags changed for this context', async () => {
  clock();
  const page = await client({ country: 'DE', visitorId: 'v1' });
  assert.equal(page.getStringValue('fixed', ''), 'always');
  const heard = [];
  page.on('configurationChanged', (event) => heard.push(event));
  const next = snapshot({ version: 2, ruleset: (text) => text.replace('"always"', '"now and then"') });
  assert.deepEqual(await page.load(next), { ok: true, version: 2 });
  assert.deepEqual(heard, [{ version: 2, flagsChanged: ['fixed'] }]);
  assert.equal(page.getStringValue('fixed', ''), 'now and then');
  assert.equal(page.snapshot.version, 2);
  assert.deepEqual(await page.load(next), { ok: true, version: 2 });
  assert.equal(heard.length, 1, 'the same snapshot again changes nothing');
});

test('the snapshot in force is described', async () => {
  clock();
  const page = await client({});
  const { version, issued, expires, digest } = page.snapshot;
  assert.equal(version, 1);
  assert.equal(issued, Date.parse('2026-01-20T00:00Z'));
  assert.equal(expires, Date.parse('2026-12-31T00:00Z'));
  assert.match(digest, /^[\da-f]{64}$/);
});

test('ready is heard by handlers that come late, unless they left again', async () => {
  clock();
  const page = await client({});
  const heard = [];
  page.on('ready', ({ version }) => heard.push(version));
  page.on('ready', () => heard.push('gone'))();
  await null;
  assert.deepEqual(heard, [1]);
});

test('a handler that throws harms nobody', async (t) => {
  clock();
  const page = await client({});
  const shown = t.mock.method(console, 'error', () => {});
  const heard = [];
  page.on('contextChanged', () => {
    throw new Error('mine');
  });
  page.on('contextChanged', () => heard.push('other'));
  page.setContext({});
  await null;
  assert.deepEqual(heard, ['other']);
  assert.equal(shown.mock.callCount(), 1);
});

test('a closed client answers defaults', async () => {
  clock();
  const page = await client({ country: 'DE' });
  page.close();
  page.close();
  const { value, reason, errorCode } = page.getBooleanDetails('on-in-germany', false);
  assert.deepEqual([value, reason, errorCode], [false, 'ERROR', 'GENERAL']);
  assert.deepEqual(await page.load(SNAPSHOT), { ok: false, code: 'GENERAL' });
  assert.equal(page.status().code, 'GENERAL');
  page.track('late');
  page.setContext({});
  await page.flush();
  assert.equal(page.snapshot, undefined);
});
