// Each text that a page can hand over has a bound, or is read in one go: 4 MB of it hold no page up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { urlAttributes } from '../dist/context.js';
import { recorder } from '../dist/exposures.js';
import { hydrate } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { overrides, preview } from '../dist/preview.js';
import { decide } from '../dist/server.js';
import { testClient } from '../dist/testing.js';
import { clock, settled, snapshot, storage, TRUST } from './fixture.mjs';

const LONG = 'x'.repeat(1 << 22);
/** Processor time of each, in milliseconds. Before they had bounds, those took 1,800 to 9,000 that were read unit by unit. */
const MOST = 800;
const ENDPOINT = 'http://127.0.0.1:9/v1/logs';
const SNAPSHOT = snapshot();
const context = { visitorId: 'v1', country: 'DE' };

test.beforeEach(() => {
  clock();
  storage();
});

/** A client that records, what it is told to leave out, and what it records. */
async function open(more = {}, recording = {}) {
  const options = { snapshot: SNAPSHOT, trust: TRUST, context, quiet: true, ...more };
  const exposures = recorder({ endpoint: ENDPOINT, robot: false, ...recording });
  const client = await createClient({ ...options, exposures });
  const told = [];
  client.on('error', ({ message }) => told.push(message));
  return { client, told };
}

/** Does it, and returns what it took the processor. */
async function timed(work) {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

const reads = (client) => [client.getBooleanValue('on-in-germany', false), client.peek('cta', '').reason];

const TEXTS = {
  'the name of an event': ({ client }) => client.track(LONG, { dedupe: 'order-1' }),
  'a dedupe': ({ client }) => client.track('purchase', { dedupe: LONG }),
  'a dedupe that is a big integer': ({ client }) => client.track('purchase', { dedupe: 10n ** 200_000n }),
  'a property': ({ client }) => client.track('purchase', { text: LONG, deep: { list: [LONG] } }),
  "a property's name": ({ client }) => client.track('purchase', { [LONG]: 1 }),
  "what is in an event's place": ({ client }) => client.track('purchase', LONG),
  'a key': ({ client }) => {
    assert.equal(client.getStringDetails(LONG, '').errorCode, 'FLAG_NOT_FOUND');
    client.expose(LONG);
  },
  'a default': ({ client }) => assert.equal(client.getStringValue('absent', LONG), LONG),
  'a unit and an attribute': ({ client }) => {
    client.setContext({ visitorId: LONG, country: LONG });
    assert.deepEqual(reads(client), [false, 'DEFAULT']);
  },
  'a list of an attribute': ({ client }) => {
    client.setContext({ visitorId: 'v1', country: [LONG] });
    assert.deepEqual(reads(client), [false, 'SPLIT']);
  },
  'the name of an attribute': ({ client }) => client.setContext({ [LONG]: 1 }),
  'the context': ({ client }) => {
    client.setContext(LONG);
    assert.deepEqual(reads(client), [false, 'DEFAULT']);
  },
  consent: ({ client }) => client.exposures.setConsent(LONG),
  'an event to listen to': ({ client }) => client.on(LONG, () => {})(),
  'an URL': async ({ client }) => assert.deepEqual(await client.load(`no:${LONG}`), { ok: false, code: 'UNREACHABLE' }),
  unitKey: async () => {
    const { client, told } = await open({}, { unitKey: LONG });
    reads(client);
    client.getStringValue('cta', '');
    await settled();
    assert.deepEqual([told, client.exposures.status().code], [['INVALID_EXPOSURES: wrong option: unitKey'], 'INVALID_EXPOSURES']);
    client.close();
  },
  "options of a recorder, and one's name": async () => {
    for (const name of ['mode', 'consent', 'robot', LONG]) (await open({}, { [name]: LONG })).client.close();
  },
  trust: async () => {
    for (const trust of [LONG, ...['project', 'environment', 'epoch', 'keys', 'require'].map((name) => ({ ...TRUST, [name]: LONG }))])
      (await open({ trust })).client.close();
  },
  'options of a client': async () => {
    (await createClient(LONG)).close();
    (await open({ timeout: LONG, start: LONG, [LONG]: 1 })).client.close();
  },
  'a preview token': async () => {
    const { client, told } = await open({ preview: preview(LONG) });
    await settled();
    assert.match(told.join(), /^preview MALFORMED/);
    client.close();
  },
  overrides: async () => {
    for (const flags of [LONG, { cta: LONG }, { [LONG]: 'bold' }])
      (await open({ overrides: overrides(flags, { keep: 'page' }) })).client.close();
  },
  'an address': () => urlAttributes(`https://shop.example/?utm_source=${LONG}`, LONG),
  'attributes that server and page compare, and a nonce': ({ client }) => {
    const asked = { visitorId: 'v1', country: LONG };
    const { json } = decide(client, { context: asked, same: ['visitorId', 'country'], nonce: LONG });
    const page = (context) => hydrate(() => client, { trust: TRUST, context }, json).status().code;
    globalThis.document = {};
    const codes = [page(asked), page({ ...asked, country: `${LONG}y` }), page({ ...asked, country: 'DE' }), page({ visitorId: 'v1' })];
    delete globalThis.document;
    // Rules can tell neither from the other.
    assert.deepEqual(codes, [undefined, undefined, 'HYDRATION_MISMATCH', 'HYDRATION_MISMATCH']);
  },
  'what a server wrote': () => hydrate(createClient, { snapshot: SNAPSHOT, trust: TRUST, context }, LONG),
  'flags of a test': () => testClient({ flags: { [LONG]: LONG }, context: { visitorId: LONG } }).setFlag(LONG, LONG),
};

for (const [what, hand] of Object.entries(TEXTS)) {
  test(`4 MB as ${what}`, async () => {
    const it = await open();
    const took = await timed(() => hand(it));
    await settled();
    it.client.close();
    assert.ok(took < MOST, `${Math.round(took)} ms`);
  });
}

test('a name or a dedupe of 1,024 UTF-16 units is one, and of more none, which is told', async () => {
  const { client, told } = await open();
  const [most, more] = [1_024, 1_025].map((length) => '€'.repeat(length));
  client.track(most, { dedupe: most });
  client.track('purchase', { dedupe: 1e100 });
  await settled();
  assert.deepEqual([told, client.status().queued], [[], 2]);
  client.track(more);
  client.track('purchase', { dedupe: more });
  for (const dedupe of [1e101, -Infinity, 10n ** 101n]) client.track('purchase', { dedupe });
  await settled();
  const name = `INVALID_EVENT: ${more.slice(0, 100)}: left out name`;
  assert.deepEqual([told, client.status().queued], [[name, ...Array(4).fill('INVALID_EVENT: purchase: left out dedupe')], 6]);
  client.close();
});
