// waft/server's decisions, and a page that starts from them by waft/hydrate: built, with a real engine on both sides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { hydrate } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { decide, handOver, headTags } from '../dist/server.js';
import { collector } from './collector.mjs';
import { CONTEXT, FIRST, NONE, page, served } from './decided.mjs';
import { clock, NOW, settled, snapshot, storage, TRUST, until } from './fixture.mjs';

const OTHER = (text) =>
  text.replace('"always"', '"v2"').replace('  fixed:', '  plus:\n    type: boolean\n    whenOff: off\n    default: off\n  fixed:');
const SAME = ['visitorId'];
const UNITS = [
  ['visitor', 'visitorId', 'v1'],
  ['account', 'accountId', null],
];

let set;
test.beforeEach(() => {
  set = clock();
  storage();
  // A page.
  globalThis.document = {};
});

test('what a server writes: for one visitor, and nothing that ends a script or was not named', async () => {
  const ruleset = (text) => text.replace('"always"', '"</script><!--\\u2028"');
  const { json, html, headers } = await served({ nonce: 'abc+/=" onload=x', flags: ['fixed', 'cta'] }, snapshot({ ruleset }));
  assert.deepEqual(headers, { 'Cache-Control': 'private, no-store' });
  assert.equal(html, `<script type="application/json" id="waft-decided" nonce="abc+/=onload=x">${json}</script>`);
  assert.ok(!/[<\u2028]/.test(json));
  const { snapshot: rules, latest, same, digest, unitIds, flags, undecided, read } = JSON.parse(json);
  assert.deepEqual(
    [rules.version, rules.digest.length, latest, same, digest.length, unitIds, Object.keys(flags).sort(), undecided, read],
    [1, 64, NOW + 300_000, SAME, 32, UNITS, ['cta', 'fixed'], [], []],
  );
  assert.equal(flags.fixed.value, '</script><!--\u2028');
  assert.ok(!/DE|[^a-f\d]7[^a-f\d]/.test(json.replace(/"(?:issued|expires|latest|point)":\d+/g, '')));
});

test('what any page may have in its head: nothing personal, and no way out of an attribute', () => {
  assert.equal(
    headTags({ snapshot: '/s.waft?a=1&b="><script>', modules: ['/page.js', '/shared.js'] }),
    '<link rel="preload" as="fetch" crossorigin="anonymous" href="/s.waft?a=1&#38;b=&#34;&#62;&#60;script&#62;">' +
      '<link rel="modulepreload" href="/page.js"><link rel="modulepreload" href="/shared.js">',
  );
  assert.equal(
    headTags({ snapshot: '/s.waft', head: '/head.waft?"' }),
    '<link rel="preload" as="fetch" crossorigin="anonymous" href="/s.waft">' +
      '<link rel="preload" as="fetch" crossorigin="anonymous" href="/head.waft?&#34;">',
  );
});

test('many requests in one process: each gets its own decisions', async () => {
  const client = await createClient({ snapshot: FIRST, trust: TRUST, exposures: handOver() });
  const asked = Array.from({ length: 1_000 }, (_, at) => ({ visitorId: `v${at}`, country: at % 3 ? 'FR' : 'DE' }));
  const answers = await Promise.all(asked.map(async (context) => decide(client, { context, same: SAME })));
  for (const [at, { json }] of answers.entries()) {
    const { unitIds, flags } = JSON.parse(json);
    client.setContext(asked[at]);
    assert.deepEqual(
      [unitIds[0][2], flags['on-in-germany'].value, flags.cta.variant],
      [`v${at}`, at % 3 === 0, client.peek('cta').variant],
    );
  }
  client.close();
});

