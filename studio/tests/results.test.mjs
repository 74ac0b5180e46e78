// What the Results place makes of a report: which file is one, the conclusion, and the words.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from './module.mjs';

const { isProblem, readReport } = await load('results/report.ts');
const { cause, conclusions, inBrief, relative, unreadable } = await load('results/conclusion.ts');
const words = await load('results/words.ts');
const SAMPLE = readFileSync(new URL('../src/results/sample.json', import.meta.url), 'utf8');

const comparison = (verdict, others = {}) => ({
  variant: 'bold',
  alpha: 0.05,
  verdict,
  refusal: null,
  difference: { value: 0.02, low: 0.01, high: 0.03 },
  lift: { value: 0.2, low: 0.1, high: 0.3 },
  fixed: null,
  power: null,
  unitsToGo: null,
  daysToGo: null,
  days: [],
  ...others,
});
const metric = (name, role, verdict, others = {}) => ({
  metric: name,
  role,
  moreIsBetter: true,
  isShare: true,
  meaning: `conversion rate of \`${name}\``,
  cap: null,
  capOfY: null,
  adjusted: false,
  arms: [
    { variant: 'control', units: 1_000, nonzero: 100, mean: 0.1 },
    { variant: 'bold', units: 1_000, nonzero: 120, mean: 0.12 },
  ],
  comparisons: [comparison(verdict, others)],
});
const guardrail = (name, verdict) => metric(name, { guardrail: 0.05 }, verdict);
const study = (metrics, others = {}) => ({
  kind: 'experiment',
  name: 'call',
  phase: 1,
  unit: 'visitor',
  from: '2026-11-01T00:00:00Z',
  to: null,
  ended: false,
  stopped: null,
  opens: null,
  kills: [],
  apart: { exposures: 0, events: 0 },
  days: 20,
  arms: [
    { variant: 'control', planned: 0.5, units: 1_000, share: 0.5 },
    { variant: 'bold', planned: 0.5, units: 1_000, share: 0.5 },
  ],
  strangers: [],
  strangersMore: 0,
  unshared: [],
  crossed: 0,
  isCrossed: false,
  sampleRatio: null,
  plan: { written: true, units: 4_000, detect: 0.1, power: 0.8, alpha: 0.05, atLeastDays: 14 },
  metrics,
  arrival: { exposures: 2_000, receipts: 2_010, late: 0, skewed: 0, uncorrected: 0, outdated: 0, contradicted: 0 },
  answer: '',
  ...others,
});
const one = (metrics, others) => conclusions(study(metrics, others))[0];

test('a study says its phase where it has another one', () => {
  const [first, second] = [study([]), study([], { phase: 2 })];
  const holdout = study([], { kind: 'holdout' });
  assert.equal(words.title(first, [first, holdout]), 'call');
  assert.deepEqual(
    [first, second].map((one) => words.title(one, [second, first])),
    ['call, phase 1', 'call, phase 2'],
  );
  assert.equal(words.title(second, [second]), 'call, phase 2');
});

test('a win is one once all guardrails are cleared, and says what to do', () => {
  const check = (metrics, tone, headline, next, kind) => {
    const said = one(metrics);
    assert.deepEqual([said.tone, said.headline, inBrief(study(metrics)).kind], [tone, headline, kind]);
    assert.match(said.next, next);
  };
  const won = metric('purchase', 'primary', 'better');
  check([won, guardrail('errors', 'safe')], 'good', 'bold is better: purchase +20.0 %.', /can be rolled out/, 'better');
  check(
    [won, guardrail('errors', 'unknown')],
    'unsure',
    'bold is better: purchase +20.0 %, with a guardrail not cleared.',
    /^Wait: guardrail errors/,
    'waits',
  );
  check(
    [won, guardrail('errors', 'withheld')],
    'unsure',
    'bold is better: purchase +20.0 %, with a guardrail not cleared.',
    /^Wait/,
    'waits',
  );
  check(
    [won, guardrail('errors', 'harmed')],
    'bad',
    'bold is better: purchase +20.0 %, but it harms errors.',
    /do not roll it out/,
    'harmed',
  );
  check([metric('purchase', 'primary', 'worse')], 'bad', 'bold is worse: purchase +20.0 %.', /Do not roll it out/, 'worse');
  check([metric('purchase', 'primary', 'unknown')], 'plain', 'bold: no conclusion yet.', /not “no effect”/, 'unknown');
  check([guardrail('errors', 'safe')], 'good', 'bold: all guardrails are cleared.', /next step/, 'safe');
  check([guardrail('errors', 'unknown')], 'unsure', 'bold: guardrail not cleared yet.', /Wait for errors/, 'unknown');
  // A secondary metric decides nothing.
  check(
    [metric('purchase', 'primary', 'unknown'), metric('basket', 'secondary', 'better')],
    'plain',
    'bold: no conclusion yet.',
    /Keep it running/,
    'unknown',
  );
});

