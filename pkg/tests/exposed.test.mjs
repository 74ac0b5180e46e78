// What is an exposure: a test for each line of what makes one, and of what makes none, by what a collector gets.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { loadStudio } from '../dist/studio.js';
import { collector } from './collector.mjs';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';

const FROM = '2026-01-10T00:00Z';
const halves = { on: '50%', off: '50%' };
const experiment = (more = {}, phase = {}) => ({ unit: 'visitor', ...more, phases: [{ id: 1, from: FROM, split: halves, ...phase }] });
const flag = (more) => ({ type: 'boolean', whenOff: 'off', default: 'off', ...more });
const drawn = (name, more = {}) => flag({ rules: [{ id: 'draw', experiment: name }], ...more });
const ramp = (more) => flag({ rules: [{ id: 'up', ramp: 'on', unit: 'visitor', steps: [{ to: '25%', at: FROM }], ...more }] });

const RULESET = {
  project: 'shop',
  environments: { production: {} },
  attributes: { visitorId: 'string', country: 'string' },
  units: { visitor: { attribute: 'visitorId' } },
  layers: { line: { unit: 'visitor' } },
  holdouts: { winter: { unit: 'visitor', share: '50%', from: FROM, except: { country: { is: 'XX' } } } },
  metrics: { errors: { conversion: 'error', better: 'down' } },
  segments: { lucky: { flag: { lot: 'on' } } },
  experiments: {
    lot: experiment(),
    gift: experiment(),
    targeted: experiment(),
    disabled: experiment(),
    stopped: experiment(),
    behind: experiment(),
    layered: experiment({ layer: { line: ['0%-20%'] } }),
    covered: experiment({}, { coverage: '20%' }),
    over: experiment({}, { to: '2026-01-20T00:00Z' }),
  },
  flags: {
    lot: drawn('lot'),
    wrap: flag({ holdout: 'winter', default: 'on' }),
    gift: drawn('gift', { holdout: 'winter' }),
    monitored: ramp({ guard: { errors: { worse: '5%' } } }),
    plain: ramp({}),
    asks: flag({ requires: { lot: 'on' }, default: 'on' }),
    condition: flag({ rules: [{ id: 'lucky', if: { segment: 'lucky' }, serve: 'on' }] }),
    undecided: flag({
      rules: [
        { id: 'here', if: { country: { is: 'DE' } }, serve: 'on' },
        { id: 'lucky', if: { flag: { lot: 'on' } }, serve: 'on' },
      ],
    }),
    targeted: drawn('targeted', { targets: { on: { visitor: ['v0', 'v1'] } } }),
    disabled: drawn('disabled', { enabled: false }),
    never: flag({}),
    stopped: drawn('stopped', { requires: { never: 'on' } }),
    behind: drawn('behind', { requires: { lot: 'on' } }),
    layered: drawn('layered'),
    covered: drawn('covered'),
    over: drawn('over'),
  },
};
const SNAPSHOT = snapshot({ ruleset: () => JSON.stringify(RULESET) });
const VISITORS = Array.from({ length: 40 }, (_, index) => `v${index}`);
const clients = [];
test.beforeEach(() => {
  clock();
  storage();
});
test.afterEach(() => clients.splice(0).forEach((page) => page.close()));

async function open(endpoint, context = {}, exposures = {}) {
  const page = await createClient({
    snapshot: SNAPSHOT,
    trust: TRUST,
    context,
    exposures: recorder({ endpoint, ...exposures }),
  });
  assert.equal(page.status().code, undefined);
  clients.push(page);
  return page;
}

/** What `read` exposes for each visitor, as the collector got it: by visitor, what came out and `experiment=variant` in the order made. */
async function met(t, read, { context = {}, exposures } = {}) {
  const it = await collector(t);
  const page = await open(it.url, {}, exposures);
  const all = new Map();
  for (const visitorId of VISITORS) {
    page.setContext({ visitorId, ...context });
    all.set(visitorId, { value: read(page), made: [] });
  }
  await page.flush();
  for (const record of it.records)
    all.get(record['feature_flag.context.id']).made.push(`${record['waft.experiment']}=${record['feature_flag.result.variant']}`);
  return [...all.values()];
}

const reading = (key) => (page) => page.getBooleanValue(key, false);
const word = (value) => (value ? 'on' : 'off');
/** How many visitors something holds for. That it holds for some and not for others is what makes the test one. */
function some(all, condition) {
  const count = all.filter(condition).length;
  assert.ok(count > 0 && count < all.length, `${count} of ${all.length}: ${condition}`);
  return count;
}

test('an experiment: whoever meets one of its variants', async (t) => {
  const all = await met(t, reading('lot'));
  some(all, ({ value }) => value);
  for (const { value, made } of all) assert.deepEqual(made, [`lot=${word(value)}`]);
});

test('a holdout: those held out, and just so those who are not', async (t) => {
  const all = await met(t, reading('wrap'));
  some(all, ({ value }) => value);
  for (const { value, made } of all) assert.deepEqual(made, [value ? 'winter=not-held' : 'winter=held']);
});

