// What results are told apart by: what an exposure carries of the visitor, as a collector gets it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { hydrate } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { decide, handOver } from '../dist/server.js';
import { poll } from '../dist/updates.js';
import { collector } from './collector.mjs';
import { clock, server, snapshot, storage, TRUST, until } from './fixture.mjs';

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

/** What the records of exposures carry. */
const carriedBy = (records) =>
  records.map((record) => {
    const told = Object.entries(record).filter(([key]) => key.startsWith('waft.breakdown.'));
    return Object.fromEntries(told.map(([key, value]) => [key.slice('waft.breakdown.'.length), value]));
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
  return carriedBy(it.records);
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

test('while exposures of a decision carry it, none is taken for one of another flag: what was met stays', async (t) => {
  const it = await collector(t);
  const winter = { unit: 'visitor', share: '50%', from: '2026-01-10T00:00Z' };
  const theme = { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'pro', if: { plan: { is: 'pro' } }, serve: 'on' }] };
  const experiments = { lot: { unit: 'visitor', breakdown: ['plan'], phases } };
  const ruleset = { ...RULESET, holdouts: { winter }, experiments, flags: { lot: { ...drawn('lot'), holdout: 'winter' }, theme } };
  const bytes = snapshot({ ruleset: () => JSON.stringify(ruleset) });
  const url = `${await server(t, () => [200, bytes, {}])}/s.waft`;
  const exposures = recorder({ endpoint: it.url });
  const page = await createClient({ snapshot: url, trust: TRUST, context: {}, exposures, updates: poll({ every: 60_000 }) });
  t.after(() => page.close());
  const read = (context, ...flags) => {
    page.setContext(context);
    return flags.map((flag) => page.getBooleanValue(flag, false));
  };
  // What was read once is evaluated with whatever is read next.
  read({ visitorId: 'v', plan: 'free' }, 'theme', 'lot');
  const seen = new Set();
  for (let at = 0; at < 100; at++) {
    const visitor = { visitorId: `v${at}`, plan: at % 2 ? 'pro' : 'free' };
    const [first] = read(visitor, 'lot');
    seen.add(first);
    assert.deepEqual(read({ ...visitor, orders: at }, 'lot'), [first], visitor.visitorId);
  }
  assert.equal(seen.size, 2);
});

test('a release that adds a breakdown changes no flag that anybody shows', async (t) => {
  const of = (breakdown, version, theme) => {
    const experiments = { lot: { unit: 'visitor', ...breakdown, phases } };
    const flags = { lot: drawn('lot'), theme: { type: 'boolean', whenOff: 'off', default: theme } };
    return snapshot({ version, ruleset: () => JSON.stringify({ ...RULESET, experiments, flags }) });
  };
  let bytes = of({}, 1, 'off');
  const url = `${await server(t, () => [200, bytes, {}])}/s.waft`;
  const page = await createClient({ snapshot: url, trust: TRUST, context: { visitorId: 'v' }, updates: poll({ every: 1_000 }) });
  t.after(() => page.close());
  const changed = new Promise((resolve) => page.on('configurationChanged', ({ flagsChanged }) => resolve(flagsChanged)));
  bytes = of({ breakdown: ['plan', { segment: 'plans' }] }, 2, 'on');
  assert.deepEqual(await changed, ['theme']);
});

test('what a server rendered carries it, too, before the page has rules', async (t) => {
  const rendering = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: {}, exposures: handOver() });
  const context = { visitorId: 'v1', plan: 'pro', beta: true, orders: 3 };
  const { json } = decide(rendering, { context, same: ['visitorId'] });
  rendering.close();
  // Its segments, and of attributes nothing but their names.
  const { told } = JSON.parse(json).flags.lot.exposures[0];
  assert.deepEqual(told, { plan: '', beta: '', app: '', toString: '', [MANY]: 'in', 'segment/plans': 'in' });
  assert.deepEqual(
    ['plain', 'built'].map((flag) => JSON.parse(json).flags[flag].exposures.map(({ told }) => told)),
    [[undefined], [undefined]],
  );
  const it = await collector(t);
  // A page.
  storage();
  globalThis.document = {};
  t.after(() => delete globalThis.document);
  let own;
  // Rules that never come.
  const create = async (options) =>
    (own = await createClient({ ...options, snapshot: 'http://127.0.0.1:9/never', timeout: 1, quiet: true }));
  const page = hydrate(create, { trust: TRUST, context, exposures: recorder({ endpoint: it.url, robot: false }) }, json);
  t.after(() => page.close());
  page.getBooleanValue('lot', false);
  await until(() => own);
  assert.equal(own.snapshot, undefined);
  await page.flush();
  assert.deepEqual(carriedBy(it.records), [{ plan: 'pro', beta: 'true', [MANY]: 'in', 'segment/plans': 'in' }]);
});
