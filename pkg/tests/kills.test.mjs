// Kills are obeyed wherever a flag's value may come from: a server's decisions, a request's view, overrides, a token, what a unit keeps, what was
// exposed, pinned rules, and flags that ask for the killed one. All of it by lists that `waft kill` signed, over real HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { head } from '../dist/head.js';
import { hydrate } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { overrides, preview } from '../dist/preview.js';
import { contexts, decide, handOver, withContext } from '../dist/server.js';
import { pin, poll } from '../dist/updates.js';
import { clock, PREVIEW_TRUST, settled, snapshot, storage, token, until } from './fixture.mjs';
import { Publisher, site, trusting } from './heads.mjs';

/** Lists are of this very moment, so are rules. */
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const at = (moment) => new Date(moment).toISOString();
const made = (more) => snapshot({ issued: at(NOW - 86_400_000), expires: '2040-01-01T00:00Z', ...more });
const FIRST = made();
const KILL = trusting(['kill']);
const CONTEXT = { visitorId: 'v4', accountId: 7, country: 'DE' };
const KILLED = ['plain', 'DISABLED', true];
const SAME = ['visitorId', 'accountId', 'country'];

test.beforeEach((t) => {
  clock(NOW);
  storage();
  t.mock.method(console, 'warn', () => {});
});
test.afterEach(() => {
  delete globalThis.document;
});

async function open(t, it, more) {
  const page = await createClient({ snapshot: it.url('/s.waft'), trust: KILL, context: CONTEXT, head: head(), ...more });
  t.after(() => page.close());
  return page;
}

/** A flag as a client tells it. */
function told(page, key = 'cta') {
  const { variant, reason, flagMetadata } = page.peek(key);
  return [variant, reason, flagMetadata.killed];
}

/** What a client exposes, as it does. */
function exposed(page) {
  const made = [];
  page.on('exposure', ({ flagKey }) => made.push(flagKey));
  return made;
}

test('waft/server: a client that polls the head hands over what is killed, whatever the page knows, and nothing to expose', async (t) => {
  const publisher = new Publisher(KILL);
  const sticky = (text) => text.replace('  cta:\n    unit: visitor\n', '  cta:\n    unit: visitor\n    sticky: true\n');
  const it = await site(t, { '/s.waft': made({ ruleset: sticky }) });
  const client = await open(t, it, { exposures: handOver(), updates: poll({ every: 1_000 }) });
  const handed = () => JSON.parse(decide(client, { context: CONTEXT, same: SAME }).json);
  // A unit keeps its variant, which its browser alone knows.
  assert.deepEqual(handed().undecided, ['cta']);
  it.files['/head.waft'] = publisher.kill('cta', 'price');
  await until(() => told(client)[2]);
  const { flags, undecided } = handed();
  assert.deepEqual(
    [flags.cta, flags.price, undecided],
    [
      { value: 'Buy', variant: 'plain', reason: 'DISABLED', exposures: [], killed: true },
      { value: 1, variant: 'low', reason: 'DISABLED', exposures: [], killed: true },
      [],
    ],
  );
  assert.equal(decide(client, { context: CONTEXT, same: SAME }).getStringValue('cta', ''), 'Buy');
  it.files['/head.waft'] = publisher.unkill('cta');
  await until(() => !told(client)[2]);
  assert.deepEqual([handed().undecided, handed().flags.price.killed], [['cta'], true]);
});

test('withContext: every view obeys, also one that was made before', async (t) => {
  const publisher = new Publisher(KILL);
  const it = await site(t, { '/s.waft': FIRST });
  const shared = await open(t, it, { contexts: contexts(), updates: poll({ every: 1_000 }) });
  const views = Array.from({ length: 8 }, (_, index) => withContext(shared, { visitorId: `v${index}` }));
  const variants = () => new Set(views.map((view) => view.getStringValue('cta', '')));
  assert.equal(variants().size, 2);
  it.files['/head.waft'] = publisher.kill('cta');
  await until(() => told(shared)[2]);
  assert.deepEqual(variants(), new Set(['Buy']));
  for (const view of [...views, withContext(shared, { visitorId: 'later' })]) {
    assert.deepEqual([told(view), view.all().cta.flagMetadata.killed], [KILLED, true]);
  }
});

