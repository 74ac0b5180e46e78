// What the flag editor writes: shares, splits, phases, experiments, flags and names of variants; and rules in words. What they mean is in the model, of Rust.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { load } from './module.mjs';
import { random } from './random.mjs';

const written = await load('flags/written.ts');
const phase = await load('flags/phase.ts');
const { renameVariant } = await load('flags/renamed.ts');
const { inWords } = await load('flags/words.ts');
const { read } = await load('rules/condition.ts');
const { set } = await load('rules/rules.ts');

test('shares, ranges and dates of fields are what is typed, or nothing', () => {
  assert.deepEqual(['12.5%', ' 100% ', '101%', '5', 5, undefined].map(written.share), [
    0.125,
    1,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(['0%-60%', '0%-40%, 60%-80%', '60%-0%', '0%', '0%-1%-2%'].map(written.areRanges), [true, true, false, false, false]);
  assert.deepEqual([0.125, 1 / 3, 1].map(written.percentText), ['12.5%', '33.3333%', '100%']);
  assert.deepEqual(['2026-12-01', '2026-12-01T08:00+01:00', 'soon', undefined].map(written.inputOf), [
    '2026-12-01T00:00',
    '2026-12-01T07:00',
    '',
    '',
  ]);
});

const name = (at) => `v${at}`;

test('an even split is 100 %, and nobody has more than 0.01 % more', () => {
  for (let count = 1; count <= 60; count++) {
    const shares = Object.values(phase.evenly(Array.from({ length: count }, (_, at) => name(at)))).map((share) =>
      Math.round(Number.parseFloat(share) * 100),
    );
    assert.equal(
      shares.reduce((sum, share) => sum + share, 0),
      10_000,
    );
    assert.ok(Math.max(...shares) - Math.min(...shares) <= 1, `${shares}`);
  }
});

/** An experiment with some phases, and a flag that runs it, as people write them. */
function text(dice) {
  const variants = Array.from({ length: 2 + dice.below(3) }, (_, at) => name(at));
  const flow = (split) =>
    `{ ${Object.entries(split)
      .map((entry) => entry.join(': '))
      .join(', ')} }`;
  const phases = Array.from({ length: 1 + dice.below(3) }, (_, at) => {
    const split = phase.evenly(variants);
    const to = dice.chance(0.5) ? `, to: 2026-0${at + 2}-01` : '';
    const coverage = dice.chance(0.5) ? `, coverage: ${10 + at}%` : '';
    if (dice.chance(0.5))
      return `      - { id: ${at + 1}, from: 2026-0${at + 1}-01${to}${coverage}, split: ${flow(split)} } # phase ${at + 1}`;
    const lines = [
      `id: ${at + 1}`,
      `from: 2026-0${at + 1}-01`,
      ...(to ? [to.slice(2)] : []),
      ...(coverage ? [coverage.slice(2)] : []),
      '# how they are divided',
    ];
    const shares = Object.entries(split).map(([key, share]) => `          ${key}: ${share}${dice.chance(0.3) ? ' # why' : ''}`);
    return [`      - ${lines[0]}`, ...lines.slice(1).map((line) => `        ${line}`), '        split:', ...shares].join('\n');
  });
  const body = `project: shop # ours
experiments:
  # before it
  one:
    unit: visitor
    phases:
${phases.join('\n')}
  # behind it
  two: { unit: visitor, phases: [] }
flags:
  call:
    type: string
    variants: ${flow(Object.fromEntries(variants.map((key) => [key, key])))}
    whenOff: v0
    rules: [${dice.chance(0.5) ? '{ id: early, serve: v1 }, ' : ''}{ id: test, experiment: one }]
    default: v1
    in: { staging: { default: v0 } }
`;
  return { files: { 'waft.yaml': body }, variants, count: phases.length };
}

/** Each line of one text is in the other, in order, but for some. */
function kept(before, after, but) {
  const lines = after.split('\n');
  let at = 0;
  for (const line of before.split('\n').filter((line) => !but.test(line))) {
    const found = lines.indexOf(line, at);
    assert.ok(found >= 0, `lost: ${line}\n${after}`);
    at = found + 1;
  }
}

const shown = (files, variants, replaced = []) => ({
  files,
  model: { environment: 'staging', experiments: [{ key: 'one', flag: 'call' }], flags: [{ key: 'call' }] },
  flag: { key: 'call', variants, replaced, experiment: 'one' },
});

test('a new phase has what is written by now, the one before is as it was and ends unless it has, and no other line changes', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const dice = random(seed * 7919);
    const { files: base, variants, count } = text(dice);
    const before = parse(base['waft.yaml']).experiments.one.phases;
    const at = count - 1;
    let files = base;
    const split = { ...before[at].split };
    for (const variant of variants.filter(() => dice.chance(0.5))) {
      const percent = dice.chance(0.2) ? undefined : `${dice.below(100)}.5%`;
      files = phase.setShare(files, 'one', at, variant, percent);
      if (percent === undefined) delete split[variant];
      else split[variant] = percent;
      if (Object.keys(split).length === 0) break;
    }
    if (Object.keys(split).length === 0) continue;
    const isOver = before[at].to !== undefined && dice.chance(0.5);
    const after = phase.newPhase(files, base, 'one', { at, isOver }, '2026-12-01T08:00Z')['waft.yaml'];
    const phases = parse(after).experiments.one.phases;
    assert.equal(phases.length, count + 1);
    assert.deepEqual(phases.slice(0, at), before.slice(0, at));
    assert.deepEqual(phases[at], isOver ? before[at] : { ...before[at], to: '2026-12-01T08:00Z' });
    const { coverage } = before[at];
    assert.deepEqual(phases[count], { id: count + 1, from: '2026-12-01T08:00Z', ...(coverage && { coverage }), split });
    // One that only the draft ends has no end that could stay.
    const cut = phase.newPhase(
      set(files, ['experiments', 'one', 'phases', at, 'to'], '2026-11-01'),
      base,
      'one',
      { at, isOver: true },
      '2026-12-01T08:00Z',
    );
    assert.equal(parse(cut['waft.yaml']).experiments.one.phases[at].to, '2026-12-01T08:00Z');
    // What the phase itself has may be written anew.
    kept(base['waft.yaml'], after, new RegExp(`id: ${count},|to: |^ {10}v\\d|split:`));
  }
});

