// The workbench through the package: a draft is compiled, described and counted as a signed snapshot of the same rules.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openWorkbench } from '../dist/workbench.js';
import { NOW, snapshot, TRUST } from './fixture.mjs';

const WASM = readFileSync(new URL('../workbench/workbench_bg.wasm', import.meta.url));
const SHOP = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const binary = fileURLToPath(new URL('../../target/release/waft', import.meta.url));

/** The files of examples/shop, by their paths. */
const shop = () =>
  Object.fromEntries(
    readdirSync(SHOP, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(SHOP.length + 1), readFileSync(path, 'utf8')]),
  );

const RULES = `project: shop
environments: { production: {}, staging: {} }
attributes:
  visitorId: string
  country: { type: string, description: ISO 3166 }
  plan: { enum: [free, pro] }
  orders: number
  newsletter: boolean
  interests: list
units: { visitor: { attribute: visitorId } }
segments:
  germans: { country: { is: DE } }
  buyers: { title: Who buys, description: Has paid, if: { all: [{ segment: germans }, { not: { orders: { lt: 2 } } }] } }
flags:
  cta:
    type: boolean
    meta: { description: The button }
    variants: { on: true, off: false }
    whenOff: off
    rules: [{ id: buyers, if: { segment: buyers }, serve: on }]
    default: off
`;
const CSV =
  'visitorId,country,plan,orders,newsletter,interests\nv1,DE,pro,3,yes,sailing|wool\nv2,DE,free,1,TRUE,wool\nv3,FR,gold,,no,\nv4,,pro,5,,sailing\n';

