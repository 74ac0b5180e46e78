// A studio that really traps. In a file of its own: its code is loaded once per process.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadStudio } from '../dist/studio.js';
import { clock, NOW, snapshot, TRUST } from './fixture.mjs';
import { fused, instances } from './fuse.mjs';

const SNAPSHOT = snapshot();

test('a studio that traps: an error, and the next question is answered; people of a population are there again', async (t) => {
  clock();
  const bytes = fused(new Uint8Array(readFileSync(new URL('../studio/studio_bg.wasm', import.meta.url))));
  // The first instance is not made by the constructor that others are.
  const made = instances(t);
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, 'instantiate', async (module, imports) => {
    const { instance, ...rest } = await instantiate.call(WebAssembly, module, imports);
    made.push(instance);
    return { instance, ...rest };
  });
  const studio = await loadStudio(bytes);
  const question = { snapshot: SNAPSHOT, trust: TRUST, context: { visitorId: 'v1', country: 'DE' }, now: NOW };
  const right = studio.explain(question);
  const contexts = Array.from({ length: 50 }, (_, index) => ({ visitorId: `v${index}` }));
  const population = studio.population({ ...question, contexts });
  const people = population.count('cta', NOW);
  for (const at of [0, 1, 7, 100, 3_000]) {
    const trapped = made.at(-1);
    trapped.exports.fuse.value = at;
    assert.throws(() => studio.explain(question), WebAssembly.RuntimeError);
    assert.notEqual(made.at(-1), trapped);
    assert.deepEqual(studio.explain(question), right);
    assert.deepEqual(population.count('cta', NOW), people);
    assert.equal(trapped.exports.fuse.value, 0, 'it was called after its trap');
    assert.throws(() => studio.explain({ ...question, trust: { ...TRUST, project: 'shed' } }), { message: 'WRONG_PROJECT' });
  }
  population.free();
});