/** A page's client that starts from what a server decided, and its own. */
async function hydrated(t, it, json, more) {
  globalThis.document = {};
  const exposures = recorder({ endpoint: it.url('/v1/logs'), robot: false });
  const options = { snapshot: it.url('/s.waft'), trust: KILL, context: CONTEXT, head: head(), exposures, ...more };
  const client = hydrate(createClient, options, json);
  t.after(() => client.close());
  return client;
}

async function decided(t, it, more) {
  const server = await open(t, it, { exposures: handOver(), ...more });
  const { json } = decide(server, { context: CONTEXT, same: SAME });
  server.close();
  await settled();
  storage();
  return json;
}

test("waft/hydrate: a kill ends a server's decision that was shown, when the page's rules come and later", async (t) => {
  const publisher = new Publisher(KILL);
  const it = await site(t, { '/s.waft': FIRST });
  const json = await decided(t, it);
  const { cta, price } = JSON.parse(json).flags;
  assert.deepEqual([cta.reason, price.reason], ['SPLIT', 'SPLIT']);
  // The server did not know yet.
  it.files['/head.waft'] = publisher.kill('cta');
  const client = await hydrated(t, it, json);
  assert.equal(client.getNumberValue('price', 0), price.value);
  assert.equal(client.peek('cta').variant, cta.variant);
  assert.equal(await client.ready(), true);
  const made = exposed(client);
  assert.deepEqual([client.getStringValue('cta', ''), told(client), client.all().cta.reason], ['Buy', KILLED, 'DISABLED']);
  client.expose('cta');
  assert.deepEqual([made, told(client, 'price')[1], client.status().disagreed], [[], 'SPLIT', 0]);
  // Now what is shown, and was exposed.
  it.files['/head.waft'] = publisher.kill('price');
  await client.load(it.url('/s.waft'));
  assert.deepEqual([client.getNumberValue('price', 0), told(client, 'price')], [1, ['low', 'DISABLED', true]]);
  assert.deepEqual(made, []);
});

test("waft/hydrate: a list that an earlier page view has kept ends a server's decision without a network", async (t) => {
  const it = await site(t, { '/s.waft': FIRST });
  const json = await decided(t, it);
  it.files['/head.waft'] = new Publisher(KILL).kill('cta');
  (await open(t, it)).close();
  await settled();
  it.files['/head.waft'] = it.files['/s.waft'] = 'cut';
  const client = await hydrated(t, it, json);
  await client.ready();
  assert.deepEqual(told(client), KILLED);
});

test('waft/hydrate: what the server killed is off at once, exposes nothing, and stays off where the page has no list', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': new Publisher(KILL).kill('cta') });
  const json = await decided(t, it);
  delete it.files['/head.waft'];
  const client = await hydrated(t, it, json);
  const made = exposed(client);
  assert.deepEqual([client.getStringValue('cta', ''), told(client), client.initial.cta.flagMetadata.killed], ['Buy', KILLED, true]);
  await client.ready();
  assert.deepEqual([client.getStringValue('cta', ''), made], ['Buy', []]);
});

test('overrides and a preview token show no flag that is killed; when it comes back, they do', async (t) => {
  const trust = trusting(['kill'], PREVIEW_TRUST);
  const publisher = new Publisher(trust);
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': publisher.kill('cta', 'early') });
  const fixed = overrides({ cta: 'bold' }, { keep: 'page' });
  const shown = token(FIRST, { early: 'on', price: 'high' }, { expires: at(NOW + 86_400_000), now: NOW });
  const exposures = recorder({ endpoint: it.url('/v1/logs'), robot: false });
  const page = await open(t, it, { trust, overrides: fixed, preview: preview(shown), exposures });
  const made = exposed(page);
  assert.deepEqual(
    [told(page), told(page, 'early'), told(page, 'price')],
    [KILLED, ['off', 'DISABLED', true], ['high', 'STATIC', undefined]],
  );
  assert.equal(page.getStringValue('cta', ''), 'Buy');
  fixed.set('price', 'low');
  it.files['/head.waft'] = publisher.kill('price');
  await page.load(it.url('/s.waft'));
  assert.deepEqual([told(page, 'price'), made], [['low', 'DISABLED', true], []]);
  it.files['/head.waft'] = publisher.unkill('cta', 'early');
  await page.load(it.url('/s.waft'));
  assert.deepEqual(
    [told(page), told(page, 'early')],
    [
      ['bold', 'STATIC', undefined],
      ['on', 'STATIC', undefined],
    ],
  );
});

