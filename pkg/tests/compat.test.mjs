// waft/compat: the engine as JavaScript decides all vectors alike, and is asked for only where WebAssembly is refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';
import { vectors } from './vectors.mjs';

const SNAPSHOT = snapshot();
const fallback = () => import('../dist/compat.js');
const start = (create, options) => create({ snapshot: SNAPSHOT, trust: TRUST, context: { country: 'DE' }, ...options });

test('it is not asked for where WebAssembly works', async () => {
  clock();
  storage();
  const works = await import('../dist/index.js?works');
  let asked = 0;
  const client = await start(works.createClient, { fallback: () => asked++ });
  assert.deepEqual([client.getBooleanValue('on-in-germany', false), asked], [true, 0]);
  client.close();
});

test('where WebAssembly is refused: without it, with what is none, with it', async () => {
  clock();
  storage();
  // The engine's alone, which imports nothing. The queue has no translation, and vectors compare its ids; Node's fetch has a wasm, too.
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (code, imports) => {
    if (imports) return instantiate(code, imports);
    throw new WebAssembly.CompileError('refused by the policy');
  };
  const fails = () => {
    throw new Error('an old deploy');
  };
  for (const wrong of [undefined, null, 7, fails, () => undefined, async () => ({})]) {
    const client = await start(createClient, { fallback: wrong });
    assert.equal(client.status().code, 'ENGINE_FAILED');
    client.close();
  }
  const clients = [];
  for (const country of ['DE', 'FR', 'DE']) clients.push(await start(createClient, { context: { country }, fallback }));
  // Each has an instance of its own.
  assert.deepEqual(
    clients.map((client) => [client.status().code, client.getBooleanValue('on-in-germany', false)]),
    [
      [undefined, true],
      [undefined, false],
      [undefined, true],
    ],
  );
  for (const client of clients) client.close();
  // What closed clients leave is used again.
  const again = await start(createClient, { fallback });
  assert.equal(again.getBooleanValue('on-in-germany', false), true);
  again.close();
});

test('pure ASCII, and nothing that a policy refuses', () => {
  const text = readFileSync(new URL('../dist/compat.js', import.meta.url), 'latin1');
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/);
  assert.doesNotMatch(text, /\beval\b|\bFunction\b|\bWebAssembly\b/);
});

vectors({ fallback });