test('a holdout in front of an experiment: those held out are not in the experiment, the others are in both', async (t) => {
  const all = await met(t, reading('gift'));
  some(all, ({ made }) => made[0] === 'winter=held');
  for (const { value, made } of all) {
    if (made[0] === 'winter=held') assert.deepEqual([value, made], [false, ['winter=held']]);
    else assert.deepEqual(made, ['winter=not-held', `gift=${word(value)}`]);
  }
});

test('whom a holdout excepts: not in the holdout, but in the experiment', async (t) => {
  for (const { value, made } of await met(t, reading('gift'), { context: { country: 'XX' } }))
    assert.deepEqual(made, [`gift=${word(value)}`]);
});

test('a monitored ramp: those it has reached, and as many that are kept back', async (t) => {
  const all = await met(t, reading('monitored'));
  some(all, ({ made }) => made[0] === 'monitored/up=on');
  some(all, ({ made }) => made[0] === 'monitored/up=control');
  some(all, ({ made }) => made.length === 0);
  for (const { value, made } of all) assert.deepEqual(made, value ? ['monitored/up=on'] : made.length ? ['monitored/up=control'] : []);
});

test('a ramp without guard: nobody', async (t) => {
  const all = await met(t, reading('plain'));
  some(all, ({ value }) => value);
  for (const { made } of all) assert.deepEqual(made, []);
});

for (const key of ['asks', 'condition', 'undecided']) {
  test(`another flag's randomised variant decides (${key}): its experiment, whichever way it went`, async (t) => {
    const all = await met(t, reading(key));
    some(all, ({ value }) => value);
    for (const { value, made } of all) assert.deepEqual(made, [`lot=${word(value)}`]);
  });
}

test("another flag's randomised variant that nothing depended on: nobody", async (t) => {
  for (const { value, made } of await met(t, reading('undecided'), { context: { country: 'DE' } }))
    assert.deepEqual([value, made], [true, []]);
});

test('an experiment behind a randomised prerequisite: the prerequisite whichever way it went, the experiment where it was let through', async (t) => {
  const all = await met(t, reading('behind'));
  some(all, ({ made }) => made[0] === 'lot=off');
  for (const { value, made } of all) assert.deepEqual(made, made[0] === 'lot=off' ? ['lot=off'] : ['lot=on', `behind=${word(value)}`]);
});

test('a target: nobody who is one', async (t) => {
  const all = await met(t, reading('targeted'));
  all.slice(0, 2).forEach(({ value, made }) => assert.deepEqual([value, made], [true, []]));
  all.slice(2).forEach(({ value, made }) => assert.deepEqual(made, [`targeted=${word(value)}`]));
});

for (const [what, key] of [
  ['a disabled flag', 'disabled'],
  ['a prerequisite that is not met', 'stopped'],
  ['a phase that is over', 'over'],
]) {
  test(`${what}: nobody`, async (t) => {
    for (const { value, made } of await met(t, reading(key))) assert.deepEqual([value, made], [false, []]);
  });
}

for (const [what, key] of [
  ['layer', 'layered'],
  ['coverage', 'covered'],
]) {
  test(`units that are out by ${what}: none`, async (t) => {
    const all = await met(t, reading(key));
    some(all, ({ made }) => made.length);
    some(all, ({ value }) => value);
    for (const { value, made } of all) assert.deepEqual(made, made.length ? [`${key}=${word(value)}`] : []);
    for (const { value, made } of all) assert.ok(made.length || !value);
  });
}

test('a context without the unit: nobody', async (t) => {
  const it = await collector(t);
  const page = await open(it.url, { country: 'DE' });
  for (const key of Object.keys(RULESET.flags)) page.getBooleanValue(key, false);
  await page.flush();
  assert.equal(it.bodies.length, 0);
});

test('peek: nobody, of any flag', async (t) => {
  const all = await met(t, (page) => Object.keys(RULESET.flags).forEach((key) => page.peek(key, undefined)));
  for (const { made } of all) assert.deepEqual(made, []);
});

test('a read that gets the default, because the type is another or there is no such flag: nobody', async (t) => {
  const all = await met(t, (page) => [
    page.getStringValue('lot', ''),
    page.getNumberDetails('wrap', 1).value,
    page.getBooleanValue('absent', true),
  ]);
  for (const { value, made } of all) assert.deepEqual([value, made], [['', 1, true], []]);
});

test('all flags at once, as to tell what a change has changed: nobody', async (t) => {
  const it = await collector(t);
  const page = await open(it.url, { visitorId: 'v1' });
  const changed = [];
  page.on('configurationChanged', ({ flagsChanged }) => changed.push(...flagsChanged));
  const flags = { ...RULESET.flags, never: flag({ default: 'on' }) };
  assert.deepEqual(await page.load(snapshot({ version: 2, ruleset: () => JSON.stringify({ ...RULESET, flags }) })), {
    ok: true,
    version: 2,
  });
  assert.ok(changed.includes('never'), 'all were decided before and after');
  await page.flush();
  assert.equal(it.bodies.length, 0);
});

