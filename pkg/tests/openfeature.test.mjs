// The provider for pages under OpenFeature's own SDK: what it reads, what it tells, and what is exposed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { exposeHook, WaftProvider } from '../dist/openfeature.js';
import { collector } from './collector.mjs';
import { clock, server, snapshot, storage, TRUST, until } from './fixture.mjs';

const SNAPSHOT = snapshot();
const make = (options) => createClient({ snapshot: SNAPSHOT, trust: TRUST, ...options });
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

/** An SDK, with what it was told. It logs nothing. */
function sdk(domain) {
  const client = OpenFeature.getClient(domain);
  const heard = [];
  for (const event of Object.values(ProviderEvents)) {
    client.addHandler(event, ({ flagsChanged, errorCode }) => heard.push([event, flagsChanged ?? errorCode].filter(Boolean).join(' ')));
  }
  return { client, heard };
}

test.beforeEach(() => {
  clock();
  storage();
  OpenFeature.setLogger({ error() {}, warn() {}, info() {}, debug() {} });
});
test.afterEach(async () => {
  await OpenFeature.clearProviders();
  await OpenFeature.clearContexts();
  OpenFeature.clearHooks();
});

test('reads of each type, with reasons, variants and error codes', async () => {
  await OpenFeature.setProviderAndWait(new WaftProvider(make), { country: 'DE', visitorId: 'v1', accountId: 7 });
  const { client } = sdk();
  const shown = ({ value, variant, reason, errorCode, flagMetadata }) => [value, variant, reason, errorCode, flagMetadata];
  assert.deepEqual(shown(client.getBooleanDetails('on-in-germany', false)), [true, 'on', 'TARGETING_MATCH', undefined, {}]);
  assert.deepEqual(shown(client.getStringDetails('fixed', '')), ['always', 'only', 'STATIC', undefined, {}]);
  assert.deepEqual(shown(client.getNumberDetails('disabled', 0)), [29.5, 'low', 'DISABLED', undefined, {}]);
  assert.equal(client.getStringDetails('cta', '').reason, 'SPLIT');
  const { value } = client.getObjectDetails('theme', {});
  assert.deepEqual([value.accent, Object.isFrozen(value.sizes)], ['teal', true]);
  for (const none of [null, [], 'text', 3, true]) {
    assert.equal(client.getObjectValue('theme', none).accent, 'teal');
    assert.deepEqual(shown(client.getObjectDetails('fixed', none)), [none, undefined, 'ERROR', 'TYPE_MISMATCH', {}]);
  }
  assert.deepEqual(shown(client.getBooleanDetails('fixed', true)), [true, undefined, 'ERROR', 'TYPE_MISMATCH', {}]);
  assert.deepEqual(shown(client.getNumberDetails('absent', 3)), [3, undefined, 'ERROR', 'FLAG_NOT_FOUND', {}]);
});

test('where a unit is missing, the value is what rules say, and a message tells', async () => {
  await OpenFeature.setProviderAndWait(new WaftProvider(make), { visitorID: 'v1' });
  const { client } = sdk();
  const { variant, reason, errorCode, errorMessage } = client.getStringDetails('cta', 'mine');
  assert.deepEqual([reason, errorCode, errorMessage], ['DEFAULT', undefined, 'TARGETING_KEY_MISSING: visitorId']);
  assert.ok(variant);
});

test('the version and the rule that decided, for whoever wants them', async () => {
  await OpenFeature.setProviderAndWait(new WaftProvider(make, { snapshotMetadata: true }), { country: 'DE' });
  const { client } = sdk();
  assert.deepEqual(client.getBooleanDetails('on-in-germany', false).flagMetadata, { version: 1, ruleIndex: 0 });
  assert.deepEqual(client.getStringDetails('fixed', '').flagMetadata, { version: 1 });
});