async function workbench(files = { 'waft.yaml': RULES }, csv = CSV) {
  const bench = await openWorkbench(WASM);
  const draft = bench.compile(files, { now: NOW });
  assert.deepEqual(
    draft.findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  const report = csv === undefined ? undefined : await bench.read(new Blob([csv]));
  return { bench, draft, report };
}

test('a draft: what it declares, and where', async () => {
  const { draft } = await workbench();
  assert.deepEqual(draft.model, {
    project: 'shop',
    environments: ['production', 'staging'],
    environment: 'production',
    attributes: {
      country: { type: 'string', private: false, description: 'ISO 3166' },
      interests: { type: 'list', private: false },
      newsletter: { type: 'boolean', private: false },
      orders: { type: 'number', private: false },
      plan: { type: 'string', values: ['free', 'pro'], private: false },
      visitorId: { type: 'string', private: false },
    },
    units: { visitor: 'visitorId' },
    lists: [],
    segments: [
      { key: 'germans', file: 'waft.yaml', line: 12 },
      { key: 'buyers', file: 'waft.yaml', line: 13, title: 'Who buys', description: 'Has paid' },
    ],
    flags: [
      {
        key: 'cta',
        file: 'waft.yaml',
        line: 15,
        type: 'boolean',
        variants: ['on', 'off'],
        description: 'The button',
        enabled: true,
        replaced: [],
        whenOff: 'off',
        default: 'off',
        rules: [{ id: 'buyers', does: 'serve', serves: 'on' }],
        moments: [],
      },
    ],
    experiments: [],
    layers: [],
  });
});

test('an experiment: whom its rule admits, whom it takes, and what a change of it would need', async () => {
  const split = 'split: { on: 50%, off: 50% }';
  const rules = RULES.replace('serve: on', 'experiment: cta').replace(
    'flags:',
    `experiments: { cta: { unit: visitor, phases: [{ id: 1, from: 2020-01-01, ${split} }] } }\nflags:`,
  );
  const { bench, draft } = await workbench({ 'waft.yaml': rules });
  const [{ flag, rule, running, phases }] = draft.model.experiments;
  assert.deepEqual([flag, rule, running, phases[0].traffic], ['cta', 'buyers', 0, 1]);
  const { phase, others, unknown, planned, arms, inflow } = bench.trial('cta', 'buyers', undefined, NOW);
  assert.deepEqual([phase, others, unknown, planned, inflow], [1, 2, 1, 1, undefined]);
  assert.equal(
    arms.reduce((sum, { people }) => sum + people, 0),
    1,
  );
  assert.throws(() => bench.trial('cta', 'none'), /no rule none of the flag cta/);
  assert.deepEqual(bench.against({ 'waft.yaml': rules }, NOW), []);
  const [found] = bench.against({ 'waft.yaml': rules.replace(split, 'split: { on: 40%, off: 60% }') }, NOW);
  assert.deepEqual([found.code, found.file, found.remedy], ['PHASE_NEEDED', 'waft.yaml', 'end the phase and append a new one']);
});

test('findings are those of `waft lint`', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waft-workbench-'));
  try {
    const broken = RULES.replace('country: { is: DE }', 'contry: { is: DE }').replace('default: off', 'default: of');
    writeFileSync(join(folder, 'waft.yaml'), broken);
    let printed;
    try {
      printed = execFileSync(binary, ['lint', 'waft.yaml', '--format', 'json'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    } catch ({ stdout }) {
      printed = stdout;
    }
    const { bench } = await workbench(undefined, undefined);
    const { findings, model, counted } = bench.compile({ 'waft.yaml': broken }, { now: NOW });
    assert.deepEqual(findings, JSON.parse(printed));
    assert.deepEqual([findings.length, counted, model.flags.length], [2, false, 1], 'the last good one stays');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an environment that is not declared, and rules without any', async () => {
  const { bench } = await workbench(undefined, undefined);
  assert.throws(() => bench.compile({ 'waft.yaml': RULES }, { environment: 'producton' }), /no environment `producton`.*did you mean/);
  const none = bench.compile({ 'waft.yaml': RULES.replace(/environments.*\n/, '') });
  assert.deepEqual(
    [none.counted, none.findings[0].code, none.findings[0].message],
    [false, 'MISSING_FIELD', 'the ruleset names no environment'],
  );
  assert.equal(bench.compile({ 'waft.yaml': RULES }, { environment: 'staging' }).model.environment, 'staging');
});

test('people are counted in each part of a condition, and unknown is said', async () => {
  const { bench, report } = await workbench();
  assert.deepEqual(
    report.columns.map(({ attribute, outside }) => [attribute, outside.rows]),
    [
      ['visitorId', 0],
      ['country', 0],
      ['plan', 1],
      ['orders', 0],
      ['newsletter', 0],
      ['interests', 0],
    ],
    'enums are those of the draft',
  );
  const [germans, buyers] = bench.count(NOW).segments;
  assert.deepEqual([germans.matches, germans.misses, germans.unknown, germans.parts], [2, 1, 1, []]);
  assert.deepEqual([buyers.matches, buyers.misses, buyers.unknown], [1, 2, 1]);
  assert.deepEqual(buyers.parts, [
    { matches: 2, others: 1, unknown: 1, parts: [] },
    { matches: 2, others: 1, unknown: 1, parts: [{ matches: 1, others: 2, unknown: 1, parts: [] }] },
  ]);
  assert.deepEqual(bench.countCondition('{ segment: buyers, interests: { has: wool } }', NOW), {
    matches: 1,
    others: 3,
    unknown: 0,
    parts: [
      { matches: 1, others: 2, unknown: 1, parts: [] },
      { matches: 2, others: 1, unknown: 1, parts: [] },
    ],
  });
  assert.equal(bench.countCondition('flag: { cta: on }', NOW).matches, 1);
});

test('a condition that is wrong says why and where', async () => {
  const { bench } = await workbench();
  const thrown = (yaml) => {
    try {
      return bench.countCondition(yaml, NOW);
    } catch ({ code, message }) {
      return [code, message];
    }
  };
  assert.deepEqual(thrown('contry: { is: DE }'), ['UNKNOWN_ATTRIBUTE', '1:1: there is no attribute `contry`: did you mean `country`?']);
  assert.equal(thrown('')[0], 'EMPTY_CONDITION');
  assert.equal(thrown('a: [')[0], 'SYNTAX');
  assert.equal(thrown('flag: { cta: onn }')[0], 'UNKNOWN_VARIANT');
});

test('breakdown, overlap, people and values', async () => {
  const { bench } = await workbench();
  assert.deepEqual(bench.breakdown('germans', 'newsletter', NOW), [
    { value: 'true', matches: 2, others: 0, unknown: 0, values: 1 },
    { value: '', matches: 0, others: 0, unknown: 1, values: 1 },
    { value: 'false', matches: 0, others: 1, unknown: 0, values: 1 },
  ]);
  assert.deepEqual(bench.overlap('germans', 'buyers', NOW), { both: 1, first: 1, second: 0, neither: 1, unknown: 1 });
  assert.deepEqual(bench.people('germans', 'matches', 0, 10, NOW), [
    { visitorId: 'v1', country: 'DE', plan: 'pro', orders: 3, newsletter: true, interests: ['sailing', 'wool'] },
    { visitorId: 'v2', country: 'DE', plan: 'free', orders: 1, newsletter: true, interests: ['wool'] },
  ]);
  assert.deepEqual(bench.people('germans', 'matches', 1, 1, NOW).length, 1);
  assert.deepEqual(bench.people('germans', 'unknown', 0, 10, NOW), [{ visitorId: 'v4', plan: 'pro', orders: 5, interests: ['sailing'] }]);
  assert.deepEqual(bench.values('interests', 'W', 5), [{ value: 'wool', people: 2 }]);
  assert.deepEqual(bench.values('country', '', 1), [{ value: 'DE', people: 2 }]);
  assert.throws(() => bench.overlap('germans', 'nobody', NOW), { message: 'no segment is named nobody' });
});

test('decide, explain, and what a draft changes', async () => {
  const { bench } = await workbench();
  assert.deepEqual(bench.decide('cta', NOW), { on: 1, off: 3, '': 0 });
  const { flags } = bench.explain({ visitorId: 'v1', country: 'DE', orders: 4 }, NOW);
  assert.deepEqual([flags.cta.variant, flags.cta.reason], ['on', 'TARGETING_MATCH']);
  assert.equal(bench.segments({ country: 'FR' }, NOW)[0].matches, false);
  bench.compile({ 'waft.yaml': RULES.replace('{ is: DE }', '{ in: [DE, FR] }').replace('lt: 2', 'lt: 1') }, { now: NOW });
  const diff = bench.diff({ 'waft.yaml': RULES }, NOW);
  assert.deepEqual(
    diff.shared.map(({ kind, name, change }) => [kind, name, change]),
    [
      ['segment', 'buyers', 'changed'],
      ['segment', 'germans', 'changed'],
    ],
  );
  const { moves, changed } = diff.population.flags[0];
  assert.deepEqual([changed.rows, moves.map(({ before, after, rows }) => [before.variant, after.variant, rows])], [1, [['off', 'on', 1]]]);
});

test('the shop: lists come with the files, or are given', async () => {
  const files = shop();
  const { bench } = await workbench(files, readFileSync(join(SHOP, 'people.csv')));
  assert.ok(bench.count(NOW).segments.length > 3);
  const { 'lists/press.csv': press, ...rest } = files;
  const other = await openWorkbench(WASM);
  const missing = other.compile(rest, { now: NOW });
  assert.deepEqual(
    missing.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['LIST_FILE'],
  );
  assert.equal(other.putList('other.csv', new TextEncoder().encode(press)), false);
  assert.equal(other.putList('press.csv', new TextEncoder().encode(press)), true);
  assert.equal(other.compile(rest, { now: NOW }).counted, true);
});

test('lists of one name in two folders are told apart by their paths, and a name alone is of neither', async () => {
  const list = (name, file) => `  ${name}: { file: ${file}, attribute: visitorId }\n`;
  const segment = (name) => `  in-${name}: { list: ${name} }\n`;
  const names = ['a', 'b'];
  const head =
    'project: shop\nenvironments: { production: {} }\nattributes: { visitorId: string }\nunits: { visitor: { attribute: visitorId } }\n';
  const text = `${head}lists:\n${list('a', 'lists/a/ids.csv')}${list('b', './lists/./b/ids.csv')}segments:\n${names.map(segment).join('')}`;
  const bytes = (text) => new TextEncoder().encode(text);
  const bench = await openWorkbench(WASM);
  const compile = () => bench.compile({ 'waft.yaml': text }, { now: NOW }).findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(
    compile().map(({ code }) => code),
    ['LIST_FILE', 'LIST_FILE'],
  );
  assert.equal(bench.putList('ids.csv', bytes('v1\n')), false);
  assert.equal(bench.putList('lists/a/ids.csv', bytes('v1\nv2\n')), true);
  assert.deepEqual(
    compile().map(({ code, message }) => [code, /b\/ids/.test(message)]),
    [['LIST_FILE', true]],
  );
  assert.equal(bench.putList('lists/b/ids.csv', bytes('v3\n')), true);
  assert.deepEqual(compile(), []);
  await bench.read(new Blob(['visitorId\nv1\nv2\nv3\n']));
  assert.deepEqual(
    bench.count(NOW).segments.map(({ matches }) => matches),
    [2, 1],
  );
});

test('a signed snapshot is counted as its draft', async () => {
  const bench = await openWorkbench(WASM);
  bench.open({ snapshot: snapshot(), trust: TRUST, now: NOW });
  await bench.read(new Blob(['visitorId,country\nv1,DE\nv2,FR\n']));
  assert.deepEqual(bench.decide('on-in-germany', NOW), { off: 1, on: 1, '': 0 });
  assert.throws(() => bench.open({ snapshot: snapshot(), trust: { ...TRUST, project: 'shed' }, now: NOW }), { message: 'WRONG_PROJECT' });
  assert.deepEqual(bench.decide('on-in-germany', NOW), { off: 1, on: 1, '': 0 }, 'what was there stays');
  assert.throws(() => bench.countCondition('country: { is: DE }', NOW), { code: 'NO_DRAFT' });
});

test('nothing yet: what to do is said; a file that cannot be read, and a stop', async () => {
  const bench = await openWorkbench(WASM);
  assert.throws(() => bench.explain({}), { code: 'NO_RULES', message: /compile a draft/ });
  bench.compile({ 'waft.yaml': RULES }, { now: NOW });
  assert.throws(() => bench.count(), { code: 'NO_PEOPLE', message: /read a file/ });
  await assert.rejects(bench.read(new Blob([''])), { code: 'EMPTY' });
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(bench.read(new Blob([CSV]), { signal: stop.signal }), { code: 'CANCELLED' });
  // Of two at once, the one that was asked for last, though it is done first.
  const long = bench.read(new Blob([CSV, 'v9,DE,free,5,true,\n'.repeat(50_000)]));
  const short = bench.read(new Blob([CSV]));
  await assert.rejects(long, { code: 'CANCELLED' });
  assert.equal((await short).rows, bench.count().rows);
});

test('people stay while rules change, and unit hashes with them', async () => {
  const { bench } = await workbench();
  for (const orders of [1, 4, 2]) {
    bench.compile({ 'waft.yaml': RULES.replace('lt: 2', `lt: ${orders}`) }, { now: NOW });
    const expected = { 1: 2, 4: 0, 2: 1 }[orders];
    assert.equal(bench.decide('cta', NOW).on, expected);
    assert.equal(bench.count(NOW).segments[1].matches, expected);
  }
});

test('a plan needs no rules or people; what it lacks it names, and has no figure', async () => {
  const bench = await openWorkbench(WASM);
  const known = {
    parts: [0.6, 0.95],
    isRate: true,
    windowDays: 7,
    weights: [0.5, 0.5],
    primaryMetrics: 1,
    alpha: 0.05,
    power: 0.8,
    atLeastDays: 14,
  };
  assert.deepEqual(bench.plan(known), {
    needs: ['eligible units a day', 'the rate today, between 0 and 100 %', 'the smallest change that matters, or days (at most 730)'],
  });
  const planned = bench.plan({ ...known, eligible: 4_000, baseline: 0.1, detect: 0.1, days: 28 });
  assert.deepEqual([planned.needs, planned.perDay, planned.days, planned.units], [[], 2_280, 30, 52_440]);
  assert.ok(Math.abs(planned.detectable - 0.1037) < 0.001, `${planned.detectable}`);
  assert.deepEqual(planned.curve[0], { day: 7, units: 0, detectable: null });
  assert.throws(() => bench.plan({ ...known, later: 1 }), { message: /unknown field `later`/ });
});
