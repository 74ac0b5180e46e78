// The sample that is decided ahead of rules: that it is, when, and that nothing is left of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Engine } from '../build/engine/engine.js';
import { openEngine } from '../build/engine/module.js';
import { createClient } from '../build/index.js';
import * as sample from '../build/client/sample.js';
import { fromBase64 } from '../build/platform/bytes.js';
import { clock, ENGINE, server, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();

/** The package as another page has it, whose engine is this one's. */
const another = async (name) => {
  const { createClient, loadEngine } = await import(`../build/client/client.js?${name}`);
  return { createClient, loadEngine };
};
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a sample is decided ahead of rules and while they are on their way, once a page, and nothing is left of it', async (t) => {
  clock();
  const url = await server(t, () => new Promise((resolve) => setTimeout(resolve, 100, [200, SNAPSHOT])));
  const options = { trust: TRUST, engine: ENGINE };
  const evaluate = t.mock.method(Engine.prototype, 'evaluate');
  const digest = t.mock.method(Engine.prototype, 'digest');
  /** How often something was decided, how many bytes were hashed, and which keys are written. */
  const during = async (work) => {
    const kept = storage();
    for (const { mock } of [evaluate, digest]) mock.resetCalls();
    await work();
    await settled();
    return [evaluate.mock.callCount(), digest.mock.calls.reduce((sum, { arguments: [bytes] }) => sum + bytes.length, 0), kept.keys('')];
  };
  const mine = ['waft:seen:shop/production/0', 'waft:good:shop/production/0'];
  const [ahead, waiting, given] = await Promise.all(['ahead', 'waiting', 'given'].map(another));
  assert.deepEqual(await during(() => ahead.loadEngine(ENGINE)), [1, 80_000, []]);
  assert.deepEqual(await during(() => ahead.loadEngine(ENGINE)), [0, 0, []], 'once a page');
  assert.deepEqual(await during(() => ahead.createClient({ snapshot: url, ...options })), [0, 0, mine], 'once a page');
  assert.deepEqual(await during(() => waiting.createClient({ snapshot: url, ...options })), [1, 80_000, mine]);
  assert.deepEqual(await during(() => given.createClient({ snapshot: SNAPSHOT, ...options })), [0, 0, mine], 'it waits for nothing');
});

test('a sample takes no room that stays', async () => {
  clock();
  const engine = await openEngine(ENGINE);
  let memory;
  const sizes = [];
  for (let index = 0; index < 200; index++) {
    const { loadEngine } = await another(`room-${index}`);
    await loadEngine(ENGINE);
    memory ??= engine.idle.memory;
    assert.equal(engine.idle.memory, memory, 'the next client takes the same instance');
    sizes.push(memory.buffer.byteLength);
  }
  // A page of 64 kB for the stack and constants, and one more.
  assert.deepEqual([sizes.at(0), sizes.at(-1)], [131_072, 131_072]);
});

test('an engine that cannot be loaded is told by the client, and not by loadEngine', () => {
  const code = `
    const { createClient, loadEngine } = await import(${JSON.stringify(new URL('../build/index.js', import.meta.url))});
    await loadEngine(new Uint8Array(1));
    const client = await createClient({ snapshot: new Uint8Array(1), trust: ${JSON.stringify(TRUST)}, engine: new Uint8Array(1) });
    console.log(client.status().code);
    client.close();`;
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }), 'ENGINE_FAILED\n');
});

test('what the engine is run in with is in force, and decides its flag', async () => {
  clock();
  const kept = storage();
  const page = await createClient({ snapshot: fromBase64(sample.SNAPSHOT), trust: sample.TRUST, engine: ENGINE });
  const { value, variant, reason } = page.getBooleanDetails('a', true);
  assert.deepEqual([page.status().code, page.snapshot.version, value, variant, reason], [undefined, 0, false, 'off', 'DEFAULT']);
  await settled();
  assert.deepEqual(kept.keys(''), [], 'a snapshot of version 0 is not remembered');
});