test('a context change is decided at once; the targeting key is the visitor, or the attribute that is named', async () => {
  const contexts = [];
  const made = async ({ context }) => {
    const client = await make({ context });
    client.on('contextChanged', ({ context }) => contexts.push(context));
    return client;
  };
  await OpenFeature.setProviderAndWait(new WaftProvider(made), { targetingKey: 'v1' });
  const { client, heard } = sdk();
  assert.equal(client.getStringDetails('cta', '').reason, 'SPLIT');
  assert.equal(client.getBooleanValue('on-in-germany', false), false);
  OpenFeature.setContext({ targetingKey: 'v1', country: 'DE' });
  assert.equal(client.getBooleanValue('on-in-germany', false), true);
  await settled();
  assert.deepEqual(heard, ['PROVIDER_READY', 'PROVIDER_CONTEXT_CHANGED']);
  await OpenFeature.setContext({ targetingKey: 'v1', visitorId: 'v2' });
  await OpenFeature.setContext({});
  assert.deepEqual(contexts, [{ visitorId: 'v1', targetingKey: 'v1', country: 'DE' }, { targetingKey: 'v1', visitorId: 'v2' }, {}]);
  await OpenFeature.setProviderAndWait(new WaftProvider(make, { targetingKey: 'country' }), { targetingKey: 'DE' });
  assert.equal(client.getBooleanValue('on-in-germany', false), true);
});

test('a context that changes while the client is awaited is the one that decides', async () => {
  const releases = [];
  const slow = ({ context }) => new Promise((resolve) => releases.push(() => resolve(make({ context }))));
  const provider = new WaftProvider(slow);
  const started = OpenFeature.setProviderAndWait(provider, { country: 'FR' });
  const { client, heard } = sdk();
  const changed = [OpenFeature.setContext({ targetingKey: 'v1' }), OpenFeature.setContext({ targetingKey: 'v1', country: 'DE' })];
  await settled();
  assert.deepEqual(
    [client.getBooleanDetails('on-in-germany', false).errorCode, heard],
    ['PROVIDER_NOT_READY', ['PROVIDER_RECONCILING', 'PROVIDER_RECONCILING']],
  );
  releases.shift()();
  await Promise.all([started, ...changed]);
  assert.deepEqual([client.getBooleanValue('on-in-germany', false), client.getStringDetails('cta', '').reason], [true, 'SPLIT']);
  assert.equal(client.providerStatus, 'READY');
  // It is not asked for again by the next provider.
  await OpenFeature.clearProviders();
  await OpenFeature.setContext({});
  const again = OpenFeature.setProviderAndWait(new WaftProvider(slow), { country: 'FR' });
  releases.shift()();
  await again;
  assert.equal(client.getBooleanValue('on-in-germany', true), false);
});

test('a context that changes where there is no client to come: the provider is not ready', async () => {
  const provider = new WaftProvider(() => Promise.reject(new Error('mine')));
  await assert.rejects(OpenFeature.setProviderAndWait(provider), { message: 'mine' });
  await OpenFeature.setContext({ country: 'DE' }).catch(() => {});
  assert.equal(OpenFeature.getClient().providerStatus, 'ERROR');
});

test('a client that was made elsewhere keeps its context until OpenFeature has one, and is not closed', async () => {
  const own = await make({ context: { country: 'DE' } });
  await OpenFeature.setProviderAndWait(new WaftProvider(own));
  const { client } = sdk();
  assert.equal(client.getBooleanValue('on-in-germany', false), true);
  await OpenFeature.setContext({ country: 'FR' });
  assert.equal(client.getBooleanValue('on-in-germany', true), false);
  await OpenFeature.clearProviders();
  assert.equal(own.getStringValue('fixed', ''), 'always');
  const provider = new WaftProvider(own);
  await OpenFeature.setProviderAndWait(provider, { country: 'DE' });
  assert.deepEqual([client.getBooleanValue('on-in-germany', false), provider.client], [true, own]);
  own.close();
});

test('what is made when the SDK starts the provider is closed when the SDK is done with it, also if it comes later', async () => {
  const clients = [];
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const slow = new WaftProvider(async ({ context }) => {
    await held;
    const client = await make({ context });
    clients.push(client);
    return client;
  });
  OpenFeature.setProvider(slow);
  const { client, heard } = sdk();
  assert.equal(client.getStringDetails('fixed', 'mine').errorCode, 'PROVIDER_NOT_READY');
  assert.equal(slow.resolveStringEvaluation('fixed', 'mine').errorCode, 'PROVIDER_NOT_READY');
  slow.expose('fixed');
  const quick = new WaftProvider(make);
  await OpenFeature.setProviderAndWait(quick);
  release();
  await until(() => clients[0]?.status().code === 'GENERAL', 'it is closed');
  assert.deepEqual([slow.client, client.getStringValue('fixed', '')], [undefined, 'always']);
  const { client: used } = quick;
  await OpenFeature.clearProviders();
  assert.equal(used.status().code, 'GENERAL');
  assert.equal(heard[0], 'PROVIDER_READY');
});

