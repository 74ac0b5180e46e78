// Options of functions whose caller hears of no client: what is misspelt, missing or of another type is told, with what is right.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '../dist/index.js';
import { localRules } from '../dist/rules.js';
import { contexts, decide, handOver, headTags, withContext } from '../dist/server.js';
import { testClient } from '../dist/testing.js';
import waft from '../dist/vite.js';
import { CONTEXT, FIRST, served } from './decided.mjs';
import { clock, storage, TRUST } from './fixture.mjs';

const SAME = ['visitorId'];
test.beforeEach(() => {
  clock();
  storage();
});

test('waft/testing, waft/rules, waft/vite and headTags throw, and say what there is', () => {
  for (const [call, message] of [
    [() => testClient({ flag: { a: true } }), 'testClient: unknown option flag (there are flags, context, ready, mode)'],
    [() => testClient({ mode: 'manul' }), 'testClient: mode must be "reads" or "manual"'],
    [() => testClient({ ready: 'false' }), 'testClient: ready must be true or false'],
    [() => testClient({ flags: { a: 5n } }), 'flag a: expected a boolean, a string, a finite number or an object'],
    [
      () => localRules({ ruleset: 'rules', enviroment: 'staging' }),
      'localRules: unknown option enviroment (there are ruleset, snapshot, environment, force, now, roots)',
    ],
    [() => localRules(), 'expected a ruleset or a snapshot'],
    [() => localRules({ ruleset: 7 }), 'localRules: ruleset must be a string'],
    [() => localRules({ ruleset: 'rules', now: '2026' }), 'localRules: now must be milliseconds since 1970'],
    [
      () => waft({ rulset: 'rules' }),
      'waft/vite: unknown option rulset (there are ruleset, environment, roots, types, trust, snapshot, url, html)',
    ],
    [() => waft(), 'waft/vite: ruleset must be a string'],
    [() => waft({ ruleset: 'rules', html: 'inlined' }), 'waft/vite: html must be "preload" or "inline" or false'],
    [() => headTags({ snapshot: '/s.waft', module: ['/page.js'] }), 'headTags: unknown option module (there are snapshot, head, modules)'],
    [() => headTags({ snapshot: '/s.waft', modules: '/page.js' }), 'headTags: modules must be an array of strings'],
    [() => headTags(), 'headTags: snapshot must be a string'],
  ]) {
    assert.throws(call, { name: 'TypeError', message });
  }
  assert.deepEqual(testClient(null).all(), {});
  assert.equal(headTags({ snapshot: '/s.waft', head: null, modules: undefined }).split('<link').length, 2);
});

test('an option that is null is left out', () => {
  const ruleset = fileURLToPath(new URL('ruleset.yaml', import.meta.url));
  const some = { environment: null, roots: null, snapshot: null };
  assert.equal(localRules({ ...some, ruleset, force: null, now: null }).trust.environment, 'production');
  const plugin = waft({ ...some, ruleset, types: null, trust: null, url: null, html: null });
  plugin.configResolved({ root: '/', command: 'build' });
  assert.throws(() => plugin.buildStart(), /a build needs `trust`/);
});

test('decide throws for what no visitor can cause', async () => {
  const client = await createClient({ snapshot: FIRST, trust: TRUST, exposures: handOver() });
  const good = { context: CONTEXT, same: SAME };
  for (const [options, message] of [
    [undefined, 'decide: context must be an object of attributes'],
    [{ same: SAME }, 'decide: context must be an object of attributes'],
    [{ context: CONTEXT }, 'decide: same must be an array of strings'],
    [{ context: CONTEXT, same: 'visitorId' }, 'decide: same must be an array of strings'],
    [{ ...good, flags: 'cta' }, 'decide: flags must be an array of strings'],
    // As text it would be put behind the time, and as Infinity be null.
    [{ ...good, maxAge: '5m' }, 'decide: maxAge must be a number of milliseconds'],
    [{ ...good, maxAge: Number.POSITIVE_INFINITY }, 'decide: maxAge must be a number of milliseconds'],
    [{ ...good, inline: '/snapshot.waft' }, 'decide: inline must be the bytes of a snapshot'],
    [{ ...good, nonce: 5 }, 'decide: nonce must be a string'],
    [{ ...good, maxage: 5 }, 'decide: unknown option maxage (there are context, same, flags, needs, inline, maxAge, nonce)'],
  ]) {
    assert.throws(() => decide(client, options), { name: 'TypeError', message });
  }
  const none = decide(client, { ...good, flags: null, needs: null, inline: null, maxAge: null, nonce: null });
  assert.equal(none.html, decide(client, good).html);
  client.close();
});

test('decide says once which names there are not', async (t) => {
  const { mock } = t.mock.method(console, 'warn', () => {});
  const client = await createClient({ snapshot: FIRST, trust: TRUST, exposures: handOver() });
  const asked = (options) => {
    mock.resetCalls();
    decide(client, { context: CONTEXT, same: SAME, ...options });
    return mock.calls.map(({ arguments: [, text] }) => text);
  };
  const flags = ['cta', 'ctaa'];
  // All visitors would be the same.
  assert.deepEqual(asked({ same: ['visitorID'], flags }), [
    'decide: same: no rule and no context has the attribute visitorID',
    'decide: flags: there is no flag ctaa',
  ]);
  assert.deepEqual(asked({ same: ['visitorID'], flags }), []);
  // A guest has no account, and a page may have attributes that no rule reads.
  assert.deepEqual(asked({ context: { visitorId: 'v1', plan: 'member' }, same: ['visitorId', 'accountId', 'plan'] }), []);
  client.close();
});

test('decide says it once of many requests, and holds no more than so much of what it said', async (t) => {
  const { mock } = t.mock.method(console, 'warn', () => {});
  const client = await createClient({ snapshot: FIRST, trust: TRUST, exposures: handOver(), contexts: contexts() });
  t.after(client.close);
  const request = (...flags) => decide(withContext(client, CONTEXT), { context: CONTEXT, same: SAME, flags });
  for (let count = 0; count < 3; count++) request('view-only');
  assert.equal(mock.callCount(), 1);
  for (let count = 0; count < 300; count++) request(`asked-${count}`);
  assert.ok(mock.callCount() <= 100);
});

test('the bytes of a page are bytes of any kind', async () => {
  const texts = await Promise.all([FIRST, FIRST.buffer, new DataView(FIRST.buffer)].map(async (inline) => (await served({ inline })).json));
  assert.equal(new Set(texts).size, 1);
  assert.equal(Buffer.from(JSON.parse(texts[0]).bytes, 'base64').equals(FIRST), true);
});
