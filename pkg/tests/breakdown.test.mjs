// What results are told apart by: what an exposure carries of the visitor, as a collector gets it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { collector } from './collector.mjs';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';

const halves = { on: '50%', off: '50%' };
const phases = [{ id: 1, from: '2026-01-10T00:00Z', split: halves }];
const drawn = (experiment) => ({ type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'draw', experiment }] });
const RULESET = {
  project: 'shop',
  environments: { production: {} },
  attributes: { visitorId: 'string', plan: 'string', beta: 'boolean', app: 'semver', orders: 'number', toString: 'string' },
  units: { visitor: { attribute: 'visitorId' } },
  segments: { [`many-${'x'.repeat(95)}`]: { orders: { gte: 3 } }, plans: { plan: { exists: true } } },
  experiments: {
    lot: {
      unit: 'visitor',
      breakdown: ['plan', 'beta', 'app', 'toString', { segment: `many-${'x'.repeat(95)}` }, { segment: 'plans' }],
      phases,
    },
    plain: { unit: 'visitor', phases },
    // What all objects have is no breakdown.
    constructor: { unit: 'visitor', phases },
  },
  flags: { lot: drawn('lot'), plain: drawn('plain'), built: drawn('constructor') },
};
const MANY = `segment/many-${'x'.repeat(95)}`;
const SNAPSHOT = snapshot({ ruleset: () => JSON.stringify(RULESET) });

test.beforeEach(() => {
  clock();
  storage();
});

/** What exposures of a flag carry, for each of the contexts in turn. */
async function carried(t, flag, ...contexts) {
  const it = await collector(t);
  const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: {}, exposures: recorder({ endpoint: it.url }) });
  t.after(() => page.close());
  assert.equal(page.status().code, undefined);
  for (const context of contexts) {
    page.setContext(context);
    page.getBooleanValue(flag, false);
  }
  await page.flush();
  assert.equal(page.exposures.status().lost, undefined);
  return it.records.map((record) => {
    const told = Object.entries(record).filter(([key]) => key.startsWith('waft.breakdown.'));
    return Object.fromEntries(told.map(([key, value]) => [key.slice('waft.breakdown.'.length), value]));
  });
}

test('values of attributes, and whether somebody is in a segment', async (t) => {
  const all = await carried(
    t,
    'lot',
    { visitorId: 'v1', plan: 'pro', beta: false, app: '2.4.0', orders: 5 },
    { visitorId: 'v2', plan: 'a "quoted" \\ \u{1f980} plan', orders: 2 },
    { visitorId: 'v3', beta: true, orders: 'many' },
  );
  assert.deepEqual(all, [
    { plan: 'pro', beta: 'false', app: '2.4.0', [MANY]: 'in', 'segment/plans': 'in' },
    { plan: 'a "quoted" \\ \u{1f980} plan', [MANY]: 'out', 'segment/plans': 'in' },
    { beta: 'true', 'segment/plans': 'out' },
  ]);
});

test('what is no text, empty, or too long: left out, or cut', async (t) => {
  const all = await carried(
    t,
    'lot',
    { visitorId: 'v1', plan: '', beta: null, app: 5, toString: () => 'x', orders: 1 },
    { visitorId: 'v2', plan: 'y'.repeat(5_000), toString: 'own', orders: 1 },
    { visitorId: 'v3', plan: `${'y'.repeat(99)}\u{1f980}`, orders: 1 },
  );
  assert.deepEqual(all, [
    { [MANY]: 'out', 'segment/plans': 'in' },
    { plan: 'y'.repeat(100), toString: 'own', [MANY]: 'out', 'segment/plans': 'in' },
    { plan: `${'y'.repeat(99)}\ufffd`, [MANY]: 'out', 'segment/plans': 'in' },
  ]);
});

test('an experiment without a breakdown carries nothing, whatever it is called', async (t) => {
  const context = { visitorId: 'v1', plan: 'pro', orders: 5 };
  assert.deepEqual(await carried(t, 'plain', context), [{}]);
  assert.deepEqual(await carried(t, 'built', context), [{}]);
});

test('the value is that of the moment of the exposure, and flags that nobody wrote are not listed', async (t) => {
  const context = { visitorId: 'v1', plan: 'free', orders: 1 };
  // The same unit again, as it has become since: it was exposed before.
  assert.deepEqual(await carried(t, 'lot', context, { ...context, plan: 'pro' }), [{ plan: 'free', [MANY]: 'out', 'segment/plans': 'in' }]);
  const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context });
  t.after(() => page.close());
  assert.deepEqual(Object.keys(page.all()).sort(), ['built', 'lot', 'plain']);
});
