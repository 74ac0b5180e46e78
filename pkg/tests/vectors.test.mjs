// tests/vectors through the built package: the same files run natively and as wasm in crates/studio/tests/vectors.rs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { clock, ENGINE, snapshot, storage, TRUST } from './fixture.mjs';

const FALLBACK = { boolean: null, string: null, number: null, object: null };
const READ = { boolean: 'getBooleanDetails', string: 'getStringDetails', number: 'getNumberDetails', object: 'getObjectDetails' };

/** What a map with a `$` stands for: tests/vectors/junk.py says it. */
function standsFor(value) {
  if (value?.$utf16) return String.fromCharCode(...value.$utf16);
  if (value?.$repeat) return value.$repeat[0].repeat(value.$repeat[1]);
  if (value?.$number) return Number(value.$number);
  return Array.isArray(value) ? value.map(standsFor) : value;
}

for (const name of ['operators', 'experiments', 'decisions', 'language', 'junk']) {
  const file = JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), 'utf8'));

  test(`${name}: ${file.cases.length} cases`, async () => {
    storage();
    const move = clock(Date.parse(file.now));
    const client = await createClient({
      snapshot: snapshot({
        environment: 'test',
        issued: '2024-01-01T00:00Z',
        expires: '2030-01-01T00:00Z',
        ruleset: () => JSON.stringify(file.ruleset),
      }),
      trust: { ...TRUST, project: file.ruleset.project, environment: 'test' },
      context: {},
      engine: ENGINE,
      exposures: { endpoint: 'http://127.0.0.1:9/refuses' },
    });
    assert.equal(client.status().code, undefined);
    const made = new Set();
    client.on('exposure', ({ id }) => made.add(id));
    const expected = new Set();
    for (const { flag, context, now = file.now, exposures, rule, variant, reason, errorCode, ...rest } of file.cases) {
      move(Date.parse(now));
      client.setContext(Object.fromEntries(Object.entries(context).map(([key, value]) => [key, standsFor(value)])));
      const type = file.ruleset.flags[flag]?.type ?? 'string';
      const details = client[READ[type]](flag, FALLBACK[type]);
      const told = JSON.stringify({ flag, context, now });
      assert.equal(details.variant, variant, told);
      assert.equal(details.reason, reason, told);
      assert.equal(details.errorCode, errorCode, told);
      if ('value' in rest) assert.deepEqual(details.value, rest.value, told);
      for (const { id } of exposures ?? []) expected.add(id);
    }
    await Promise.resolve();
    assert.deepEqual([...made].sort(), [...expected].sort());
    client.close();
  });
}