test('a new experiment has a rule behind the others, in the environment that has its own', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const dice = random(seed * 104_729);
    const { files, variants } = text(dice);
    const wanted = {
      key: 'three',
      hypothesis: dice.chance(0.5) ? 'Bolder: more # of them' : '',
      unit: 'visitor',
      segment: dice.chance(0.5) ? 'crew' : '',
      metric: dice.chance(0.5) ? 'purchase' : '',
      layer: dice.chance(0.5) ? 'checkout' : '',
      range: '60%-100%',
      from: '2026-12-01T08:00Z',
      coverage: dice.chance(0.5) ? '100%' : '10%',
      split: phase.evenly(variants),
    };
    const replaced = dice.chance(0.5) ? ['rules'] : [];
    const after = parse(phase.newExperiment(shown(files, variants, replaced), wanted)['waft.yaml']);
    const before = parse(files['waft.yaml']);
    const { three, ...others } = after.experiments;
    assert.deepEqual(others, before.experiments);
    assert.deepEqual(three.phases, [
      { id: 1, from: wanted.from, ...(wanted.coverage !== '100%' && { coverage: '10%' }), split: wanted.split },
    ]);
    assert.equal(three.meta?.hypothesis ?? '', wanted.hypothesis);
    assert.deepEqual(three.layer, wanted.layer ? { checkout: ['60%-100%'] } : undefined);
    const rule = { id: 'three', ...(wanted.segment && { if: { segment: 'crew' } }), experiment: 'three' };
    const { call } = after.flags;
    if (replaced.length > 0) assert.deepEqual([call.in.staging.rules, call.rules], [[rule], before.flags.call.rules]);
    else assert.deepEqual(call.rules, [...(before.flags.call.rules ?? []), rule]);
    kept(files['waft.yaml'], phase.newExperiment(shown(files, variants), wanted)['waft.yaml'], /rules: \[/);
  }
});

