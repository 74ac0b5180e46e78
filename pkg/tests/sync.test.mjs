// createClientSync: verified and decided before it returns, and where the browser refuses that, soon after.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { clock, settled, snapshot, storage, TRUST, until } from './fixture.mjs';

const SNAPSHOT = snapshot({ version: 5 });
const CONTEXT = { visitorId: 'v1', country: 'DE' };
let pages = 0;

/** The package of a page of its own, which has compiled nothing yet. */
const load = () => import(`../dist/index.js?${pages++}`);

test.beforeEach(() => {
  clock();
  storage();
});

async function start(t, options) {
  const { createClientSync } = await load();
  const page = createClientSync({ snapshot: SNAPSHOT, trust: TRUST, context: CONTEXT, ...options });
  t.after(page.close);
  return page;
}

/** As Chromium before 114: nothing of over 4 kB is compiled, or started, while the page waits. */
function old(t) {
  const sizes = new WeakMap();
  const refuse = (name, sizeOf) => {
    // Called by `new`, which arrows are not.
    t.mock.method(WebAssembly, name, function made(code) {
      const size = sizeOf(code);
      if (size > 4_096) throw new RangeError(`WebAssembly.${name} is disallowed on the main thread`);
      const own = Reflect.construct(originals[name], [code], originals[name]);
      sizes.set(own, size);
      return own;
    });
  };
  const originals = { Module: WebAssembly.Module, Instance: WebAssembly.Instance };
  refuse('Module', (code) => code.byteLength);
  refuse('Instance', (module) => sizes.get(module) ?? 5_000);
}

test('decides before it returns, as createClient does', async (t) => {
  const page = await start(t);
  const { createClient } = await load();
  const other = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: CONTEXT });
  t.after(other.close);
  assert.equal(page.status().code, undefined);
  assert.deepEqual(page.snapshot, other.snapshot);
  assert.deepEqual(page.all(), other.all());
  assert.equal(await page.ready(), true);
  // What it adopted is kept, as by the other.
  await until(() => localStorage.keys('waft:good:').length);
});

test('all that a client does, it does', async (t) => {
  const page = await start(t, { exposures: recorder({ endpoint: 'http://127.0.0.1:9/v1/logs' }) });
  assert.equal(page.getStringDetails('cta', '').reason, 'SPLIT');
  await settled();
  assert.equal(page.exposures.status().waiting, 1);
  page.setContext({ country: 'FR' });
  assert.equal(page.getBooleanValue('on-in-germany', true), false);
  assert.deepEqual(await page.load(snapshot({ version: 6 })), { ok: true, version: 6 });
});

test('a second client, of either kind, compiles nothing', async (t) => {
  const { createClient, createClientSync } = await load();
  const options = { snapshot: SNAPSHOT, trust: TRUST, context: CONTEXT };
  t.after(createClientSync(options).close);
  const compile = t.mock.method(WebAssembly, 'instantiate');
  const module = t.mock.method(WebAssembly, 'Module');
  for (const page of [createClientSync(options), await createClient(options)]) {
    t.after(page.close);
    assert.equal(page.getBooleanValue('on-in-germany', false), true);
  }
  assert.deepEqual(
    [module.mock.callCount(), compile.mock.calls.filter(({ arguments: [code] }) => ArrayBuffer.isView(code)).length],
    [0, 0],
  );
});

test('a page view after one that had rules compiles while the page waits, and no other does', async (t) => {
  const compile = t.mock.method(WebAssembly, 'instantiate');
  const module = t.mock.method(WebAssembly, 'Module');
  /** How often the engine was compiled by another thread, and while the page waited. */
  const view = async (options) => {
    for (const { mock } of [compile, module]) mock.resetCalls();
    const { createClient } = await load();
    const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: CONTEXT, ...options });
    t.after(page.close);
    assert.equal(page.getBooleanValue('on-in-germany', false), true);
    return [compile, module].map(({ mock }) => mock.calls.filter(({ arguments: [code] }) => code.byteLength > 4_096).length);
  };
  assert.deepEqual(await view(), [1, 0]);
  await until(() => localStorage.keys('waft:seen:').length);
  assert.deepEqual(await view(), [0, 1]);
  assert.deepEqual(await view({ trust: { ...TRUST, epoch: 9 } }), [1, 0], 'nothing was seen under another epoch');
});

test('where nothing large is compiled while a page waits, a later page view has another thread do it; or the fallback', async (t) => {
  const { createClient } = await load();
  const options = { snapshot: SNAPSHOT, trust: TRUST, context: CONTEXT, quiet: true };
  t.after((await createClient(options)).close);
  await until(() => localStorage.keys('waft:seen:').length);
  old(t);
  const view = async (more) => {
    const { createClient } = await load();
    const page = await createClient({ ...options, ...more });
    t.after(page.close);
    assert.deepEqual([page.getBooleanValue('on-in-germany', false), page.status().code], [true, undefined]);
  };
  await view({});
  t.mock.method(WebAssembly, 'instantiate', async () => {
    throw new WebAssembly.CompileError('refused');
  });
  await view({ fallback: () => import('../dist/compat.js') });
});

test('refused: defaults with the code; the last good rules where there are some', async (t) => {
  const bad = SNAPSHOT.map((byte, index) => (index === SNAPSHOT.length - 1 ? byte ^ 1 : byte));
  for (const [given, code] of [
    [bad, 'DIGEST_MISMATCH'],
    ['/snapshot.waft', 'MALFORMED'],
    [undefined, 'MALFORMED'],
  ]) {
    const page = await start(t, { snapshot: given, quiet: true });
    assert.deepEqual([page.getBooleanValue('on-in-germany', false), page.status().code], [false, code]);
  }
  await start(t);
  await until(() => localStorage.keys('waft:good:').length);
  const page = await start(t, { snapshot: bad, quiet: true });
  assert.deepEqual([page.getBooleanValue('on-in-germany', false), page.status().code], [true, 'DIGEST_MISMATCH']);
  const { createClientSync } = await load();
  assert.equal(createClientSync(undefined).status().code, 'INVALID_TRUST');
});

test('ENGINE_LATER: where nothing large is compiled while a page waits, rules follow', async (t) => {
  old(t);
  const page = await start(t);
  const { value, errorCode, errorMessage } = page.getBooleanDetails('on-in-germany', false);
  assert.deepEqual([value, errorCode, page.status().code], [false, 'PROVIDER_NOT_READY', 'ENGINE_LATER']);
  assert.match(errorMessage, /^ENGINE_LATER: /);
  const heard = [];
  page.on('ready', ({ version }) => heard.push(version));
  assert.equal(await page.ready(), true);
  assert.deepEqual([page.getBooleanValue('on-in-germany', false), page.status().code, heard], [true, undefined, [5]]);
});

test('where WebAssembly is refused altogether, that is told, or the fallback decides', async (t) => {
  t.mock.method(WebAssembly, 'Module', () => {
    throw new WebAssembly.CompileError('refused');
  });
  t.mock.method(WebAssembly, 'instantiate', async () => {
    throw new WebAssembly.CompileError('refused');
  });
  const page = await start(t, { quiet: true });
  await until(() => page.status().code === 'ENGINE_FAILED');
  const other = await start(t, { fallback: () => import('../dist/compat.js') });
  assert.equal(other.status().code, 'ENGINE_LATER');
  assert.equal(await other.ready(5_000), true);
  assert.equal(other.getBooleanValue('on-in-germany', false), true);
});
