// The highest version seen is worth more than anything else that is kept: in storages that are full, and by names that hold `/`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { SeenStore } from '../build/storage/seen.js';
import { Sticky } from '../build/storage/sticky.js';
import { keyOf } from '../build/storage/local.js';
import { clock, server, snapshot, TRUST, until } from './fixture.mjs';
import { Disk } from './world.mjs';

const NINE = snapshot({ version: 9 });
const TEN = snapshot({ version: 10 });
const SEEN = 'waft:seen:shop/production/0';
const GOOD = 'waft:good:shop/production/0';
let disk;
test.beforeEach(() => {
  clock();
  disk = new Disk();
  Object.defineProperty(globalThis, 'localStorage', { value: disk, configurable: true });
});

async function open(t, bytes, more = {}) {
  const page = await createClient({ snapshot: bytes, trust: TRUST, context: { visitorId: 'v1' }, ...more });
  t.after(page.close);
  return page;
}

/** Puts something of the site's own wherever there is room. */
function fill() {
  disk.room = 0;
  for (let index = 0; index < disk.length; index++) disk.room += disk.key(index).length + disk.getItem(disk.key(index)).length;
}

test('storage is full, and a version has one digit more: the last good snapshot goes, and the next page refuses the older one', async (t) => {
  const page = await open(t, NINE);
  await until(() => disk.getItem(GOOD));
  fill();
  await page.load(TEN);
  await until(() => disk.getItem(SEEN)?.startsWith('10 '));
  assert.equal(page.status().versionKept, undefined);
  assert.equal((await open(t, NINE)).status().code, 'ROLLED_BACK');
});

for (const [what, answer, given] of [
  ['waits to be sent: the oldest group goes, and is counted', [503, '', { 'retry-after': '120' }], 1],
  ['is in flight: it is in memory alone, and nothing is given up', [], 0],
]) {
  test(`storage is full of what ${what}`, async (t) => {
    const url = await server(t, () => answer);
    disk.room = NINE.length;
    const page = await open(t, NINE, { exposures: recorder({ endpoint: url }) });
    await until(() => disk.getItem(SEEN));
    await page.flush();
    for (let event = 0; event < 40; event++) {
      page.track(`event-${event}`);
      await null;
    }
    const flushed = page.flush();
    if (given) await flushed;
    fill();
    const [first] = disk.values('waft:q:');
    assert.ok(first);
    await page.load(TEN);
    await until(() => disk.getItem(SEEN).startsWith('10 '));
    const { overflow, waiting } = page.exposures.status();
    assert.deepEqual([overflow, waiting, page.status().versionKept], [given, 40 - given, undefined]);
    assert.ok(!disk.values('waft:q:').includes(first));
    assert.equal((await open(t, NINE)).status().code, 'ROLLED_BACK');
  });
}

for (const [what, refuse] of [
  ['full of others', () => (disk.room = 0)],
  ['refused', () => (disk.setItem = () => assert.fail())],
]) {
  test(`storage is ${what}: the client says that the version is not kept, and knows it itself until there is room`, async (t) => {
    refuse();
    const page = await open(t, TEN);
    await until(() => page.status().versionKept === false);
    assert.deepEqual(await page.load(NINE), { ok: false, code: 'ROLLED_BACK' });
    disk.room = Infinity;
    delete disk.setItem;
    await page.load(TEN);
    await until(() => page.status().versionKept === undefined);
    assert.ok(disk.getItem(SEEN).startsWith('10 '));
  });
}

// `waft build` takes no such names; a trust, and who else makes snapshots, may.
test('names that hold `/` share no key: neither versions, nor snapshots, nor variants', async () => {
  const scopes = [
    ['a/b', 'c', '0'],
    ['a', 'b/c', '0'],
    ['a', 'b', 'c/0'],
    ['a%2Fb', 'c', '0'],
    ['a', 'b', 'c'],
    ['a/b/c', '', '0'],
    ['', 'a/b/c', '0'],
  ];
  for (const [index, scope] of scopes.entries()) {
    const store = new SeenStore(...scope);
    assert.equal(store.highest(), undefined, scope.join(' '));
    const seen = { version: index + 1, digest: String(index).repeat(64) };
    await store.raise(seen);
    store.keep(seen, new Uint8Array([index]));
    new Sticky(keyOf('sticky', ...scope.slice(0, 2)), true).remember('unit', `variant ${index}`);
  }
  for (const [index, scope] of scopes.entries()) {
    assert.deepEqual([new SeenStore(...scope).highest().version, ...new SeenStore(...scope).kept()], [index + 1, index]);
  }
  assert.equal(new Set(scopes.map(([project, environment]) => keyOf('sticky', project, environment))).size, 6);
  assert.equal(keyOf('seen', 'shop', 'Zürich', '0'), 'waft:seen:shop/Zürich/0', 'other names have the key that they always had');
});

test('storage is asked for before the engine is unpacked, and read after it: browsers open it in another process', async (t) => {
  const order = [];
  Object.defineProperty(globalThis, 'localStorage', { get: () => order.push('asked') && disk, configurable: true });
  t.mock.method(disk, 'getItem', () => order.push('read') && null);
  const { instantiate, Module } = WebAssembly;
  t.after(() => Object.assign(WebAssembly, { instantiate, Module }));
  WebAssembly.Module = class extends Module {
    constructor(code) {
      order.push('unpacked');
      super(code);
    }
  };
  WebAssembly.instantiate = (code) => {
    order.push('compiled');
    return instantiate(code);
  };
  // A module of its own, as a page has: the engine is unpacked once.
  const { createClient } = await import('../dist/index.js?asked');
  const page = await createClient({ snapshot: NINE, trust: TRUST, context: { visitorId: 'v1' } });
  t.after(page.close);
  assert.equal(page.status().code, undefined);
  assert.deepEqual(order.slice(0, 5), ['asked', 'unpacked', 'asked', 'read', 'compiled']);
});