test('no rules: an error that rules end, if they come later; refused rules are fatal', async (t) => {
  let status = 404;
  const url = await server(t, () => [status, SNAPSHOT]);
  const { client, heard } = sdk();
  await settled();
  // Without a provider, all is well.
  assert.deepEqual(heard.splice(0), ['PROVIDER_READY']);
  const provider = new WaftProvider(({ context }) => make({ context, snapshot: url }));
  await assert.rejects(OpenFeature.setProviderAndWait(provider, { country: 'DE' }), { code: 'PROVIDER_NOT_READY', message: /UNREACHABLE/ });
  const { value, reason, errorCode } = client.getBooleanDetails('on-in-germany', false);
  assert.deepEqual([client.providerStatus, value, reason, errorCode], ['ERROR', false, 'ERROR', 'PROVIDER_NOT_READY']);
  await OpenFeature.setContext({ country: 'DE', loyal: true });
  await settled();
  assert.equal(client.providerStatus, 'ERROR', 'also after a context change');
  status = 200;
  await provider.client.load(url);
  assert.deepEqual([client.providerStatus, client.getBooleanValue('on-in-germany', false)], ['READY', true]);
  assert.deepEqual(heard, ['PROVIDER_ERROR', 'PROVIDER_CONTEXT_CHANGED', 'PROVIDER_ERROR PROVIDER_NOT_READY', 'PROVIDER_READY']);
  const { keys: _, ...strange } = TRUST;
  for (const options of [{ trust: { ...TRUST, project: 'other' } }, { trust: strange }, { snapshot: new Uint8Array(9) }]) {
    storage();
    await assert.rejects(OpenFeature.setProviderAndWait(new WaftProvider(() => make(options))), { code: 'PROVIDER_FATAL' });
    assert.deepEqual([client.providerStatus, client.getStringDetails('fixed', 'mine').errorCode], ['FATAL', 'PROVIDER_FATAL']);
  }
  await assert.rejects(OpenFeature.setProviderAndWait(new WaftProvider(() => Promise.reject(new Error('mine')))), { message: 'mine' });
  assert.equal(client.providerStatus, 'ERROR');
});

test('other rules are a change of configuration; expired ones are stale until others come', async () => {
  const move = clock();
  const provider = new WaftProvider(({ context }) => make({ context, snapshot: snapshot({ expires: '2026-02-01T00:00:01Z' }) }));
  await OpenFeature.setProviderAndWait(provider);
  const { client, heard } = sdk();
  await settled();
  await provider.client.load(
    snapshot({ version: 2, expires: '2026-02-01T00:00:01Z', ruleset: (text) => text.replace('"always"', '"now"') }),
  );
  const changed = 'PROVIDER_CONFIGURATION_CHANGED';
  assert.deepEqual(heard.splice(0), ['PROVIDER_READY', `${changed} fixed`]);
  move(Date.parse('2026-02-01T00:00:02Z'));
  await until(() => client.providerStatus === 'STALE', 'it is stale');
  const { value, reason } = client.getStringDetails('fixed', '');
  assert.deepEqual([value, reason], ['now', 'STALE']);
  await OpenFeature.setContext({ country: 'DE' });
  await settled();
  assert.equal(client.providerStatus, 'STALE', 'also after a context change');
  await provider.client.load(new Uint8Array(9));
  assert.equal(client.providerStatus, 'STALE', 'what is refused changes nothing');
  await provider.client.load(snapshot({ version: 3 }));
  assert.equal(client.providerStatus, 'READY');
  const stale = 'PROVIDER_STALE';
  assert.deepEqual(heard, [stale, 'PROVIDER_CONTEXT_CHANGED', stale, 'PROVIDER_READY', `${changed} fixed`]);
});

