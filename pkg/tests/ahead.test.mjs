// An engine that is loaded before the rules are known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, loadEngine } from '../build/index.js';
import * as lean from '../build/lean.js';
import { clock, ENGINE, snapshot, storage, TRUST } from './fixture.mjs';

/** The instances of the engine that are made from now on. */
function watch(t) {
  const made = [];
  const { Instance, instantiate } = WebAssembly;
  const note = (instance) => {
    if (instance.exports.memory && !instance.exports.unpack) made.push(instance);
    return instance;
  };
  WebAssembly.instantiate = async (...args) => {
    const result = await instantiate(...args);
    note(result.instance ?? result);
    return result;
  };
  WebAssembly.Instance = class extends Instance {
    constructor(...args) {
      super(...args);
      note(this);
    }
  };
  t.after(() => Object.assign(WebAssembly, { Instance, instantiate }));
  return made;
}

for (const [name, load, start] of [
  ['waft', loadEngine, createClient],
  ['waft/lean', () => lean.loadEngine(ENGINE), (options) => lean.createClient({ ...options, engine: ENGINE })],
]) {
  test(`${name}: the first client takes the instance that loadEngine made, and another one its own`, async (t) => {
    clock();
    storage();
    const made = watch(t);
    await load();
    await load();
    assert.equal(made.length, 1);
    const clients = [await start({ snapshot: snapshot(), trust: TRUST }), await start({ snapshot: snapshot(), trust: TRUST })];
    for (const client of clients) {
      t.after(() => client.close());
      assert.equal(client.status().code, undefined);
    }
    assert.equal(made.length, 2);
  });
}
