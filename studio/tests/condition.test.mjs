// Conditions as trees: both ways, and what the compiler says of what they write.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lintRules } from 'waft/rules';
import { load } from './module.mjs';
import { random } from './random.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const condition = await load('rules/condition.ts');
const rules = await load('rules/rules.ts');
const { OPERATORS } = await load('rules/operators.ts');
const CASES = Number(process.env.CASES ?? 300);

const SHOP = join(root, 'examples/shop');
const shop = Object.fromEntries(
  readdirSync(SHOP, { recursive: true })
    .filter((file) => /\.(?:yaml|csv)$/.test(file))
    .map((file) => [file, readFileSync(join(SHOP, file), 'utf8')]),
);

/** What lint says of files. */
function lint(files) {
  const folder = mkdtempSync(join(tmpdir(), 'waft-rules-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return lintRules(folder).filter(({ severity }) => severity === 'error');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const TYPES = {
  visitorId: 'string',
  country: 'string',
  orders: 'number',
  newsletter: 'boolean',
  signedUpAt: 'date',
  appVersion: 'semver',
  interests: 'list',
};
const VALUES = {
  string: ['DE', 'x y', '^a', "it's", '', 'off', '007'],
  number: [0, 1, 2.5, -3],
  semver: ['1.0.0', '3.0.0-rc.1'],
  date: ['2026-01-01', '2026-12-01T08:00Z'],
  list: ['wool', 'tar'],
};

/** A random operand that an operator of a type takes. */
function operand(dice, type, shape, name) {
  const one = () =>
    type === 'boolean'
      ? dice.chance(0.5)
      : name === 'is' || type !== 'string'
        ? dice.one(VALUES[type])
        : dice.one(VALUES[type].filter(Boolean));
  const several = () => [...new Set(Array.from({ length: 1 + dice.below(3) }, one))];
  const bounds = () => (type === 'number' ? [1, 5] : type === 'semver' ? ['1.0.0', '2.0.0'] : ['2026-01-01', '2026-12-31T23:59Z']);
  return {
    truth: () => dice.chance(0.5),
    one,
    several,
    bounds,
    some: () => (dice.chance(0.5) ? one() : several()),
    duration: () => `${1 + dice.below(60)}${dice.one(['s', 'm', 'h', 'd', 'w'])}`,
    size: () => dice.one([2, { gte: 1 }, { gte: 1, lt: 9 }]),
  }[shape]();
}

function leaf(dice) {
  const kind = dice.below(10);
  if (kind === 0) return { kind: 'segment', name: dice.one(['crew', 'eurozone', 'regulars']) };
  if (kind === 1) return { kind: 'list', name: dice.one(['suppliers', 'press']) };
  if (kind === 2) return { kind: 'flag', flag: 'pay-later', variants: dice.one(['on', ['on', 'off']]) };
  if (kind === 3) return { kind: 'share', share: { of: 'visitor', part: '0%-20%', salt: `s${dice.below(1e9)}` } };
  const attribute = dice.one(Object.keys(TYPES));
  const { name, shape } = dice.one(OPERATORS[TYPES[attribute]]);
  return { kind: 'test', attribute, operator: name, operand: operand(dice, TYPES[attribute], shape, name) };
}

function tree(dice, depth = 0) {
  const kind = depth > 3 ? 4 : dice.below(6);
  if (kind === 0) return { kind: 'not', part: tree(dice, depth + 1) };
  if (kind > 2) return leaf(dice);
  const parts = Array.from({ length: 1 + dice.below(3) }, () => tree(dice, depth + 1));
  return kind === 1 ? { kind: 'any', parts } : dice.chance(0.5) ? { kind: 'all', parts } : { kind: 'all', parts, written: 'map' };
}

test('a condition that is read and written is what it was', () => {
  let count = 0;
  for (const file of Object.keys(shop).filter((name) => name.endsWith('.yaml') && !name.includes('.test.'))) {
    const files = { [file]: shop[file] };
    for (const key of rules.keys(files, ['segments'])) {
      const path = condition.conditionPath(files, ['segments', key]);
      assert.deepEqual(condition.write(condition.read(rules.get(files, path))), rules.get(files, path));
      assert.equal(condition.setCondition(files, ['segments', key], condition.conditionOf(files, ['segments', key])), files);
      count++;
    }
  }
  assert.ok(count >= 5, `${count} segments`);
  for (let seed = 1; seed <= CASES; seed++) {
    const value = condition.write(tree(random(seed)));
    assert.deepEqual(condition.write(condition.read(value)), value, `seed ${seed}`);
  }
});

test('the compiler accepts every random condition that is written into the shop, and every other line stays', () => {
  assert.deepEqual(lint(shop), []);
  for (let seed = 1; seed <= Math.max(20, CASES / 5); seed++) {
    const dice = random(seed * 31);
    let files = shop;
    for (let step = 0; step < 3; step++) {
      const key = `built-${seed}-${step}`;
      files = rules.add(
        files,
        'segments',
        key,
        dice.chance(0.5) ? condition.write(tree(dice)) : { title: key, if: condition.write(tree(dice)) },
      );
      const before = files['segments.yaml'];
      files = condition.setCondition(files, ['segments', key], tree(dice));
      const { from } = rules.where(files, ['segments', key]);
      assert.equal(files['segments.yaml'].slice(0, from), before.slice(0, from));
      // A segment that is used elsewhere, too.
      const path = ['flags', 'pay-later', 'rules', 0, 'if'];
      files = condition.setCondition(files, path, {
        kind: 'all',
        parts: [condition.conditionOf(files, path), { kind: 'segment', name: key }],
      });
      files = condition.setCondition(files, path, { kind: 'segment', name: key });
    }
    // Of a flag that asks for itself through a segment, the compiler says so.
    const errors = lint(files).filter(({ code }) => code !== 'PREREQUISITE_CYCLE');
    assert.deepEqual(errors, [], `seed ${seed}\n${files['segments.yaml']}`);
  }
});

test('the operators are those of docs/ruleset.md, type by type', () => {
  const page = readFileSync(join(root, 'docs/ruleset.md'), 'utf8');
  const rows = page.slice(page.indexOf('### Operators')).matchAll(/^\| (`\w+`(?:, `\w+`)*) \| ([\w, ]+) \|/gm);
  const documented = {};
  for (const [, names, types] of rows) {
    for (const type of types === 'all' ? Object.keys(OPERATORS) : types.split(', ')) {
      (documented[type] ??= []).push(...[...names.matchAll(/\w+/g)].map(([name]) => name));
    }
  }
  for (const [type, operators] of Object.entries(OPERATORS)) {
    assert.deepEqual(operators.map(({ name }) => name).sort(), documented[type].sort(), type);
  }
});