test('what may not be read is not concluded from', () => {
  const cell = (of, units, alarm) => ({ of, units, p: alarm ? 1e-9 : 0.5, alarm });
  const sampleRatio = {
    alarm: true,
    lnBayesFactor: 30,
    p: 1e-9,
    byDay: [],
    byVersion: [],
    byBrowser: [cell('Safari', [700, 300], true), cell('Chrome', [50, 50], false)],
  };
  const off = study([metric('purchase', 'primary', 'withheld')], { sampleRatio });
  assert.match(unreadable(off).headline, /sample ratio mismatch/);
  assert.equal(cause(off), 'Out of proportion: browser Safari (bold has 30 % there, planned 50 %).');
  assert.match(cause({ ...off, sampleRatio: { ...sampleRatio, byBrowser: [] } }), /lost everywhere/);
  assert.deepEqual([inBrief(off).tone, inBrief(off).kind], ['bad', 'unreadable']);
  assert.match(unreadable(study([], { isCrossed: true })).headline, /more than one variant/);
  assert.match(unreadable(study([], { arms: off.arms.map((arm) => ({ ...arm, units: 0 })) })).headline, /No exposures yet/);
  assert.match(unreadable(study([])).headline, /no metrics/);
  assert.equal(unreadable(study([metric('purchase', 'primary', 'unknown')])), undefined);
});

test('bars have the sign of what is decided by, whatever the lift says', () => {
  const [own] = [metric('purchase', 'primary', 'better')];
  const found = relative(own, own.comparisons[0]);
  assert.deepEqual(
    [found.value, found.low, found.high].map((end) => end.toFixed(9)),
    ['0.200000000', '0.100000000', '0.300000000'],
  );
  const open = metric('purchase', 'primary', 'unknown', { difference: { value: 0.02, low: null, high: 0.03 } });
  assert.equal(relative(open, open.comparisons[0]).low, null);
  assert.equal(relative(open, { ...open.comparisons[0], lift: null }), undefined);
  assert.equal(relative(open, { ...open.comparisons[0], difference: null }), undefined);
});

test('every refusal has a sentence, and none says that there is no effect', () => {
  const refusals = ['sampleRatio', 'crossovers', 'fewUnits', 'fewConversions', 'early', 'stopped', 'impossibleSums', 'nothingVaries'];
  for (const refusal of [...refusals, 'later']) {
    const said = words.refusalOf(study([]), refusal);
    assert.match(said, /[a-z].*[.?]$/);
    assert.doesNotMatch(said, /no effect|undefined/);
  }
  assert.equal(words.verdictOf(comparison('unknown', { refusal: 'early' })), 'too early');
  assert.equal(words.cleared('unknown'), 'not cleared yet');
});

test('power so far is told while nothing is known, and what is missing', () => {
  const open = comparison('unknown', { power: 0.494, unitsToGo: 21_000, daysToGo: 12 });
  assert.equal(
    words.outlook(study([]), open),
    "Power so far: 49 % for a 10 % change. 80 % takes 21,000 more visitors, 12 days at last week's pace.",
  );
  assert.equal(words.outlook(study([]), { ...open, verdict: 'better' }), '');
  assert.match(words.outlook(study([]), { ...open, unitsToGo: null }), /No number of visitors is enough/);
  assert.equal(words.outlook(study([], { ended: true }), open), 'Power so far: 49 % for a 10 % change.');
});

test('numbers are as in the report', () => {
  assert.deepEqual([0, 1.23456, 12_345.6, -0.0123456, 0.1].map(words.number), ['0', '1.235', '12,346', '−0.01235', '0.1000']);
  assert.deepEqual([0.153, -0.05, 0].map(words.change), ['+15.3 %', '−5.0 %', '0.0 %']);
  const rate = metric('purchase', 'primary', 'better');
  assert.equal(words.range(rate, { value: 0.0104, low: -0.0021, high: null }), '+1.04 points (−0.21 to any number up)');
  assert.equal(words.confidence(0.05 / 3), '98.33 %');
  assert.equal(words.p(1e-9), 'p < 0.0001');
});

test('the sample is a report; what is none says what it is', () => {
  const sample = readReport(SAMPLE);
  assert.equal(isProblem(sample), false);
  assert.ok(sample.studies.length >= 4);
  for (const own of sample.studies) assert.ok(inBrief(own).headline);
  for (const [text, code] of [
    ['', 'EMPTY'],
    ['  \n', 'EMPTY'],
    ['<html>', 'HTML'],
    ['{"set": ', 'NOT_JSON'],
    ['shop/production, as of', 'NOT_JSON'],
    ['[1]', 'NOT_A_REPORT'],
    ['null', 'NOT_A_REPORT'],
    ['{"set":"a/b","asOf":"x","studies":[{}]}', 'NOT_A_REPORT'],
  ]) {
    const problem = readReport(text);
    assert.equal(problem.code, code, text);
    assert.ok(problem.cause && problem.remedy);
  }
  // One without studies, and of a later version.
  assert.equal(isProblem(readReport('{"set":"a/b","asOf":"x","studies":[],"unknown":[],"unknownMore":0,"warnings":[],"later":1}')), false);
});
