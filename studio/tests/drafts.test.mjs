// Tabs keep their drafts apart: which place a new tab takes, what it begins with, and that nothing of what closed tabs left is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './module.mjs';
import { random } from './random.mjs';

const { choose, unused } = await load('shell/drafts.ts');

const FIRST = 'waft-studio.draft';
const draft = (place, at, isChanged = true) => {
  const base = { 'waft.yaml': 'project: x\n' };
  return { place, at, rules: { source: { kind: 'sample' }, base, files: isChanged ? { 'waft.yaml': `project: y${at}\n` } : base } };
};

test('the first tab begins empty, and the next ones with a place of their own', () => {
  assert.deepEqual(choose([], new Set()), { place: FIRST, spare: [] });
  assert.deepEqual(unused([], new Set([FIRST])), { place: `${FIRST}.2`, spare: [] });
});

test('what a closed tab left is taken up in its place; what another tab has open is copied', () => {
  const one = draft(FIRST, 1);
  assert.deepEqual(choose([one], new Set()), { place: FIRST, draft: one, spare: [] });
  assert.deepEqual(choose([one], new Set([FIRST])), { place: `${FIRST}.2`, draft: one, spare: [] });
});

test('whatever tabs were closed: a new one takes the newest, writes over nothing, and only what was not changed goes', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const { chance, below } = random(seed);
    const drafts = [];
    const held = new Set();
    for (let number = 1; number <= 6; number++) {
      const place = number === 1 ? FIRST : `${FIRST}.${number}`;
      if (chance(0.3)) held.add(place);
      if (chance(0.7)) drafts.push(draft(place, below(1e6), chance(0.5)));
    }
    drafts.sort((a, b) => b.at - a.at);
    const chosen = choose(drafts, held);
    assert.equal(chosen.draft, drafts[0]);
    assert.ok(!held.has(chosen.place), `seed ${seed}`);
    const there = drafts.find(({ place }) => place === chosen.place);
    assert.ok(there === undefined || there === chosen.draft, `seed ${seed}: ${chosen.place} has another draft`);
    for (const one of chosen.spare) {
      assert.equal(one.rules.files, one.rules.base, `seed ${seed}`);
      assert.ok(!held.has(one.place) && one.place !== chosen.place, `seed ${seed}`);
    }
  }
});