test('explain and a population: nobody', async (t) => {
  const it = await collector(t);
  const page = await open(it.url, { visitorId: 'v1' });
  const studio = await loadStudio(readFileSync(new URL('../studio/studio_bg.wasm', import.meta.url)));
  const { lot } = studio.explain({ snapshot: SNAPSHOT, trust: TRUST, context: { visitorId: 'v1' } }).flags;
  assert.equal(lot.exposures.length, 1, 'it tells what a read would expose');
  const contexts = VISITORS.map((visitorId) => ({ visitorId }));
  const population = studio.population({ snapshot: SNAPSHOT, trust: TRUST, contexts });
  assert.equal(population.count('lot').on + population.count('lot').off, VISITORS.length);
  population.free();
  await page.flush();
  assert.equal(it.bodies.length, 0);
});

const everything = (page) => Object.keys(RULESET.flags).map((key) => page.getBooleanValue(key, false));

test('a robot: nobody, and every flag is decided', async (t) => {
  const people = await met(t, everything);
  const robots = await met(t, everything, { exposures: { robot: true } });
  assert.deepEqual(
    robots.map(({ value }) => value),
    people.map(({ value }) => value),
  );
  for (const [index, { made }] of robots.entries()) assert.deepEqual([made, people[index].made.length > 0], [[], true]);
});

for (const consent of ['denied', 'pending']) {
  test(`consent that is ${consent}: nobody, and every flag is decided`, async (t) => {
    const people = await met(t, everything);
    const asked = await met(t, everything, { exposures: { consent } });
    assert.deepEqual(
      asked.map(({ value }) => value),
      people.map(({ value }) => value),
    );
    for (const { made } of asked) assert.deepEqual(made, []);
  });
}

test('a client without exposures: nobody', async () => {
  const kept = storage();
  const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: { visitorId: 'v1' } });
  clients.push(page);
  const heard = [];
  page.on('exposure', (exposure) => heard.push(exposure));
  everything(page);
  await null;
  assert.deepEqual([heard, kept.keys('waft:q:'), page.exposures.status()], [[], [], undefined]);
});

for (const key of Object.keys(RULESET.flags)) {
  test(`expose('${key}') records just what a read of it does`, async (t) => {
    const manual = await met(t, (page) => (page.expose(key), undefined), { exposures: { mode: 'manual' } });
    const read = await met(t, reading(key));
    assert.deepEqual(
      manual.map(({ made }) => made),
      read.map(({ made }) => made),
    );
  });
}

test("mode 'manual': reads record nothing, and what is exposed by hand is recorded once", async (t) => {
  const it = await collector(t);
  const page = await open(it.url, { visitorId: 'v1' }, { mode: 'manual' });
  const heard = [];
  page.on('exposure', ({ flagKey, experiment }) => heard.push([flagKey, experiment]));
  for (let time = 0; time < 3; time++) everything(page);
  const { variant } = page.getBooleanDetails('lot', false);
  await page.flush();
  assert.deepEqual([it.bodies.length, page.exposures.status().waiting], [0, 0]);
  page.expose('lot');
  page.expose('lot');
  page.expose('asks');
  everything(page);
  await page.flush();
  assert.deepEqual(
    it.records.map((record) => [record['feature_flag.key'], record['feature_flag.result.variant']]),
    [['lot', variant]],
  );
  assert.deepEqual(heard, [['lot', 'lot']]);
  page.track('purchase');
  await page.flush();
  assert.equal(it.records.length, 2, 'events are recorded as ever');
});

test('expose and read together record once; a flag that is absent, denied consent and a closed client record nothing', async (t) => {
  const it = await collector(t);
  const page = await open(it.url, { visitorId: 'v1' });
  page.expose('lot');
  page.getBooleanValue('lot', false);
  page.expose('absent');
  page.exposures.setConsent('denied');
  page.expose('wrap');
  page.exposures.setConsent('granted');
  await page.flush();
  page.close();
  page.expose('plain');
  page.expose('behind');
  page.track('purchase');
  await page.flush();
  assert.deepEqual(
    it.records.map((record) => record['waft.experiment']),
    ['lot'],
  );
  const none = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: { visitorId: 'v1' } });
  none.expose('lot');
  none.close();
});

test('a unit keeps the variant that was exposed by hand, and not one that was only read', async () => {
  const sticky = (version, split) =>
    snapshot({
      version,
      ruleset: () => JSON.stringify({ ...RULESET, experiments: { ...RULESET.experiments, lot: experiment({ sticky: true }, { split }) } }),
    });
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/', mode: 'manual' });
  const page = await createClient({ snapshot: sticky(1, { on: '100%', off: '0%' }), trust: TRUST, exposures });
  clients.push(page);
  const read = (visitorId) => (page.setContext({ visitorId }), page.getBooleanValue('lot', false));
  assert.deepEqual([read('v1'), read('v2')], [true, true]);
  page.expose('lot');
  await page.load(sticky(2, { on: '0%', off: '100%' }));
  assert.deepEqual([read('v1'), read('v2')], [false, true]);
});
