// `waft/rules`: real rules for one process, under keys that nobody keeps, and variants forced by the real engine.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '../dist/index.js';
import { flagNeeds, lintRules, localRules } from '../dist/rules.js';
import { clock, folder, NOW, snapshot, storage, TRUST } from './fixture.mjs';

const RULESET = fileURLToPath(new URL('ruleset.yaml', import.meta.url));
const context = { visitorId: 'v1', country: 'DE' };
clock();

const client = (rules) => createClient({ ...rules, context });

test('a ruleset decides as its rules say', async () => {
  const { getBooleanDetails, status } = await client(localRules({ ruleset: RULESET }));
  assert.equal(status().code, undefined);
  assert.equal(status().preview, undefined);
  assert.equal(getBooleanDetails('on-in-germany', false).reason, 'TARGETING_MATCH');
});

test('forced variants are shown by the engine, and the rest is decided as ever', async () => {
  const rules = localRules({ ruleset: RULESET, environment: 'staging', force: { 'on-in-germany': 'off', disabled: 'high' } });
  const { getBooleanValue, getNumberValue, getStringValue } = await client(rules);
  assert.equal(getBooleanValue('on-in-germany', true), false);
  assert.equal(getNumberValue('disabled', 0), 49);
  assert.equal(getStringValue('fixed', ''), 'always');
});

test('a snapshot of anybody, by its file or its bytes', async () => {
  const bytes = snapshot();
  const file = join(folder, 'released.waft');
  writeFileSync(file, bytes);
  for (const given of [bytes, file]) {
    const rules = localRules({ snapshot: given, force: { disabled: 'high' } });
    const { snapshot: active, getNumberValue } = await client(rules);
    assert.equal(active.version, 1);
    assert.equal(getNumberValue('disabled', 0), 49);
  }
});

test('one version after the other, in one storage and however the clock moves', async () => {
  storage();
  const moments = [NOW, NOW, NOW - 400 * 86_400_000];
  const versions = [];
  for (const now of moments) {
    Date.now = () => now;
    const { status, snapshot: active } = await client(localRules({ ruleset: RULESET }));
    assert.equal(status().code, undefined);
    versions.push(active.version);
  }
  assert.deepEqual(versions, [...new Set(versions)].sort());
  clock();
});

test("jsdom's URL, which is none of Node's, is not asked", (context) => {
  const { URL } = globalThis;
  context.after(() => (globalThis.URL = URL));
  globalThis.URL = class {};
  assert.ok(localRules({ ruleset: RULESET }).snapshot.length > 0);
});

test('trust of releases refuses it: another key, another role', async () => {
  const { snapshot: bytes, trust } = localRules({ ruleset: RULESET });
  const { status } = await createClient({ snapshot: bytes, trust: TRUST, timeout: 0 });
  assert.notEqual(status().code, undefined);
  assert.deepEqual(trust.require[0].role, 'throw-away');
  // Each call has keys of its own.
  assert.equal((await client({ snapshot: bytes, trust: localRules({ ruleset: RULESET }).trust })).snapshot, undefined);
});

test('what is wrong is thrown in the words of the command line', () => {
  const bad = join(folder, 'bad.yaml');
  writeFileSync(bad, 'project: shop\nenvironments: { production: {} }\nflags: { a: { type: bolean, whenOff: off, default: off } }\n');
  assert.throws(() => localRules({ ruleset: bad }), /bad\.yaml:3:\d+: error\[/);
  assert.throws(() => localRules({ ruleset: RULESET, environment: 'stagin' }), /the ruleset has production, staging/);
  assert.throws(() => localRules({ ruleset: RULESET, force: { fixed: 'onli' } }), /fixed has only/);
  assert.throws(() => localRules({ ruleset: join(folder, 'absent.yaml') }), /absent\.yaml: No such file/);
  assert.throws(() => localRules({}), TypeError);
  const [finding] = lintRules(bad);
  assert.deepEqual([finding.severity, finding.file, finding.line], ['error', bad, 3]);
  assert.throws(() => lintRules(join(folder, 'absent')), /absent: No such file/);
});

test('what flags depend on, for a server that leaves to the page what it cannot know', () => {
  const shop = new URL('../../examples/shop', import.meta.url).pathname;
  const needs = flagNeeds(localRules({ ruleset: shop }).snapshot);
  assert.deepEqual(needs['call-to-action'], { attributes: ['plan', 'visitorId'], sticky: false });
  assert.deepEqual(needs.checkout, { attributes: ['appVersion', 'country', 'plan', 'visitorId'], sticky: false });
  // Also what flags depend on that it asks for.
  assert.ok(needs.regatta.attributes.every((name) => needs['club-letter'].attributes.includes(name)));
  assert.throws(() => flagNeeds(new Uint8Array(9)), /snapshot/);
});