test('a page has the flags before its client, and exposes what it showed once it decides alike', async (t) => {
  const { json } = await served();
  const { client, exposed, come } = page(t, json);
  const { variant, value } = client.peek('cta', '');
  assert.ok(variant);
  assert.deepEqual(
    [client.getStringValue('cta', ''), client.getStringValue('fixed', ''), client.getBooleanValue('on-in-germany', false)],
    [value, 'always', true],
  );
  assert.deepEqual([client.getStringValue('absent', 'mine'), client.getNumberValue('fixed', 5)], ['mine', 5]);
  assert.equal(client.getNumberDetails('fixed', 5).errorCode, 'PROVIDER_NOT_READY');
  assert.equal(client.getObjectDetails('theme', {}).value.accent, 'teal');
  assert.deepEqual([client.snapshot.version, client.status()], [1, NONE]);
  client.expose('price');
  assert.deepEqual(exposed, []);
  await come();
  assert.equal(exposed.length, 2);
  assert.ok(exposed.includes(`cta ${variant}`) && exposed.some((told) => told.startsWith('price ')));
  assert.equal(client.getStringDetails('cta', '').reason, 'SPLIT');
  assert.deepEqual([client.status().disagreed, client.status().code, await client.ready()], [0, undefined, true]);
  assert.equal(Object.keys(client.all()).length, 8);
});

test('a client whose rules come later than itself', async (t) => {
  const { json } = await served();
  const { client, exposed, come } = page(t, json);
  client.getStringValue('cta', '');
  const own = await come(new Uint8Array());
  assert.equal(client.getStringValue('fixed', ''), 'always');
  assert.deepEqual(exposed, []);
  await own.load(FIRST);
  await until(() => exposed.length === 1);
});

test('for another visitor, too late, of older rules, or damaged: ignored, and told', async (t) => {
  const { json } = await served();
  const ignored = (text, options) => {
    const { client } = page(t, text, options);
    assert.equal(client.getStringValue('fixed', 'mine'), 'mine');
    assert.deepEqual([client.status().code, client.snapshot], ['HYDRATION_MISMATCH', undefined]);
  };
  ignored(json, { context: { ...CONTEXT, visitorId: 'v2' } });
  ignored(json, { context: {} });
  for (const text of ['{', '{}', 'null', '[]', json.replace('"flags"', '"x"'), json.replace('"same"', '"x"')]) ignored(text);
  set(NOW + 300_000);
  ignored(json);
  set(NOW);
  const newer = await createClient({ snapshot: snapshot({ version: 2 }), trust: TRUST });
  await until(() => localStorage.keys('waft:seen').length);
  newer.close();
  ignored(json);
  storage();
  // A page without any is no mistake.
  assert.deepEqual(page(t, '').client.status(), NONE);
  assert.equal(page(t, json).client.getStringValue('fixed', 'mine'), 'always');
});

test('the page decides otherwise: what was read stays and is not exposed, what was not is new', async (t) => {
  const { json } = await served();
  const { client, exposed, come } = page(t, json, { context: CONTEXT });
  assert.equal(client.getBooleanValue('on-in-germany', false), true);
  const { variant, value } = client.getStringDetails('cta', '');
  const other = variant === 'bold' ? 'plain' : 'bold';
  const own = await come(
    snapshot({
      version: 2,
      ruleset: (text) => OTHER(text).replaceAll('plain: 50%, bold: 50%', `${other}: 100%`).replace('is: DE', 'is: FR'),
    }),
  );
  assert.equal(own.peek('cta', '').variant, other);
  assert.deepEqual([client.getStringValue('cta', ''), client.getBooleanValue('on-in-germany', false)], [value, true]);
  client.expose('cta');
  assert.deepEqual([client.getStringValue('fixed', ''), client.status().disagreed, exposed], ['v2', 2, []]);
  // Somebody else is asking.
  client.setContext({ ...CONTEXT, visitorId: 'v9' });
  client.expose('cta');
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(
    [client.peek('cta').variant, client.getBooleanValue('on-in-germany', true), client.status().disagreed],
    [other, false, 0],
  );
  assert.deepEqual(exposed, [`cta ${other}`]);
});

test('a flag that was switched off is off, also where it was read', async (t) => {
  const { json } = await served();
  const { client, come } = page(t, json);
  assert.equal(client.getBooleanValue('on-in-germany', false), true);
  const killed = (text) => text.replace('  on-in-germany:\n', '  on-in-germany:\n    enabled: false\n');
  await come(snapshot({ version: 2, ruleset: killed }));
  assert.deepEqual([client.getBooleanValue('on-in-germany', true), client.status().disagreed], [false, 0]);
});

