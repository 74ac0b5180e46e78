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

test('all flags are drawn at once for a page that reads them all, and not for one that reads one of them', async (t) => {
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
    return { shown, calls: draws.callCount() };
  };
  const all = await read(KEYS);
  assert.equal(all.calls, 4);
  for (const key of KEYS.filter((key) => indices.get(key) > 0).slice(0, 3)) {
    const one = await read([key]);
    assert.equal(one.calls, 0);
    assert.deepEqual(
      one.shown.flat(),
      all.shown.map((values) => values[KEYS.indexOf(key)]),
    );
  }
});