test('a client that has expired before it is handed over is stale', async () => {
  const move = clock();
  const own = await make({ snapshot: snapshot({ expires: '2026-02-01T00:00:01Z' }) });
  move(Date.parse('2026-02-01T00:00:02Z'));
  await OpenFeature.setProviderAndWait(new WaftProvider(own));
  const { client } = sdk();
  await until(() => client.providerStatus === 'STALE', 'it is stale');
  own.close();
});

test('nothing is exposed by a read: a hook, a call and reads by choice expose, each unit once', async (t) => {
  const it = await collector(t);
  const made = ({ context }) => make({ context, exposures: recorder({ endpoint: it.url }) });
  const context = { targetingKey: 'v1', accountId: 7 };
  const provider = new WaftProvider(made);
  await OpenFeature.setProviderAndWait(provider, context);
  const { client } = sdk();
  const exposed = async () => {
    await provider.client.flush();
    return it.records.map((record) => record['feature_flag.key'] ?? record.eventName);
  };
  client.getStringValue('cta', '');
  client.getStringDetails('cta', '');
  assert.deepEqual(await exposed(), []);
  client.getStringValue('cta', '', { hooks: [exposeHook()] });
  client.getStringValue('cta', '', { hooks: [exposeHook(provider)] });
  client.getBooleanValue('cta', false, { hooks: [exposeHook()] });
  assert.deepEqual(await exposed(), ['cta']);
  provider.expose('price');
  provider.expose('cta');
  assert.deepEqual(await exposed(), ['cta', 'price']);
  client.track('purchase', { value: 3, dedupe: 'order' });
  await exposed();
  const tracked = it.records.at(-1);
  assert.deepEqual(
    [it.records.length, tracked['waft.event.name'] ?? tracked.eventName, tracked['waft.unit.visitor']],
    [3, 'purchase', 'v1'],
  );
});

test('reads expose where that is asked for', async (t) => {
  const it = await collector(t);
  const provider = new WaftProvider(({ context }) => make({ context, exposures: recorder({ endpoint: it.url }) }), { exposures: 'reads' });
  await OpenFeature.setProviderAndWait(provider, { targetingKey: 'v1' });
  const { client } = sdk();
  client.getStringValue('cta', '');
  client.getStringValue('fixed', '');
  await provider.client.flush();
  assert.deepEqual(
    it.records.map((record) => record['feature_flag.key']),
    ['cta'],
  );
});

test('options that the provider cannot read are told, and it decides', async (t) => {
  const { mock } = t.mock.method(console, 'warn', () => {});
  for (const [options, wrong] of [
    [{ exposure: 'reads' }, ['exposure']],
    [{ exposures: 'read' }, ['exposures']],
    [{ targetingkey: 'accountId' }, ['targetingkey']],
    [{ exposures: undefined, targetingKey: undefined, snapshotMetadata: undefined }, []],
  ]) {
    mock.resetCalls();
    await OpenFeature.setProviderAndWait(new WaftProvider(make, options), { country: 'DE' });
    assert.deepEqual(
      mock.calls.map(({ arguments: [, text] }) => text),
      wrong.map((name) => `WaftProvider: the option ${name} cannot be read`),
    );
    assert.equal(OpenFeature.getClient().getBooleanValue('on-in-germany', false), true);
  }
});

test('a provider is of one domain, as its client has one context; a hook finds that of its client', async (t) => {
  const it = await collector(t);
  const provider = new WaftProvider(({ context }) => make({ context, exposures: recorder({ endpoint: it.url }) }));
  await OpenFeature.setProviderAndWait('shop', provider, { targetingKey: 'v1' });
  const { client } = sdk('shop');
  const other = new WaftProvider(({ context }) => make({ context }));
  await OpenFeature.setProviderAndWait('blog', other, { country: 'DE' });
  OpenFeature.addHooks(exposeHook());
  assert.equal(OpenFeature.getClient('blog').getBooleanValue('on-in-germany', false), true);
  assert.equal(client.getBooleanValue('on-in-germany', false), false);
  client.getStringValue('cta', '');
  await provider.client.flush();
  assert.deepEqual(
    it.records.map((record) => record['feature_flag.key']),
    ['cta'],
  );
  await assert.rejects(OpenFeature.setProviderAndWait('blog', provider), /domain/);
});
