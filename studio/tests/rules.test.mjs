// Edits of a ruleset's text: what was asked is there, and every other line is as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { load } from './module.mjs';
import { name, random, scalar, text, value } from './random.mjs';

const rules = await load('rules/rules.ts');
const CASES = Number(process.env.CASES ?? 3000);
const FILE = 'waft.yaml';

const at = (whole, path) => path.reduce((found, step) => found?.[step], whole);
/** Every path of a value, the top left out. */
function paths(whole, path = []) {
  if (typeof whole !== 'object' || whole === null) return [];
  const keys = Array.isArray(whole) ? whole.map((_, index) => index) : Object.keys(whole);
  return keys.flatMap((key) => [[...path, key], ...paths(whole[key], [...path, key])]);
}
const isMap = (it) => typeof it === 'object' && it !== null && !Array.isArray(it);
const comments = (written) => written.match(/# comment \d+/g) ?? [];
// As YAML reads it: keys are text here, whatever they look like.
const read = (written) => parse(written, { mapAsMap: false, stringKeys: true });

/** A copy with something else at a path. */
function changed(whole, path, change) {
  const copy = structuredClone(whole);
  change(at(copy, path.slice(0, -1)), path.at(-1));
  return copy;
}

/** Some edit of a text: what it does, what it says then, and the lines that it may touch, by what is written there. */
function edit(dice, files, whole) {
  const all = paths(whole);
  const path = dice.one(all.filter(({ length }) => length > 1).concat([dice.one(all)]));
  const old = at(whole, path);
  const parent = at(whole, path.slice(0, -1));
  const kind = dice.below(6);
  const span = (to) => rules.where(files, to);
  if (kind === 0) {
    const next = dice.chance(0.7) ? scalar(dice) : value(dice, 2);
    return {
      told: ['set', path, next],
      next: changed(whole, path, (holder, key) => (holder[key] = next)),
      by: () => rules.set(files, path, next),
      span: span(path),
    };
  }
  if (kind === 1 && path.length > 1) {
    return {
      told: ['remove', path],
      next: changed(whole, path, (holder, key) => (Array.isArray(holder) ? holder.splice(key, 1) : delete holder[key])),
      by: () => rules.remove(files, path),
      span: span(Object.keys(parent).length === 1 ? path.slice(0, -1) : path),
    };
  }
  if (kind === 2 && Array.isArray(old)) {
    const [index, item] = [dice.below(old.length + 1), dice.chance(0.5) ? scalar(dice) : value(dice, 3)];
    return {
      told: ['insert', path, index, item],
      next: changed(whole, path, (holder, key) => holder[key].splice(index, 0, item)),
      by: () => rules.insert(files, path, index, item),
      span: span(path),
    };
  }
  if (kind === 3 && Array.isArray(old) && old.length > 1) {
    const [from, to] = [dice.below(old.length), dice.below(old.length)];
    const order = (holder, key) => holder[key].splice(to, 0, ...holder[key].splice(from, 1));
    return {
      told: ['move', path, from, to],
      next: changed(whole, path, order),
      by: () => rules.move(files, path, from, to),
      span: span(path),
    };
  }
  if (kind === 4 && isMap(parent) && path.length > 1) {
    const key = name(dice);
    if (Object.hasOwn(parent, key)) return undefined;
    const other = (holder) => {
      holder[key] = holder[path.at(-1)];
      delete holder[path.at(-1)];
    };
    return { told: ['rename', path, key], next: changed(whole, path, other), by: () => rules.rename(files, path, key), span: span(path) };
  }
  // A whole map or list in which something differs: only that is written.
  if (typeof old !== 'object' || old === null || path.length < 2) return undefined;
  const inner = paths(old);
  const next = structuredClone(old);
  if (inner.length > 0) {
    const deep = dice.one(inner);
    const holder = at(next, deep.slice(0, -1));
    if (dice.chance(0.5)) holder[deep.at(-1)] = scalar(dice);
    else if (Array.isArray(holder)) holder.splice(deep.at(-1), 1);
    else delete holder[deep.at(-1)];
  } else if (Array.isArray(next)) next.push(scalar(dice));
  else next[name(dice)] = scalar(dice);
  return {
    told: ['set', path, next],
    next: changed(whole, path, (holder, key) => (holder[key] = next)),
    by: () => rules.set(files, path, next),
    span: span(path),
  };
}

/** Lines outside of a span have to be the same. */
function checkLines(before, after, span, told) {
  // Parts of braces on lines of their own have a comma between them, which comes and goes with the next one.
  const lines = (written) => written.split('\n').map((line) => line.replace(/,(?=\s*(?:#[^\n]*)?$)/, ''));
  // What follows the first entry of a map in a list comes up to the dash, past empty lines.
  const undashed = (written) =>
    lines(written)
      .map((line) => line.replace(/^[\s-]+/, ''))
      .filter((line) => line !== '');
  const read = told.includes('["remove"') ? undashed : lines;
  const now = read(after);
  const above = read(before.slice(0, before.lastIndexOf('\n', span.from - 1) + 1)).slice(0, told.includes('["remove"') ? undefined : -1);
  assert.deepEqual(now.slice(0, above.length), above, `${told}: lines above`);
  const end = before.indexOf('\n', span.to);
  if (end < 0) return;
  const below = read(before.slice(end + 1));
  if (before.endsWith('\n') && below.length > 0) assert.deepEqual(now.slice(-below.length), below, `${told}: lines below`);
}

test('random edits of random rulesets touch the lines of what they change, and say what was asked', () => {
  let done = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const dice = random(seed * 7919);
    const whole = value(dice);
    const written = text(dice, whole);
    assert.deepEqual(read(written), whole, `seed ${seed}: the random text\n${written}`);
    let files = { [FILE]: written };
    let said = whole;
    for (let step = 0; step < 4; step++) {
      const one = edit(dice, files, said);
      if (!one) continue;
      const told = `seed ${seed}, ${JSON.stringify(one.told)}`;
      let after;
      try {
        after = one.by();
      } catch (error) {
        assert.fail(`${told}: ${error.stack}\n${files[FILE]}`);
      }
      assert.deepEqual(read(after[FILE]), one.next, `${told}\n${files[FILE]}\n---\n${after[FILE]}`);
      checkLines(files[FILE], after[FILE], one.span, `${told}\n${files[FILE]}\n---\n${after[FILE]}\n`);
      // A line that goes takes the comment behind it along.
      const lineEnd = `${files[FILE]}\n`.indexOf('\n', one.span.to);
      const inside = new Set(comments(files[FILE].slice(one.span.from, lineEnd)));
      const kept = comments(files[FILE]).filter((comment) => !inside.has(comment));
      const now = new Set(comments(after[FILE]));
      assert.deepEqual(
        kept.filter((comment) => !now.has(comment)),
        [],
        `${told}: comments that were lost\n${files[FILE]}\n---\n${after[FILE]}`,
      );
      files = after;
      said = one.next;
      done++;
    }
  }
  assert.ok(done > CASES, `${done} edits`);
});

test('JSON stays JSON, however it is laid out', () => {
  let done = 0;
  for (let seed = 1; seed <= CASES / 3; seed++) {
    const dice = random(seed * 104_729);
    let said = value(dice);
    let files = { 'rules.json': JSON.stringify(said, null, dice.one([0, 2, '\t'])) };
    for (let step = 0; step < 3; step++) {
      const one = edit(dice, files, said);
      if (!one) continue;
      const before = files['rules.json'];
      files = one.by();
      assert.deepEqual(
        JSON.parse(files['rules.json']),
        one.next,
        `seed ${seed}, ${JSON.stringify(one.told)}\n${before}\n---\n${files['rules.json']}`,
      );
      said = one.next;
      done++;
    }
  }
  assert.ok(done > CASES / 3, `${done} edits`);
});

/** One edit of a text, as it has to look. */
const check = (title, before, by, after) => test(title, () => assert.equal(by({ [FILE]: before })[FILE], after));

const SEGMENTS = `# Audiences.
segments:
  crew: { plan: { is: crew } } # ours

  # Who pays in euros.
  eurozone:
    title: Euro area
    if: { country: { in: [AT, BE] } } # more to come
`;

check(
  'a value in braces keeps the comment behind it',
  SEGMENTS,
  (files) => rules.set(files, ['segments', 'eurozone', 'if', 'country', 'in'], ['AT', 'BE', 'DE']),
  SEGMENTS.replace('[AT, BE]', '[AT, BE, DE]'),
);
check(
  'a condition of which one value differs changes that value alone',
  SEGMENTS,
  (files) => rules.set(files, ['segments', 'crew'], { plan: { is: 'member' } }),
  SEGMENTS.replace('is: crew', 'is: member'),
);
check(
  'an operator is renamed in its place',
  SEGMENTS,
  (files) => rules.set(files, ['segments', 'crew'], { plan: { isNot: 'crew' } }),
  SEGMENTS.replace('is: crew', 'isNot: crew'),
);
check(
  'a new segment comes last, with a line of its own',
  SEGMENTS,
  (files) => rules.add(files, 'segments', 'vips', { list: 'vip' }),
  `${SEGMENTS}\n  vips: { list: vip }\n`,
);
check(
  'a segment with a title is written by its fields',
  SEGMENTS,
  (files) => rules.add(files, 'segments', 'new', { title: 'New', if: { any: [{ segment: 'crew' }, { orders: { gte: 3 } }] } }),
  `${SEGMENTS}\n  new:\n    title: New\n    if:\n      any:\n        - { segment: crew }\n        - { orders: { gte: 3 } }\n`,
);
check(
  'a condition that becomes long goes onto lines of its own',
  SEGMENTS,
  (files) =>
    rules.set(
      files,
      ['segments', 'eurozone', 'if', 'any'],
      [{ segment: 'crew' }, { not: { email: { endsWith: ['@post.example', '@mail.example', '@shop.example'] } } }],
    ),
  SEGMENTS.replace(
    'if: { country: { in: [AT, BE] } } # more to come',
    'if:\n      country: { in: [AT, BE] }\n      any:\n        - { segment: crew }\n        - { not: { email: { endsWith: ["@post.example", "@mail.example", "@shop.example"] } } } # more to come',
  ),
);
check(
  'a rule that begins to apply at a date has it behind its id',
  'flags:\n  a:\n    rules:\n      - { id: one, if: { segment: crew }, serve: on } # first\n',
  (files) => rules.set(files, ['flags', 'a', 'rules', 0, 'from'], '2026-12-01T08:00Z'),
  'flags:\n  a:\n    rules:\n      - { id: one, from: 2026-12-01T08:00Z, if: { segment: crew }, serve: on } # first\n',
);
check(
  'a rule in braces whose condition becomes long goes onto lines of its own',
  'flags:\n  a:\n    rules:\n      # first\n      - { id: one, if: { segment: crew }, serve: on } # of all\n',
  (files) =>
    rules.set(files, ['flags', 'a', 'rules', 0, 'if', 'email'], {
      endsWith: ['@post.example', '@mail.example', '@shop.example', '@ship.example'],
    }),
  'flags:\n  a:\n    rules:\n      # first\n      - id: one\n        if: { segment: crew, email: { endsWith: ["@post.example", "@mail.example", "@shop.example", "@ship.example"] } }\n        serve: on # of all\n',
);
check(
  'a rule that moves takes the comment above it along',
  'flags:\n  a:\n    rules:\n      # one\n      - { id: one, serve: on }\n      # two\n      - { id: two, serve: off }\n    default: on\n',
  (files) => rules.move(files, ['flags', 'a', 'rules'], 1, 0),
  'flags:\n  a:\n    rules:\n      # two\n      - { id: two, serve: off }\n      # one\n      - { id: one, serve: on }\n    default: on\n',
);
check(
  'JSON keeps its quotes',
  '{\n  "segments": {\n    "crew": { "plan": { "is": "crew" } }\n  }\n}\n',
  (files) =>
    rules.add({ 'a.json': files[FILE] }, 'segments', 'vips', { list: 'vip' })['a.json'] && {
      [FILE]: rules.add({ 'a.json': files[FILE] }, 'segments', 'vips', { list: 'vip' })['a.json'],
    },
  '{\n  "segments": {\n    "crew": { "plan": { "is": "crew" } },\n    "vips": { "list": "vip" }\n  }\n}\n',
);

test('a name is changed wherever it is used, and nowhere else', () => {
  const files = {
    'a.yaml':
      'segments:\n  crew: { plan: { is: crew } }\n  two: { any: [{ segment: crew }, { not: { segment: two } }] }\nholdouts:\n  w: { except: { segment: crew } }\n',
    'b.yaml':
      'flags:\n  crew:\n    variants: { crew: { segment: crew } }\n    rules:\n      - { id: crew, if: { segment: crew }, serve: crew } # crew\n    in: { staging: { rules: [{ id: x, if: { segment: crew }, serve: crew }] } }\nexperiments:\n  e: { breakdown: [plan, { segment: crew }] }\n',
    'b.test.yaml': 'segment: crew',
  };
  assert.deepEqual(rules.renameNamed(files, 'segments', 'crew', 'staff'), {
    'a.yaml':
      'segments:\n  staff: { plan: { is: crew } }\n  two: { any: [{ segment: staff }, { not: { segment: two } }] }\nholdouts:\n  w: { except: { segment: staff } }\n',
    'b.yaml':
      'flags:\n  crew:\n    variants: { crew: { segment: crew } }\n    rules:\n      - { id: crew, if: { segment: staff }, serve: crew } # crew\n    in: { staging: { rules: [{ id: x, if: { segment: staff }, serve: crew }] } }\nexperiments:\n  e: { breakdown: [plan, { segment: staff }] }\n',
    'b.test.yaml': 'segment: crew',
  });
  assert.throws(() => rules.renameNamed(files, 'segments', 'crew', 'two'), { code: 'DUPLICATE_NAME' });
});

test('what cannot be edited is said, and nothing is written', () => {
  const throws = (text, code, by) => assert.throws(() => by({ [FILE]: text }), { name: 'EditError', code });
  throws('a: [1', 'SYNTAX', (files) => rules.set(files, ['a', 'b'], 1));
  throws('a: &x { b: 1 }\nc: *x\n', 'CANNOT_EDIT', (files) => rules.set(files, ['a', 'b'], 2));
  throws('a: { b: 1 }\n', 'NOT_FOUND', (files) => rules.remove(files, ['a', 'c']));
  throws('a: { b: 1 }\n', 'NOT_A_LIST', (files) => rules.insert(files, ['a', 'b'], 0, 1));
  throws('a: { b: 1 }\n', 'DUPLICATE_NAME', (files) => rules.add(files, 'a', 'b', 1));
  throws('a: { b: 1 }\n', 'NOT_A_MAP', (files) => rules.set(files, ['a', 'b', 'c'], 1));
});
