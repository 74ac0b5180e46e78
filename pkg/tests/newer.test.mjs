// What a newer compiler writes, in a page: a signed table that is changed after docs/snapshot-format.md as no compiler of ours does.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { clock, folder, PUBLISHER, snapshot, storage, TRUST, waft } from './fixture.mjs';

const flag = (rules) => ({ type: 'boolean', whenOff: 'off', default: 'on', rules });
const told = (condition) => ({
  type: 'string',
  variants: { yes: 'yes', no: 'no', unknown: 'unknown' },
  whenOff: 'unknown',
  default: 'unknown',
  rules: [
    { id: 'yes', if: condition, serve: 'yes' },
    { id: 'no', if: { not: condition }, serve: 'no' },
  ],
});
const RULESET = {
  project: 'shop',
  environments: { production: {} },
  attributes: { visitorId: 'string', country: 'string', age: 'number' },
  units: { visitor: { attribute: 'visitorId' } },
  experiments: { lot: { unit: 'visitor', phases: [{ id: 1, from: '2026-01-10', split: { on: '100%' } }] } },
  flags: {
    in: told({ country: { in: ['DE', 'FR'] } }),
    either: told({ any: [{ country: { in: ['DE', 'FR'] } }, { age: { gt: 17 } }] }),
    both: told({ all: [{ country: { in: ['DE', 'FR'] } }, { age: { gt: 17 } }] }),
    serves: flag([{ id: 'serve', serve: 'off' }]),
    stops: flag([{ id: 'stop', onUnknown: 'stop', serve: 'on' }]),
    lot: flag([{ id: 'draw', experiment: 'lot' }]),
  },
};
const [IN, GREATER, ALL] = [18, 25, 1];
const [CODE, SPLITS] = [7, 10];

/** Where a snapshot that nobody signed yet keeps its manifest's digests and its body: the head is tag 98, an array, and byte strings. */
function parts(bytes) {
  let at = 3;
  const string = () => {
    const length = bytes[at] < 0x58 ? bytes[at] & 31 : bytes[at] === 0x58 ? bytes[at + 1] : bytes.readUInt16BE(at + 1);
    const start = at + (bytes[at] < 0x58 ? 1 : bytes[at] === 0x58 ? 2 : 3);
    at = start + length;
    return [start, at];
  };
  string();
  at++;
  const [, manifest] = string();
  return { digest: manifest - 32, body: at + 1 };
}

/** The records of a section of a body, which are changed in place. */
function section(body, wanted) {
  for (let at = 4; at < 4 + 12 * body.readUInt16LE(0); at += 12) {
    if (body.readUInt16LE(at) !== wanted) continue;
    const [size, offset, count] = [body.readUInt16LE(at + 2), body.readUInt32LE(at + 4), body.readUInt32LE(at + 8)];
    return Array.from({ length: count }, (_, index) => body.subarray(offset + size * index, offset + size * (index + 1)));
  }
  return [];
}

/** Where in code rules and operations start. No segment stands in front. */
function places(code) {
  const found = { rules: [], operations: [] };
  const word = (at) => code[at].readUInt32LE(0);
  for (let rule = 0; rule < code.length; rule += word(rule) & 0xfff) {
    found.rules.push(rule);
    const end = rule + (word(rule) & 0xfff);
    for (let at = rule + ((word(rule) >>> 12) & 15); at < end; at += 1 + ((word(at) >>> 8) & 255)) found.operations.push(at);
  }
  return found;
}

/** A signed snapshot of the ruleset whose body was changed. */
function doctored(change) {
  const bytes = Buffer.from(snapshot({ ruleset: () => JSON.stringify(RULESET), sign: [] }));
  const { digest, body } = parts(bytes);
  const hash = () => createHash('sha512').update(bytes.subarray(body)).digest().subarray(0, 32);
  assert.deepEqual(bytes.subarray(digest, digest + 32), hash(), 'one digest, of the body');
  change(bytes.subarray(body));
  hash().copy(bytes, digest);
  const file = join(folder, `${Math.random()}.waft`);
  writeFileSync(file, bytes);
  waft('sign', file, '--key', PUBLISHER.file, '--role', 'publisher');
  return new Uint8Array(readFileSync(file));
}

/** Changes each operation of an operator: its bytes are number, operand words, and argument and dialect. */
const operations = (operator, change) => (body) => {
  const code = section(body, CODE);
  const all = places(code)
    .operations.map((at) => code[at])
    .filter(([number]) => number === operator);
  assert.ok(all.length > 0);
  all.forEach(change);
};
/** Changes what rules do that have an action: five bits from the 16th on. */
const actions = (action, other) => (body) => {
  const code = section(body, CODE);
  const all = places(code)
    .rules.map((at) => code[at])
    .filter((word) => (word[2] & 31) === action);
  assert.ok(all.length > 0);
  all.forEach((word) => (word[2] = (word[2] & ~31) | other));
};

for (const [what, change, expected] of [
  ['nothing newer', () => {}, { in: 'yes', either: 'yes', both: 'yes', serves: 'off', stops: 'on', lot: 'on' }],
  ['an unknown operator', operations(IN, (word) => (word[0] = 250)), { in: 'unknown', either: 'yes', both: 'unknown', serves: 'off' }],
  ['an unknown way to combine', operations(ALL, (word) => (word[0] = 9)), { in: 'yes', either: 'yes', both: 'unknown' }],
  ['an unknown dialect', operations(GREATER, (word) => (word[3] |= 0x20)), { in: 'yes', either: 'yes', both: 'unknown' }],
  ['an unknown action', actions(1, 31), { in: 'unknown', serves: 'on', stops: 'off', lot: 'on' }],
  ['an unknown action in place of an experiment', actions(2, 30), { in: 'yes', serves: 'off', lot: 'on', exposed: 0 }],
  ['an unknown way to split', (body) => section(body, SPLITS).forEach((split) => (split[6] = 1)), { in: 'yes', lot: 'off', exposed: 0 }],
]) {
  test(`a snapshot with ${what} serves the rest`, async () => {
    clock();
    storage();
    const context = { visitorId: 'v1', country: 'DE', age: 20 };
    const exposures = recorder({ endpoint: 'http://127.0.0.1:9/' });
    const page = await createClient({ snapshot: doctored(change), trust: TRUST, context, exposures });
    assert.equal(page.status().code, undefined);
    const made = [];
    page.on('exposure', ({ experiment }) => made.push(experiment));
    for (const [key, variant] of Object.entries(expected)) {
      if (key === 'exposed') continue;
      const { type } = RULESET.flags[key];
      const details = type === 'string' ? page.getStringDetails(key, '') : page.getBooleanDetails(key, false);
      assert.equal(details.variant, variant, key);
      assert.equal(details.errorCode, undefined, key);
    }
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(made.length, expected.exposed ?? ('lot' in expected ? 1 : 0));
    page.close();
  });
}
