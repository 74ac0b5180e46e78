// When the engine draws for all flags at once: where a page reads most of them for somebody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../build/engine/engine.js';
import { createClient } from '../build/lean.js';
import { clock, ENGINE, snapshot, storage, TRUST } from './fixture.mjs';

const KEYS = Array.from({ length: 40 }, (_, number) => `flag-${number}`);
const each = (make) => Object.fromEntries(KEYS.map((key) => [key, make(key)]));
const RULESET = JSON.stringify({
  project: 'draws',
  environments: { production: {} },
  attributes: { id: 'string' },
  units: { visitor: { attribute: 'id' } },
  experiments: each(() => ({ unit: 'visitor', phases: [{ id: 1, from: '2026-01-01', split: { on: '50%', off: '50%' } }] })),
  flags: each((key) => ({ type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'draw', experiment: key }] })),
});

test('all flags are drawn at once for a page that reads many of them, and not for one that reads one', async (t) => {
  clock();
  storage();
  const { find } = Engine.prototype;
  const indices = new Map();
  t.mock.method(Engine.prototype, 'find', function (key) {
    const index = find.call(this, key);
    indices.set(key, index);
    return index;
  });
  const { mock: draws } = t.mock.method(Engine.prototype, 'draw');
  const bytes = snapshot({ ruleset: () => RULESET });
  /** What each context is shown of some flags, and how often the engine drew for all. */
  const read = async (keys) => {
    const client = await createClient({ engine: ENGINE, snapshot: bytes, trust: { ...TRUST, project: 'draws' } });
    t.after(() => client.close());
    const shown = Array.from({ length: 5 }, (_, number) => {
      // For the first context, no flag was known yet.
      if (number === 1) draws.resetCalls();
      client.setContext({ id: `v${number}` });
      return keys.map((key) => client.getBooleanValue(key, undefined));
    });
    return { shown, drawn: draws.calls.filter(({ result }) => result.length > 0).length };
  };
  const all = await read(KEYS);
  assert.equal(all.drawn, 4);
  const byIndex = [...KEYS].sort((one, other) => indices.get(one) - indices.get(other));
  // Which of the rules' flags a page reads does not matter, but how many do.
  for (const [keys, drawn] of [
    [byIndex.slice(0, 1), 0],
    [byIndex.slice(-1), 0],
    [byIndex.slice(0, 10), 0],
    [byIndex.slice(-20), 4],
  ]) {
    const some = await read(keys);
    assert.equal(some.drawn, drawn, `${keys.length} flags from ${indices.get(keys[0])} on`);
    const expected = all.shown.map((values) => keys.map((key) => values[KEYS.indexOf(key)]));
    assert.deepEqual(some.shown, expected);
  }
});