test('a context that changes before the client comes: nothing of the server holds, and nothing of it is exposed', async (t) => {
  const { json } = await served();
  const { client, exposed, come } = page(t, json);
  client.getStringValue('cta', '');
  client.setContext({ visitorId: 'v2' });
  assert.equal(client.getStringValue('fixed', 'mine'), 'mine');
  client.track('seen');
  await come();
  assert.deepEqual([client.getBooleanValue('on-in-germany', true), exposed, client.status().queued], [false, [], 1]);
});

/** A page whose client is made by the page's own options, with a collector. Its rules come when it is let. */
async function recording(t, json, { context = CONTEXT, exposures = {}, bytes = FIRST, ...options } = {}) {
  const to = await collector(t);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const { fetch } = globalThis;
  t.mock.method(globalThis, 'fetch', async (url, ...of) => {
    if (!`${url}`.endsWith('.waft')) return fetch(url, ...of);
    await held;
    return new Response(bytes);
  });
  const made = [];
  const create = async (given) => {
    const own = createClient(given);
    own.then((client) => made.push(client));
    return own;
  };
  const from = { snapshot: 'http://127.0.0.1:9/s.waft', trust: TRUST, context, quiet: true, ...options };
  const client = hydrate(create, { ...from, exposures: recorder({ endpoint: to.url, robot: false, ...exposures }) }, json);
  t.after(() => client.close());
  const come = async () => {
    release();
    await client.ready();
  };
  const sent = async () => {
    await client.flush();
    return to.records.map((record) => `${record['feature_flag.key']} ${record['feature_flag.result.variant']}`).sort();
  };
  return { client, to, come, sent, made };
}

test('what the server exposed is recorded when it is read, before there are rules, and once', async (t) => {
  const { json } = await served();
  const { flags, snapshot: rules } = JSON.parse(json);
  // As the page's own rules would have it. Before: a recorder that sees what another has not sent yet sends it, too.
  const other = await collector(t);
  const own = await createClient({
    snapshot: FIRST,
    trust: TRUST,
    context: CONTEXT,
    exposures: recorder({ endpoint: other.url, robot: false }),
  });
  own.getStringValue('cta', '');
  await own.flush();
  own.close();
  storage();
  const { client, to, come, sent } = await recording(t, json);
  const told = [];
  client.on('exposure', ({ id }) => told.push(id));
  const { variant } = client.getStringDetails('cta', '');
  client.getStringValue('cta', '');
  client.expose('cta');
  assert.deepEqual([await sent(), client.getStringValue('fixed', '')], [[`cta ${variant}`], 'always']);
  const [exposure] = flags.cta.exposures;
  assert.deepEqual(told, [exposure.id]);
  const [ours, theirs] = [...to.records, ...other.records].map(
    ({ timeUnixNano, observedTimeUnixNano, 'waft.page_view': _, ...record }) => record,
  );
  assert.deepEqual(
    Object.fromEntries(Object.entries(ours).filter(([name]) => !/view|session|sequence/.test(name))),
    Object.fromEntries(Object.entries(theirs).filter(([name]) => !/view|session|sequence/.test(name))),
  );
  assert.deepEqual([ours['waft.exposure.id'], ours['waft.snapshot.digest']], [exposure.id, rules.digest]);
  to.records.length = 0;
  await come();
  assert.equal(client.getStringDetails('cta', '').variant, variant);
  client.expose('cta');
  client.getNumberValue('price', 0);
  assert.deepEqual(
    (await sent()).map((line) => line.split(' ')[0]),
    ['price'],
  );
  assert.deepEqual([client.status().disagreed, client.status().code], [0, undefined]);
});

