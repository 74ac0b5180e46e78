// Flags and segments that ask for each other twice a level, 31 levels deep, in the built package: what is asked for is decided once, and
// an exposure is recorded once. Anything that doubles with a level would not end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';

const LEVELS = 31;
const NOW = '2026-11-23T12:00:00Z';
const experiment = { unit: 'visitor', phases: [{ id: 1, from: '2026-01-01', split: { on: '50%', off: '50%' } }] };
const boolean = (rules, more = {}) => ({ type: 'boolean', whenOff: 'off', default: 'off', ...more, rules });
const ANY = ['on', 'off'];
const head = {
  project: 'once',
  environments: { test: {} },
  attributes: { id: 'string' },
  units: { visitor: { attribute: 'id' } },
};

/** Two randomised flags a level, each of which requires both of the level below. */
function diamond() {
  const [flags, experiments] = [{}, {}];
  for (let level = 0; level < LEVELS; level += 1) {
    for (const side of ['a', 'b']) {
      const below = level > 0 && { requires: { [`a${level - 1}`]: ANY, [`b${level - 1}`]: ANY } };
      flags[`${side}${level}`] = boolean([{ id: 'test', experiment: `${side}${level}` }], below || {});
      experiments[`${side}${level}`] = experiment;
    }
  }
  return { ...head, flags, experiments };
}

/** Segments around a randomised flag, each of which names the one before it twice. */
function nested() {
  const segments = { s0: { flag: { d: ANY } } };
  for (let level = 1; level < LEVELS; level += 1) {
    const below = { segment: `s${level - 1}` };
    segments[`s${level}`] = { any: [below, { not: below }] };
  }
  const top = boolean([{ id: 'in', if: { segment: `s${LEVELS - 1}` }, serve: 'on' }]);
  return { ...head, segments, experiments: { d: experiment }, flags: { d: boolean([{ id: 'test', experiment: 'd' }]), top } };
}

for (const [name, ruleset, flag, made] of [
  ['flags that require both of the level below', diamond(), `a${LEVELS - 1}`, 2 * LEVELS - 1],
  ['segments that name their predecessor twice', nested(), 'top', 1],
]) {
  test(name, async (t) => {
    storage();
    clock(Date.parse(NOW));
    const client = await createClient({
      snapshot: snapshot({
        environment: 'test',
        issued: '2024-01-01T00:00Z',
        expires: '2030-01-01T00:00Z',
        ruleset: () => JSON.stringify(ruleset),
      }),
      trust: { ...TRUST, project: 'once', environment: 'test' },
      exposures: recorder({ endpoint: 'http://127.0.0.1:9/refuses' }),
      context: { id: 'v0' },
    });
    t.after(() => client.close());
    assert.equal(client.status().code, undefined);
    const ids = [];
    client.on('exposure', ({ id }) => ids.push(id));
    client.getBooleanValue(flag, false);
    await Promise.resolve();
    assert.equal(ids.length, made);
    assert.equal(new Set(ids).size, made);
    // For people: how long a page waits for somebody new.
    const times = [];
    for (let visitor = 1; visitor <= 200; visitor += 1) {
      client.setContext({ id: `v${visitor}` });
      const start = performance.now();
      client.getBooleanDetails(flag, false);
      times.push(performance.now() - start);
    }
    t.diagnostic(`${LEVELS} levels: ${times.sort((one, other) => one - other)[100].toFixed(3)} ms (median of 200, exposures recorded)`);
  });
}
