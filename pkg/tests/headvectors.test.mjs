// tests/vectors/heads.json, played by the rules that pages have and the engine that verifies.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Engine } from '../build/engine/engine.js';
import { reserve } from '../build/engine/module.js';
import { encodeTrust } from '../build/engine/trust.js';
import { factsOf, killsOf, pointerOf } from '../build/head/documents.js';
import { partsOf } from '../build/head/file.js';
import { ENGINE } from './fixture.mjs';

const { now, trust: base, cases } = JSON.parse(readFileSync(new URL('../../tests/vectors/heads.json', import.meta.url), 'utf8'));
const engine = new Engine(await reserve({ module: new WebAssembly.Module(ENGINE), idle: [] }));

/** The parts of a head, or why it has none. */
function readOf(bytes) {
  try {
    return partsOf(bytes);
  } catch (error) {
    return { code: error instanceof RangeError ? 'TOO_LARGE' : 'MALFORMED' };
  }
}

for (const { name, number, minVersion, adopted, heads } of cases) {
  test(`a head: ${name}`, () => {
    const trust = { ...base, number, minVersion };
    assert.equal(engine.trust(encodeTrust(trust)), undefined);
    let list;
    let last;
    const found = heads.map(({ head }) => {
      const { code, documents = [] } = readOf(Buffer.from(head, 'base64url'));
      if (code) return { head, code };
      const told = { head, kills: null, flags: null, pointer: 'HEAD_INCOMPLETE' };
      for (const [kind, document] of documents.filter(([kind]) => kind === 'kills' || kind === 'pointer')) {
        const facts = factsOf(engine, document, now);
        const take = () =>
          kind === 'kills' ? killsOf(facts, document, list, trust) : pointerOf(facts, document, last, trust, adopted, list?.version ?? 0);
        const taken = typeof facts === 'string' ? facts : take();
        told[kind] = typeof taken === 'string' ? taken : taken.version;
        if (typeof taken === 'string') continue;
        if (kind === 'kills') [list, told.flags] = [taken, taken.flags];
        else last = taken;
      }
      return told;
    });
    assert.deepEqual(found, heads);
  });
}
