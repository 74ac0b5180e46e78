// What another frame made is what it is: a context of Node's `vm` has classes of its own, as an iframe has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { createClient } from '../dist/lean.js';
import { loadStudio } from '../dist/studio.js';
import { clock, ENGINE, NOW, settled, snapshot, storage, TRUST } from './fixture.mjs';
import { readFileSync } from 'node:fs';

const other = createContext({});
const there = (code) => runInContext(code, other);
/** Bytes as another frame has them. */
const moved = (bytes, kind = 'Uint8Array') => {
  const view = there('(length) => new Uint8Array(length)')(bytes.length);
  view.set(bytes);
  return kind === 'ArrayBuffer' ? view.buffer : view;
};
const SNAPSHOT = snapshot();
const client = (options) => createClient({ snapshot: SNAPSHOT, trust: TRUST, engine: ENGINE, ...options });

test('they are of other classes', () => {
  assert.equal(there('new Date()') instanceof Date, false);
  assert.equal(moved(SNAPSHOT) instanceof Uint8Array, false);
  assert.equal(moved(SNAPSHOT, 'ArrayBuffer') instanceof ArrayBuffer, false);
});

test('a Date of another frame is its milliseconds, also in the studio', async () => {
  clock();
  storage();
  const studio = await loadStudio(readFileSync(new URL('../studio/studio_bg.wasm', import.meta.url)));
  for (const [text, value] of [
    ['"2026-01-31"', true],
    ['"2026-02-01"', false],
    ['NaN', false],
  ]) {
    const context = { signedUpAt: there(`new Date(${text})`) };
    const page = await client({ context });
    assert.equal(page.getBooleanValue('early', !value), value, text);
    assert.equal(studio.explain({ snapshot: SNAPSHOT, trust: TRUST, context, now: NOW }).flags.early.value, value, text);
    page.close();
  }
});

test('a Date that the page has changed is asked for its time alone, and what poses as one is none', async () => {
  clock();
  storage();
  const page = await client();
  const early = (signedUpAt) => {
    page.setContext({ signedUpAt });
    return page.getBooleanDetails('early', false).value;
  };
  const odd = Object.assign(new Date('2026-01-31'), { getTime: () => 0, valueOf: () => NaN });
  assert.equal(early(Object.defineProperty(odd, Symbol.toStringTag, { value: 'Map' })), true);
  assert.equal(early({ [Symbol.toStringTag]: 'Date', valueOf: () => 0 }), false);
  assert.equal(early(Object.create(Date.prototype)), false);
  assert.equal(early(new Proxy(new Date('2026-01-31'), {})), false);
});

test('a list, a context and a trust of another frame', async () => {
  clock();
  storage();
  const page = await client({ context: there('({ country: "DE" })'), trust: there(`(${JSON.stringify(TRUST)})`) });
  assert.equal(page.status().code, undefined);
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});

test('bytes and modules of another frame: of the rules and of the engine', async () => {
  clock();
  storage();
  const module = there('(bytes) => new WebAssembly.Module(bytes)')(moved(ENGINE));
  assert.equal(module instanceof WebAssembly.Module, false);
  for (const kind of ['Uint8Array', 'ArrayBuffer']) {
    const page = await client({ snapshot: moved(SNAPSHOT, kind), context: { country: 'DE' } });
    assert.equal(page.status().code, undefined, kind);
    assert.equal(page.getBooleanValue('on-in-germany', false), true, kind);
    page.close();
  }
  // Each copy of the package loads its engine anew.
  for (const [name, engine] of Object.entries({ view: moved(ENGINE), buffer: moved(ENGINE, 'ArrayBuffer'), module })) {
    const { createClient } = await import(`../dist/lean.js?${name}`);
    const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, engine, context: { country: 'DE' } });
    assert.equal(page.getBooleanValue('on-in-germany', false), true, name);
    page.close();
  }
});

test('part of a buffer is no more than that part', async () => {
  clock();
  storage();
  const wide = new Uint8Array(SNAPSHOT.length + 32).fill(7);
  wide.set(SNAPSHOT, 16);
  for (const view of [new Uint8Array(wide.buffer, 16, SNAPSHOT.length), new DataView(wide.buffer, 16, SNAPSHOT.length)]) {
    assert.equal((await client({ snapshot: view })).status().code, undefined);
  }
  await settled();
  // Nothing is kept.
  storage();
  for (const junk of [[...SNAPSHOT], { length: 3 }, new Map(), null, undefined, 7, { [Symbol.toStringTag]: 'ArrayBuffer' }]) {
    assert.equal((await client({ snapshot: junk })).snapshot, undefined, String(junk));
  }
});
