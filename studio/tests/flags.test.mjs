// What the flag editor reads of rules: steps on a line of time, ranges of a layer, moments, and rules in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './module.mjs';

const written = await load('flags/written.ts');
const { rangesOf, layerShare } = await load('flags/traffic.tsx');
const { inWords } = await load('flags/words.ts');
const { read } = await load('rules/condition.ts');
const at = Date.parse;

test('shares, ranges, durations and moments are what is written, or nothing', () => {
  assert.deepEqual(['12.5%', ' 100% ', '101%', '5', 5, undefined].map(written.share), [
    0.125,
    1,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(['0%-60%', '60%-0%', '0%', '0%-1%-2%'].map(written.rangeOf), [[0, 0.6], undefined, undefined, undefined]);
  assert.deepEqual(['48h', '14d', '30m', 'approval', ''].map(written.duration), [
    172_800_000,
    1_209_600_000,
    1_800_000,
    undefined,
    undefined,
  ]);
  assert.equal(written.moment('2026-12-01'), at('2026-12-01T00:00Z'));
  assert.equal(written.moment('2026-12-01T08:00+01:00'), at('2026-12-01T07:00Z'));
  assert.equal(written.moment('soon'), undefined);
  assert.deepEqual([0.125, 1 / 3, 1].map(written.percentText), ['12.5%', '33.3333%', '100%']);
});

test('steps of a ramp: those with dates begin by themselves, and what waits says for what', () => {
  const steps = written.stepsOf({
    steps: [
      { to: '10%', at: '2026-11-16T08:00Z' },
      { to: '50%', after: '14d' },
      { to: '75%', after: '48h', units: 5_000 },
      { to: '100%', after: 'approval' },
    ],
  });
  assert.deepEqual(
    steps.map(({ to, at, isDated }) => [to, at, isDated]),
    [
      [0.1, at('2026-11-16T08:00Z'), true],
      [0.5, at('2026-11-30T08:00Z'), true],
      [0.75, at('2026-12-02T08:00Z'), false],
      [1, undefined, false],
    ],
  );
  assert.match(steps[2].waits, /5,000 units/);
  assert.equal(steps[3].waits, 'once somebody approved it');
  const guarded = written.stepsOf({
    guard: { errors: {} },
    steps: [
      { to: '5%', at: '2026-11-16' },
      { to: '25%', after: '48h' },
    ],
  });
  assert.deepEqual(
    guarded.map(({ isDated }) => isDated),
    [true, false],
  );
});

const FILES = {
  'waft.yaml': `project: shop
layers: { checkout: { unit: visitor, resting: { 70%-80%: 2027-03-01T00:00Z } } }
holdouts: { winter: { unit: visitor, share: 5%, from: 2026-11-01T00:00Z } }
experiments:
  one: { unit: visitor, layer: { checkout: [0%-40%, 60%-65%] }, phases: [{ id: 1, from: 2026-11-05T00:00Z, split: { a: 50%, b: 50% } }] }
  two: { unit: visitor, layer: { checkout: [50%-60%] }, phases: [{ id: 1, from: 2026-11-05T00:00Z, split: { a: 50%, b: 50% } }] }
  free: { unit: visitor, phases: [] }
flags:
  call:
    type: string
    variants: { a: a, b: b }
    whenOff: a
    holdout: winter
    rules:
      - { id: early, from: 2026-12-01, to: 2026-12-25, serve: b }
      - { id: test, experiment: one }
    default: a
`,
};

test('a layer has no gaps: own ranges, those of others, what rests, what is free', () => {
  const ranges = rangesOf(FILES, 'checkout', 'one').map(({ from, to, of, kind }) => `${kind} ${of} ${from}-${to}`);
  assert.deepEqual(ranges, [
    'own one 0-0.4',
    'free free 0.4-0.5',
    'other two 0.5-0.6',
    'own one 0.6-0.65',
    'free free 0.65-0.7',
    'resting resting 0.7-0.8',
    'free free 0.8-1',
  ]);
  assert.equal(layerShare(FILES, 'one').toFixed(2), '0.45');
  assert.equal(layerShare(FILES, 'free'), 1);
});

test('moments at which something of a flag may change', () => {
  const days = written.momentsOf(FILES, 'call').map(written.day);
  assert.deepEqual(days, ['2026-11-01', '2026-11-05', '2026-12-01', '2026-12-25']);
});

test('conditions are told in words', () => {
  const told = (value) => inWords(read(value));
  assert.equal(told(undefined), 'everybody');
  assert.equal(told({ country: { in: ['DE', 'AT'] }, orders: { gte: 3 } }), 'country is one of DE, AT and orders is at least 3');
  assert.equal(
    told({ any: [{ segment: 'crew' }, { not: { plan: { is: 'guest' }, orders: { lt: 2 } } }] }),
    'in segment crew or not (plan is guest and orders is less than 2)',
  );
  assert.equal(told({ accountId: { exists: false } }), 'accountId is not known');
  assert.equal(told({ orders: { between: [1, 5] } }), 'orders is from 1 to 5');
});