test('a variant has another name wherever its flag and its experiment use it', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { files, variants } = text(random(seed * 15_485_863));
    const after = renameVariant(shown(files, variants), 'v1', 'bold')['waft.yaml'];
    const expected = files['waft.yaml']
      .replaceAll(/\bv1: v1\b/g, 'bold: v1')
      .replaceAll(/\bv1:/g, 'bold:')
      .replaceAll(/(serve|default): v1/g, '$1: bold');
    assert.equal(after, expected);
  }
});

test('a variant has another name in all environments of its flag, and wherever others ask for it', () => {
  const files = {
    'waft.yaml': `project: shop
holdouts:
  h: { unit: visitor, share: 5%, from: 2026-01-01, except: { flag: { call: v1 } } }
segments:
  bold: { any: [{ flag: { call: v1 } }, { not: { flag: { call: [v0, v1], other: v1 } } }] }
experiments:
  one: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { v0: 50%, v1: 50% } }] }
  two: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { v1: 50%, v0: 50% } }] }
  theirs: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { v1: 50%, v0: 50% } }] }
`,
    'flags/call.yaml': `flags:
  call:
    type: string
    variants: { v0: a, v1: v1 }
    whenOff: v0
    rules: [{ id: v1, experiment: one }, { id: rise, ramp: v1, unit: visitor, steps: [] }]
    default: v0
    in:
      staging:
        default: v1
        whenOff: v1
        targets: { v1: { visitor: [v1] } }
        rules: [{ id: a, serve: v1 }, { id: b, experiment: two }]
      # its own values
      production:
        variants: { v1: c, v0: v1 } # v1
        rules: [{ id: a, ramp: v1 }]
`,
    'flags/others.yaml': `flags:
  other:
    variants: { v0: a, v1: b }
    default: v1
    requires: { call: v1 }
    rules: [{ id: a, if: { flag: { call: v1 } }, serve: v1 }, { id: b, experiment: theirs }]
    needs: { all: [{ flag: { call: [v1] } }] }
    in: { staging: { requires: { call: [v0, v1] }, default: v1, rules: [{ id: a, if: { flag: { call: v1 } }, serve: v1 }] } }
`,
  };
  const said = (texts) => Object.values(texts).map((text) => parse(text));
  const expected = {
    'waft.yaml': files['waft.yaml']
      .replaceAll('call: v1', 'call: bold')
      .replace('call: [v0, v1]', 'call: [v0, bold]')
      .replace('v0: 50%, v1: 50%', 'v0: 50%, bold: 50%')
      .replace(
        'two: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { v1',
        'two: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { bold',
      ),
    'flags/call.yaml': files['flags/call.yaml'].replaceAll(/\bv1: /g, 'bold: ').replaceAll(/(serve|default|whenOff|ramp): v1/g, '$1: bold'),
    'flags/others.yaml': files['flags/others.yaml']
      .replaceAll('call: v1', 'call: bold')
      .replace('call: [v0, v1]', 'call: [v0, bold]')
      .replace('call: [v1]', 'call: [bold]'),
  };
  for (const replaced of [[], ['variants', 'rules']]) {
    const after = renameVariant(shown(files, ['v0', 'v1'], replaced), 'v1', 'bold');
    assert.deepEqual(said(after), said(expected));
    assert.deepEqual(after, expected);
  }
  // A name that one environment has already is none for it.
  const taken = { ...files, 'flags/call.yaml': files['flags/call.yaml'].replace('v0: v1 } # v1', 'bold: v1 }') };
  assert.throws(() => renameVariant(shown(taken, ['v0', 'v1']), 'v1', 'bold'), { code: 'DUPLICATE_NAME' });
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
