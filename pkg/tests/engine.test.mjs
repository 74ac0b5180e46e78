// An engine that does not load, and one that traps. In a file of its own: the engine's code is loaded once per process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../build/engine/engine.js';
import { createClient } from '../build/lean.js';
import { clock, ENGINE, server, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const start = (options) => createClient({ snapshot: SNAPSHOT, trust: TRUST, context: { country: 'DE' }, ...options });

test('ENGINE_FAILED: absent, altered, no wasm; a later load tries again', async (t) => {
  clock();
  storage();
  let bytes = ENGINE.map((byte, index) => (index === 99 ? byte ^ 1 : byte));
  const url = await server(t, (_, { url }) => (url === '/engine.wasm' ? [200, bytes, { 'content-type': 'application/wasm' }] : [404]));
  for (const engine of [`${url}/absent`, 'no:url', new Uint8Array(8), null, 7]) {
    const page = await start({ engine });
    assert.equal(page.status().code, 'ENGINE_FAILED', String(engine));
    assert.deepEqual(page.getBooleanDetails('on-in-germany', true).errorCode, 'PROVIDER_FATAL');
  }
  // The test wants the client's own check, not that of wasm: one byte of the code is another.
  const page = await start({ engine: `${url}/engine.wasm` });
  assert.equal(page.status().code, 'ENGINE_FAILED');
  bytes = ENGINE;
  assert.deepEqual(await page.load(SNAPSHOT), { ok: true, version: 1 });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});

test('a trapped engine is replaced and the read answered', async (t) => {
  clock();
  storage();
  const page = await start({ engine: ENGINE });
  let traps = 1;
  const { evaluate } = Engine.prototype;
  t.mock.method(Engine.prototype, 'evaluate', function (...args) {
    if (traps-- > 0) throw new WebAssembly.RuntimeError('unreachable');
    return evaluate.apply(this, args);
  });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  assert.equal(page.status().code, undefined);
});

test('an engine that traps again is GENERAL, until the next snapshot', async (t) => {
  clock();
  storage();
  const page = await start({ engine: ENGINE });
  const heard = [];
  page.on('error', ({ code }) => heard.push(code));
  const trap = t.mock.method(Engine.prototype, 'evaluate', () => {
    throw new WebAssembly.RuntimeError('unreachable');
  });
  const { value, reason, errorCode } = page.getBooleanDetails('on-in-germany', false);
  assert.deepEqual([value, reason, errorCode], [false, 'ERROR', 'GENERAL']);
  assert.equal(page.status().code, 'GENERAL');
  assert.deepEqual(heard, ['GENERAL']);
  trap.mock.restore();
  assert.equal(page.getBooleanDetails('on-in-germany', false).errorCode, 'GENERAL');
  assert.deepEqual(await page.load(SNAPSHOT), { ok: true, version: 1 });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});

test('an engine that traps while it adopts: the last good rules go on', async (t) => {
  clock();
  storage();
  const page = await start({ engine: ENGINE });
  const { adopt } = Engine.prototype;
  let traps = 1;
  t.mock.method(Engine.prototype, 'adopt', function (...args) {
    if (traps-- > 0) throw new WebAssembly.RuntimeError('unreachable');
    return adopt.apply(this, args);
  });
  assert.deepEqual(await page.load(snapshot({ version: 2 })), { ok: false, code: 'GENERAL' });
  assert.equal(page.snapshot.version, 1);
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});