test('what a unit keeps: off while it is killed, kept nevertheless, and not given anew', async (t) => {
  const publisher = new Publisher(KILL);
  const sticky = (split) => (text) =>
    text
      .replace('  cta:\n    unit: visitor\n', '  cta:\n    unit: visitor\n    sticky: true\n')
      .replaceAll('split: { plain: 50%, bold: 50% }', `split: ${split}`);
  const it = await site(t, { '/s.waft': made({ ruleset: sticky('{ plain: 0%, bold: 100% }') }) });
  const visit = async () => open(t, it, { exposures: recorder({ endpoint: it.url('/v1/logs'), robot: false }) });
  const first = await visit();
  assert.equal(first.getStringDetails('cta', '').variant, 'bold');
  first.close();
  const [kept] = localStorage.keys('waft:sticky').map((key) => localStorage.getItem(key));
  assert.match(kept, / bold$/);
  it.files['/s.waft'] = made({ version: 2, ruleset: sticky('{ plain: 100%, bold: 0% }') });
  it.files['/head.waft'] = publisher.kill('cta');
  const killed = await visit();
  assert.deepEqual([killed.getStringValue('cta', ''), told(killed)], ['Buy', KILLED]);
  // Nobody is given a variant meanwhile.
  killed.setContext({ visitorId: 'other' });
  assert.equal(killed.getStringValue('cta', ''), 'Buy');
  killed.close();
  assert.equal(localStorage.getItem(localStorage.keys('waft:sticky')[0]), kept);
  it.files['/head.waft'] = publisher.unkill('cta');
  assert.deepEqual(told(await visit()), ['bold', 'SPLIT', undefined]);
});

test('flags that require or ask for a killed one find it off', async (t) => {
  const others = `  needs:
    type: boolean
    whenOff: off
    requires: { on-in-germany: on }
    default: on
  asks:
    type: boolean
    whenOff: off
    rules:
      - { id: ask, if: { flag: { on-in-germany: on } }, serve: on }
    default: off
experiments:`;
  const publisher = new Publisher(KILL);
  const it = await site(t, { '/s.waft': made({ ruleset: (text) => text.replace('experiments:', others) }) });
  const page = await open(t, it);
  const changes = [];
  page.on('configurationChanged', ({ flagsChanged }) => changes.push(flagsChanged.toSorted()));
  const values = () => ['on-in-germany', 'needs', 'asks'].map((key) => page.getBooleanValue(key, false));
  assert.deepEqual(values(), [true, true, true]);
  it.files['/head.waft'] = publisher.kill('on-in-germany');
  await page.load(it.url('/s.waft'));
  assert.deepEqual(
    [values(), told(page, 'needs'), told(page, 'asks')[2]],
    [[false, false, false], ['off', 'DISABLED', undefined], undefined],
  );
  it.files['/head.waft'] = publisher.unkill('on-in-germany');
  await page.load(it.url('/s.waft'));
  assert.deepEqual([values(), changes], [[true, true, true], Array(2).fill(['asks', 'needs', 'on-in-germany'])]);
});

test('pin: a variant that was exposed is off at once; what newer rules switch off stays off when the list lets go of it', async (t) => {
  const publisher = new Publisher(KILL);
  const it = await site(t, { '/s.waft': FIRST });
  const exposures = recorder({ endpoint: it.url('/v1/logs'), robot: false });
  const page = await open(t, it, { updates: pin({ every: 1_000 }), exposures });
  page.setContext({ ...CONTEXT, visitorId: 'v1' });
  const { variant } = page.getStringDetails('cta', '');
  assert.equal(told(page)[1], 'SPLIT');
  it.files['/head.waft'] = publisher.kill('cta', 'on-in-germany');
  await until(() => told(page)[2]);
  assert.deepEqual([told(page), told(page, 'on-in-germany')], [KILLED, ['off', 'DISABLED', true]]);
  // The release says so itself, and then the list need not.
  it.files['/s.waft'] = made({
    version: 2,
    ruleset: (text) => text.replace('  on-in-germany:\n', '  on-in-germany:\n    enabled: false\n'),
  });
  await until(() => localStorage.keys('waft:seen').some((key) => localStorage.getItem(key).startsWith('2 ')));
  it.files['/head.waft'] = publisher.unkill('cta', 'on-in-germany');
  await until(() => !told(page)[2]);
  assert.deepEqual(
    [told(page), told(page, 'on-in-germany'), page.snapshot.version],
    [[variant, 'SPLIT', undefined], ['off', 'DISABLED', undefined], 1],
  );
});
