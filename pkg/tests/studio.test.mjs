// The studio through the package: a population is decided as a page decides each of its people.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { loadStudio } from '../dist/studio.js';
import { clock, NOW, PREVIEW_TRUST, snapshot, storage, token, TRUST } from './fixture.mjs';
import { trusting } from './heads.mjs';

const SNAPSHOT = snapshot();
const studio = await loadStudio(readFileSync(new URL('../studio/studio_bg.wasm', import.meta.url)));

test('a population counts what a page says to each', async () => {
  clock();
  storage();
  const contexts = Array.from({ length: 2_500 }, (_, index) => ({
    visitorId: `v${index}`,
    country: index % 3 ? 'DE' : 'FR',
    ...(index % 5 ? {} : { signedUpAt: new Date(NOW - 1) }),
  }));
  const population = studio.population({ snapshot: SNAPSHOT, trust: TRUST, contexts, now: NOW });
  assert.equal(population.size, contexts.length);
  const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: {} });
  for (const key of ['on-in-germany', 'cta', 'early', 'fixed']) {
    const expected = {};
    for (const context of contexts) {
      page.setContext(context);
      const { variant } = page.peek(key, undefined);
      expected[variant] = (expected[variant] ?? 0) + 1;
    }
    const counted = Object.entries(population.count(key, NOW)).filter(([, people]) => people);
    assert.deepEqual(Object.fromEntries(counted), expected, key);
  }
  assert.throws(() => population.count('absent'), { message: 'no flag is named absent' });
  population.free();
});

test('a population of nobody, and rules that trust does not accept', () => {
  clock();
  const nobody = studio.population({ snapshot: SNAPSHOT, trust: TRUST, contexts: [], now: NOW });
  assert.deepEqual([nobody.size, nobody.count('on-in-germany', NOW)], [0, { off: 0, on: 0, '': 0 }]);
  const trust = { ...TRUST, project: 'shed' };
  assert.throws(() => studio.population({ snapshot: SNAPSHOT, trust, contexts: [], now: NOW }), { message: 'WRONG_PROJECT' });
});

test('why a condition is unknown', () => {
  const why = (country) => {
    const { trace } = studio.explain({ snapshot: SNAPSHOT, trust: TRUST, context: { country }, now: NOW }).flags['on-in-germany'];
    const { result, why, expected, note } = trace[0].condition;
    return [result, why, expected, note];
  };
  assert.deepEqual(why('DE'), [true, undefined, undefined, 'is "DE"']);
  assert.deepEqual(why('\ud800'), [false, undefined, undefined, 'is "\ufffd"']);
  assert.deepEqual(why(undefined), [null, 'missing', undefined, 'missing']);
  assert.deepEqual(why(Infinity), [null, 'wrong-type', 'string', 'is {}, not a text']);
});

test('what is told is plain data, as of JSON', () => {
  const question = { snapshot: SNAPSHOT, trust: TRUST, context: { visitorId: 'v1', country: 2 ** 63 }, now: NOW };
  const { flags } = studio.explain(question);
  const { value, note, result, expected } = flags['on-in-germany'].trace[0].condition;
  assert.deepEqual([value, note, result, expected], [2 ** 63, 'is 9223372036854776000, not a text', null, 'string']);
  for (const told of [flags, studio.segments(question)]) {
    // Neither maps, nor big integers, nor fields that are undefined.
    assert.deepEqual(JSON.parse(JSON.stringify(told)), told);
  }
});

test('a key __proto__ within an object is told like any other', () => {
  clock();
  const ruleset = (text) => text.replace(/plain: \{ accent.*/, 'plain: { accent: teal, __proto__: { deep: [{ __proto__: 1 }] } } }');
  const { theme } = studio.explain({ snapshot: snapshot({ ruleset }), trust: TRUST }).flags;
  assert.equal(JSON.stringify(theme.value), '{"__proto__":{"deep":[{"__proto__":1}]},"accent":"teal"}');
});

test('a clock before the snapshot was made: decided when a page decides, unless told when', async () => {
  // Before the first phase of both experiments.
  const now = Date.parse('2026-01-09T23:00:00Z');
  clock(now);
  storage();
  const question = { snapshot: snapshot({ issued: '2026-01-11T00:00:00Z' }), trust: TRUST };
  const page = await createClient({ ...question });
  const contexts = Array.from({ length: 50 }, (_, index) => ({ visitorId: `v${index}` }));
  const seen = { plain: 0, bold: 0, '': 0 };
  for (const context of contexts) {
    page.setContext(context);
    const { variant, reason } = page.peek('cta', undefined);
    seen[variant]++;
    const { cta } = studio.explain({ ...question, context }).flags;
    assert.deepEqual([cta.variant, cta.reason], [variant, reason]);
    assert.equal(studio.explain({ ...question, context, now }).flags.cta.reason, 'DEFAULT');
  }
  assert.notEqual(seen.bold, 0);
  const population = studio.population({ ...question, contexts });
  assert.deepEqual(population.count('cta'), seen);
  assert.equal(population.count('cta', now).bold, 0);
  population.free();
});

test('a refused preview token: decided without it, as in a page, and why', () => {
  clock();
  const question = { snapshot: SNAPSHOT, trust: PREVIEW_TRUST, context: { visitorId: 'v1', country: 'FR' } };
  const good = token(SNAPSHOT, { 'on-in-germany': 'on' });
  const shown = (preview, trust = PREVIEW_TRUST) => {
    const { flags, ...rest } = studio.explain({ ...question, trust, preview });
    return [flags['on-in-germany'].variant, rest];
  };
  assert.deepEqual(shown(good), ['on', { preview: Date.parse('2026-03-01T00:00:00Z') }]);
  assert.deepEqual(shown(good, TRUST), ['off', { preview: 'UNKNOWN_KEY' }]);
  assert.deepEqual(shown('*no base64*'), ['off', { preview: 'MALFORMED' }]);
  assert.deepEqual(shown(7), ['off', { preview: 'MALFORMED' }]);
  for (const none of ['', null, undefined]) assert.deepEqual(shown(none), ['off', {}]);
});

test('a trust that names the roles of heads and of trust documents asks no more of a snapshot than before', () => {
  const told = studio.explain({ snapshot: SNAPSHOT, trust: trusting(), context: { country: 'DE' }, now: NOW });
  assert.equal(told.flags['on-in-germany'].variant, 'on');
});
