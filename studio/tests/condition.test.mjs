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
import { tree } from './conditions.mjs';

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