test('a page that decides otherwise: what the server showed is recorded, by the rules that decided it', async (t) => {
  const { json } = await served();
  const { variant } = JSON.parse(json).flags.cta;
  const other = variant === 'bold' ? 'plain' : 'bold';
  const bytes = snapshot({ version: 2, ruleset: (text) => text.replace('plain: 50%, bold: 50%', `${other}: 100%`) });
  const { client, to, come, sent } = await recording(t, json, { bytes });
  client.getStringValue('cta', '');
  await come();
  client.getStringValue('cta', '');
  client.expose('cta');
  assert.deepEqual([await sent(), client.status().disagreed], [[`cta ${variant}`], 1]);
  assert.deepEqual(to.records[0]['waft.snapshot.version'], { int: '1' });
});

test('an exposure whose unit is not to be in the HTML is left to the page', async (t) => {
  const { json } = await served();
  assert.deepEqual([JSON.parse(json).flags.price.exposures, /"7"/.test(json)], [undefined, false]);
  const { client, come, sent } = await recording(t, json);
  const price = client.getNumberValue('price', 0);
  assert.deepEqual([price > 0, await sent()], [true, []]);
  await come();
  assert.deepEqual((await sent()).length, 1);
  // Named, it is.
  const both = JSON.parse((await served({ same: ['visitorId', 'accountId'] })).json);
  assert.deepEqual(both.unitIds[1], ['account', 'accountId', '7']);
  assert.equal(both.flags.price.exposures.length, 1);
});

test('a server whose client hands over nothing, or records: the page exposes once its rules are there', async (t) => {
  for (const exposures of [false, recorder({ endpoint: 'http://127.0.0.1:9/never' })]) {
    storage();
    const { json } = await served({}, FIRST, exposures);
    const { flags } = JSON.parse(json);
    assert.equal(flags.cta.exposures, undefined);
    const { client, come, sent } = await recording(t, json);
    client.getStringValue('cta', '');
    assert.deepEqual(await sent(), []);
    await come();
    assert.equal((await sent()).length, 1);
    t.mock.restoreAll();
  }
});

test('pseudonyms are made by the engine: exposures wait for it', async (t) => {
  const { json } = await served();
  const { client, to, come, sent } = await recording(t, json, { exposures: { unitKey: 'secret' } });
  client.getStringValue('cta', '');
  assert.deepEqual(await sent(), []);
  await come();
  client.getStringValue('cta', '');
  assert.equal((await sent()).length, 1);
  assert.match(to.records[0]['feature_flag.context.id'], /^[\da-f]{32}$/);
});

test('by hand, and what the server itself rendered: recorded when the page says so', async (t) => {
  const client = await createClient({ snapshot: FIRST, trust: TRUST, exposures: handOver() });
  const decided = decide(client, { context: CONTEXT, same: SAME });
  assert.deepEqual(JSON.parse(decided.json).read, []);
  const { variant, value } = client.peek('cta');
  const warned = t.mock.method(console, 'warn', () => {});
  assert.deepEqual(
    [
      decided.getStringValue('cta', ''),
      decided.getStringValue('cta', ''),
      decided.getNumberValue('cta', 4),
      decided.getBooleanValue('no', true),
    ],
    [value, value, 4, true],
  );
  assert.equal(decided.getObjectValue('theme', {}).accent, 'teal');
  const { json, html } = decided;
  assert.deepEqual([JSON.parse(json).read, html.includes(json)], [['cta', 'theme'], true]);
  // What was read after the first JSON is not in that, which is told once.
  assert.deepEqual(
    warned.mock.calls.map(({ arguments: [, text] }) => text.split(':')[0]),
    ['cta', 'theme'],
  );
  client.close();
  storage();
  const shown = await recording(t, json, { exposures: { mode: 'manual' } });
  shown.client.getStringValue('cta', '');
  assert.deepEqual(await shown.sent(), []);
  shown.client.exposeRead();
  shown.client.exposeRead();
  assert.deepEqual(await shown.sent(), [`cta ${variant}`]);
  await shown.come();
  shown.client.expose('cta');
  assert.deepEqual(await shown.sent(), [`cta ${variant}`]);
});

