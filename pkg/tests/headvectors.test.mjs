// tests/vectors/heads.json, played by the rules that pages have and the engine that verifies.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { takenOf } from './played.mjs';

const { now, trust, cases } = JSON.parse(readFileSync(new URL('../../tests/vectors/heads.json', import.meta.url), 'utf8'));

for (const one of cases) {
  test(`a head: ${one.name}`, () => assert.deepEqual(takenOf(one, trust, now), one.heads));
}
