// waft/server's decisions, and a page that starts from them by waft/hydrate: built, with a real engine on both sides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { hydrate } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { decide, headTags } from '../dist/server.js';
import { clock, NOW, snapshot, storage, TRUST, until } from './fixture.mjs';

const FIRST = snapshot();
const OTHER = (text) =>
  text.replace('"always"', '"v2"').replace('  fixed:', '  plus:\n    type: boolean\n    whenOff: off\n    default: off\n  fixed:');
const CONTEXT = { visitorId: 'v1', accountId: 7, country: 'DE' };
const SAME = ['visitorId'];

let set;
test.beforeEach(() => {
  set = clock();
  storage();
});

/** What a server writes for a visitor. */
async function served(options = {}, bytes = FIRST) {
  const client = await createClient({ snapshot: bytes, trust: TRUST });
  const decided = decide(client, { context: CONTEXT, same: SAME, ...options });
  client.close();
  storage();
  return decided;
}

/** A page: its client comes when it is let. */
function page(t, json, { context = CONTEXT, ...options } = {}) {
  const exposed = [];
  let arrive;
  const client = hydrate({ client: new Promise((resolve) => (arrive = resolve)), context, trust: TRUST, json });
  client.on('exposure', ({ flagKey, variant }) => exposed.push(`${flagKey} ${variant}`));
  const come = async (bytes = FIRST) => {
    const exposures = recorder({ endpoint: 'http://127.0.0.1:9/refuses', robot: false });
    const own = await createClient({ snapshot: bytes, trust: TRUST, context, exposures, ...options });
    t.after(() => own.close());
    arrive(own);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return own;
  };
  return { client, exposed, come };
}

test('what a server writes: for one visitor, and nothing that ends a script or was not named', async () => {
  const ruleset = (text) => text.replace('"always"', '"</script><!--\\u2028"');
  const { json, html, headers } = await served({ nonce: 'abc+/=" onload=x', flags: ['fixed', 'cta'] }, snapshot({ ruleset }));
  assert.deepEqual(headers, { 'Cache-Control': 'private, no-store' });
  assert.equal(html, `<script type="application/json" id="waft-decided" nonce="abc+/=onload=x">${json}</script>`);
  assert.ok(!/[<\u2028]/.test(json));
  const { snapshot: rules, latest, context, flags } = JSON.parse(json);
  assert.deepEqual(
    [rules.version, latest, context, Object.keys(flags).sort()],
    [1, NOW + 300_000, [['visitorId', 'v1']], ['cta', 'fixed']],
  );
  assert.equal(flags.fixed.value, '</script><!--\u2028');
  assert.ok(!/DE|accountId/.test(json));
});

test('what any page may have in its head: nothing personal, and no way out of an attribute', () => {
  assert.equal(
    headTags({ snapshot: '/s.waft?a=1&b="><script>', modules: ['/page.js', '/shared.js'] }),
    '<link rel="preload" as="fetch" crossorigin="anonymous" href="/s.waft?a=1&#38;b=&#34;&#62;&#60;script&#62;">' +
      '<link rel="modulepreload" href="/page.js"><link rel="modulepreload" href="/shared.js">',
  );
});

test('many requests in one process: each gets its own decisions', async () => {
  const client = await createClient({ snapshot: FIRST, trust: TRUST });
  const asked = Array.from({ length: 1_000 }, (_, at) => ({ visitorId: `v${at}`, country: at % 3 ? 'FR' : 'DE' }));
  const answers = await Promise.all(asked.map(async (context) => decide(client, { context, same: SAME })));
  for (const [at, { json }] of answers.entries()) {
    const { context, flags } = JSON.parse(json);
    client.setContext(asked[at]);
    assert.deepEqual(
      [context[0][1], flags['on-in-germany'].value, flags.cta.variant],
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
  assert.deepEqual([client.snapshot.version, client.status()], [1, { queued: 0, sent: 0, dropped: 0, disagreed: 0 }]);
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
  for (const text of ['{', '{}', 'null', '[]', json.replace('"flags"', '"x"'), json.replace('"context"', '"x"')]) ignored(text);
  set(NOW + 300_000);
  ignored(json);
  set(NOW);
  const newer = await createClient({ snapshot: snapshot({ version: 2 }), trust: TRUST });
  await until(() => localStorage.keys('waft:seen').length);
  newer.close();
  ignored(json);
  storage();
  // A page without any is no mistake.
  assert.deepEqual(page(t, '').client.status(), { queued: 0, sent: 0, dropped: 0, disagreed: 0 });
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