test("what the server rendered is exposed also once the page's rules are there, and not for another context", async (t) => {
  const server = await createClient({ snapshot: FIRST, trust: TRUST, exposures: handOver() });
  const decided = decide(server, { context: CONTEXT, same: SAME });
  decided.getStringValue('cta', '');
  const { json } = decided;
  const { variant } = server.peek('cta');
  server.close();
  const visit = async (change) => {
    storage();
    const { client, exposed, come } = page(t, json);
    await come();
    change?.(client);
    client.exposeRead();
    client.exposeRead();
    return exposed;
  };
  assert.deepEqual(await visit(), [`cta ${variant}`]);
  assert.deepEqual(await visit((client) => client.setContext({ ...CONTEXT, visitorId: 'v2' })), []);
});

test('flags that depend on what only the page knows are left to it', async (t) => {
  const sticky = (text) => text.replace('  cta:\n    unit: visitor\n', '  cta:\n    unit: visitor\n    sticky: true\n');
  const bytes = snapshot({ ruleset: sticky });
  const given = JSON.parse((await served({}, bytes)).json);
  assert.deepEqual([given.undecided, given.flags.cta], [['cta'], undefined]);
  const needs = {
    'on-in-germany': { attributes: ['country'], sticky: false },
    early: { attributes: ['signedUpAt'], sticky: false },
    umlaut: { attributes: ['loyal'], sticky: false },
    theme: { attributes: [], sticky: true },
  };
  const { json, ...decided } = await served({ needs, context: { ...CONTEXT, loyal: null } });
  assert.deepEqual(JSON.parse(json).undecided.sort(), ['early', 'theme']);
  assert.equal(decided.getObjectValue('theme', { accent: 'mine' }).accent, 'mine');
  const { client, come } = await recording(t, json);
  assert.deepEqual([client.getBooleanValue('early', true), client.status().undecided.length], [true, 2]);
  await come();
  assert.equal(client.getBooleanValue('early', true), false);
});

test('a mismatch is an error event, told to each handler once and warned of once, also where the client comes late', async (t) => {
  const { json } = await served();
  const warn = t.mock.method(console, 'warn', () => {});
  const visit = async (text, create, options) => {
    const heard = [];
    const told = (details) => heard.push(details.code);
    const context = { ...CONTEXT, visitorId: 'v2' };
    const client = hydrate(create, { snapshot: FIRST, trust: TRUST, context, ...options }, text);
    t.after(client.close);
    client.on('error', told);
    await client.ready();
    client.on('error', told);
    await settled();
    return [heard, warn.mock.callCount()];
  };
  const code = 'HYDRATION_MISMATCH';
  const later = async (options) => (await settled(), createClient(options));
  assert.deepEqual(await visit(json, createClient), [[code, code], 1]);
  assert.match(warn.mock.calls[0].arguments[1].message, /^HYDRATION_MISMATCH: see /);
  assert.deepEqual(await visit(json, later), [[code, code], 2]);
  assert.deepEqual(await visit(json, later, { quiet: true }), [[code, code], 2]);
  assert.deepEqual(await visit(json, createClient, { context: CONTEXT }), [[], 2]);
  assert.deepEqual(await visit('', createClient), [[], 2]);
});

test('a digest of the attributes that the page must have, too: their values are not in the HTML', async (t) => {
  const { json } = await served({ same: ['visitorId', 'country'] });
  assert.ok(!/"DE"/.test(json));
  const { client } = page(t, json, { context: { ...CONTEXT, country: 'FR' } });
  assert.equal(client.status().code, 'HYDRATION_MISMATCH');
  // What is rendered with it hydrates with it.
  assert.equal(client.initial.fixed.value, 'always');
  assert.equal(page(t, json).client.status().code, undefined);
});

test('the rules themselves, where they were asked for', async (t) => {
  assert.equal(JSON.parse((await served()).json).bytes, undefined);
  const { json } = await served({ inline: FIRST });
  const { client } = await recording(t, json);
  assert.equal(await client.ready(), true);
  assert.equal(client.snapshot.version, 1);
});
