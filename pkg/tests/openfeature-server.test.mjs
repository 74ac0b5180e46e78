// The provider for servers under OpenFeature's own SDK: a context an evaluation, exposures handed over, and what is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncLocalStorageTransactionContextPropagator, OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { WaftProvider } from '../dist/openfeature-server.js';
import { collector } from './collector.mjs';
import { clock, evaluate, server, snapshot, storage, TRUST, until } from './fixture.mjs';

const SNAPSHOT = snapshot();
const make = (options) => createClient({ snapshot: SNAPSHOT, trust: TRUST, ...options });

test.beforeEach(() => {
  clock();
  OpenFeature.setLogger({ error() {}, warn() {}, info() {}, debug() {} });
});
test.afterEach(() => OpenFeature.clearProviders());

const CONTEXTS = Array.from({ length: 20 }, (_, n) => ({
  visitorId: `v${n}`,
  ...(n % 3 && { accountId: n }),
  ...(n % 2 && { country: 'DE' }),
}));

test('1,000 interleaved evaluations: each has its own context, and exposes what is its own', async () => {
  const expected = CONTEXTS.map((context) => evaluate(SNAPSHOT, context));
  await OpenFeature.setProviderAndWait(new WaftProvider(make));
  const client = OpenFeature.getClient();
  const reads = {
    'on-in-germany': (context) => client.getBooleanDetails('on-in-germany', false, context),
    cta: (context) => client.getStringDetails('cta', '', context),
    price: (context) => client.getNumberDetails('price', 0, context),
    fixed: (context) => client.getStringDetails('fixed', '', context),
  };
  const pause = (n) => (n % 2 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, n % 7)));
  const work = Array.from({ length: 1_000 }, async (_, n) => {
    const at = (n * 7) % CONTEXTS.length;
    const [flag, read] = Object.entries(reads)[n % 4];
    await pause(n);
    const { value, reason, variant, flagMetadata } = await read(CONTEXTS[at]);
    const native = expected[at][flag];
    assert.deepEqual([value, variant, reason], [native.value, native.variant, native.reason], `${n}: ${flag}`);
    const exposed = JSON.parse(flagMetadata.exposures ?? '[]');
    assert.deepEqual(
      exposed,
      (native.exposures ?? []).map((exposure) => ({ flagKey: flag, ...exposure })),
    );
    return exposed.length;
  });
  const exposed = (await Promise.all(work)).reduce((sum, count) => sum + count, 0);
  assert.ok(exposed > 300 && exposed < 500, `${exposed} exposures`);
});

test('an exposure is what a page would record: its id and its parts', async (t) => {
  const it = await collector(t);
  const context = { visitorId: 'v1', accountId: 7 };
  const page = await make({ context, exposures: recorder({ endpoint: it.url }) });
  const recorded = [];
  page.on('exposure', (exposure) => recorded.push(exposure));
  page.getStringValue('cta', '');
  await until(() => recorded.length, 'it is recorded');
  page.close();
  await OpenFeature.setProviderAndWait(new WaftProvider(make));
  const { flagMetadata } = await OpenFeature.getClient().getStringDetails('cta', '', context);
  const { sticky: _, ...exposure } = recorded[0];
  assert.deepEqual(JSON.parse(flagMetadata.exposures), [exposure]);
});

test('the contexts of the SDK are merged, and the targeting key is the visitor', async () => {
  OpenFeature.setTransactionContextPropagator(new AsyncLocalStorageTransactionContextPropagator());
  OpenFeature.setContext({ country: 'DE' });
  await OpenFeature.setProviderAndWait(new WaftProvider(make));
  const client = OpenFeature.getClient();
  assert.equal(await client.getBooleanValue('on-in-germany', false), true);
  assert.equal(await client.getBooleanValue('on-in-germany', false, { country: 'FR' }), false);
  await OpenFeature.setTransactionContext({ targetingKey: 'v1' }, async () => {
    assert.equal((await client.getStringDetails('cta', '')).reason, 'SPLIT');
  });
  OpenFeature.setContext({});
  assert.equal((await client.getStringDetails('cta', '')).reason, 'DEFAULT');
});

test('a client that was made elsewhere is not closed, and what it records it is not told to', async (t) => {
  const it = await collector(t);
  const own = await make({ exposures: recorder({ endpoint: it.url }) });
  await OpenFeature.setProviderAndWait(new WaftProvider(own, { snapshotMetadata: true }));
  const { flagMetadata, variant } = await OpenFeature.getClient().getStringDetails('cta', '', { targetingKey: 'v1' });
  assert.deepEqual([flagMetadata, typeof variant], [{ version: 1, ruleIndex: 0 }, 'string']);
  await OpenFeature.clearProviders();
  await own.flush();
  assert.deepEqual([it.bodies.length, own.getStringValue('fixed', '')], [0, 'always']);
  own.close();
});

test('errors end when rules come, change and expire', async (t) => {
  const move = clock();
  let answer = [404];
  const url = await server(t, () => answer);
  const client = OpenFeature.getClient();
  const heard = [];
  for (const event of Object.values(ProviderEvents))
    client.addHandler(event, ({ flagsChanged }) => heard.push([event, ...(flagsChanged ?? [])].join(' ')));
  await new Promise((resolve) => setTimeout(resolve, 5));
  heard.splice(0);
  const provider = new WaftProvider(({ exposures }) => make({ snapshot: url, exposures }));
  await assert.rejects(OpenFeature.setProviderAndWait(provider), { code: 'PROVIDER_NOT_READY' });
  const { value, errorCode } = await client.getStringDetails('fixed', 'mine');
  assert.deepEqual([client.providerStatus, value, errorCode], ['ERROR', 'mine', 'PROVIDER_NOT_READY']);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const expires = '2026-02-01T00:00:01Z';
  answer = [200, snapshot({ expires })];
  await provider.client.load(url);
  answer = [200, snapshot({ expires, version: 2, ruleset: (text) => text.replace('"always"', '"now"') })];
  await provider.client.load(url);
  move(Date.parse('2026-02-01T00:00:02Z'));
  await until(() => client.providerStatus === 'STALE', 'it is stale');
  const ready = 'PROVIDER_READY';
  assert.deepEqual(heard, ['PROVIDER_ERROR', ready, 'PROVIDER_CONFIGURATION_CHANGED fixed', 'PROVIDER_STALE']);
  await assert.rejects(OpenFeature.setProviderAndWait(new WaftProvider(() => make({ snapshot: new Uint8Array(9) }))), {
    code: 'PROVIDER_FATAL',
  });
  assert.equal((await client.getStringDetails('fixed', 'mine')).errorCode, 'PROVIDER_FATAL');
});

test('every member of a client works where exposures are handed over', async () => {
  storage();
  let client;
  const made = async (given) => (client = await make({ ...given, context: { visitorId: 'v1' } }));
  await OpenFeature.setProviderAndWait(new WaftProvider(made));
  client.getStringValue('cta', '');
  client.track('purchase');
  client.exposures.setConsent('granted');
  await client.flush();
  assert.deepEqual([client.exposures.status(), client.status()], [undefined, { queued: 0, sent: 0, dropped: 0 }]);
  assert.deepEqual(await client.load(snapshot({ version: 2 })), { ok: true, version: 2 });
  // Storage is full: there is nothing to make room of.
  localStorage.refuse = true;
  assert.deepEqual(await client.load(snapshot({ version: 3 })), { ok: true, version: 3 });
});
