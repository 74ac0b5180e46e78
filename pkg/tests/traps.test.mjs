// Engines that really trap, in the middle of whatever they do: only the trapped instance is lost, and nobody hears wrong answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { recorder } from '../build/exposures.js';
import { createClient } from '../build/lean.js';
import { preview } from '../build/preview.js';
import { clock, ENGINE, folder, PREVIEW_TRUST, server, snapshot, storage, token } from './fixture.mjs';
import { functionsOf, fused, instances } from './fuse.mjs';

const RULES = {
  project: 'shop',
  environments: { production: {} },
  attributes: { visitorId: 'string', country: 'string' },
  units: { visitor: { attribute: 'visitorId' } },
  experiments: { lot: { unit: 'visitor', sticky: true, phases: [{ id: 1, from: '2026-01-01', split: { on: '50%', off: '50%' } }] } },
  flags: {
    fixed: { type: 'string', variants: { only: 'always' }, whenOff: 'only', default: 'only' },
    here: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'de', if: { country: { is: 'DE' } }, serve: 'on' }] },
    lot: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'draw', experiment: 'lot' }] },
  },
};
const rules = (version, fixed = 'always') =>
  snapshot({
    version,
    ruleset: () => JSON.stringify({ ...RULES, flags: { ...RULES.flags, fixed: { ...RULES.flags.fixed, variants: { only: fixed } } } }),
  });
const [FIRST, SECOND] = [rules(1), rules(2, 'later')];
const TOKEN = token(FIRST, { here: 'on' });
const FUSED = fused(ENGINE);
const ENGINE_MODULE = new WebAssembly.Module(ENGINE);
const CONTEXT = { visitorId: 'v1', country: 'DE' };
const clients = [];
async function open(options) {
  const page = await createClient({ snapshot: FIRST, trust: PREVIEW_TRUST, engine: FUSED, context: CONTEXT, ...options });
  clients.push(page);
  return page;
}
test.afterEach(() => clients.splice(0).forEach((page) => page.close()));
const read = (page) => [
  page.getStringValue('fixed', ''),
  page.getBooleanValue('here', false),
  page.getBooleanDetails('lot', false).variant,
];
const exposures = recorder({ endpoint: 'http://127.0.0.1:9/' });
let right;
test.before(async () => {
  clock();
  storage();
  const page = await open({ engine: ENGINE });
  right = read(page);
  page.close();
});
/** A new storage, after what the last client keeps is in the old one: it does so in the task after. */
async function fresh() {
  await new Promise((resolve) => setTimeout(resolve, 1));
  clock();
  storage();
}
test.beforeEach(fresh);

/** How many steps some work takes in an instance. */
function steps({ exports: { fuse } }, work) {
  fuse.value = -1;
  work();
  return -1 - fuse.value;
}

test('a trap anywhere in a read, a context or an exposure: the read is answered, the instance is never called again, another client has lost nothing', async (t) => {
  const made = instances(t);
  // Some 40 of the places that each work passes.
  const works = [
    (page) => page.setContext({ visitorId: 'v2', country: 'FR', more: ['x'.repeat(5_000)] }),
    (page) => (page.setContext({ visitorId: 'v3', country: 'DE' }), read(page)),
    (page) => page.expose('lot'),
    (page) => page.peek('absent', 1),
  ];
  let trapped = 0;
  for (const work of works) {
    for (let at = 0, all = 1; at < all; at += 1 + Math.floor(all / 40)) {
      await fresh();
      made.length = 0;
      const loaded = new Uint8Array(FUSED);
      const [page, other] = [await open({ engine: loaded, exposures, preview: preview(TOKEN) }), await open({ engine: loaded })];
      const [instance] = made;
      read(page);
      if (!at) {
        const measured = await open({ engine: loaded, exposures });
        all = steps(made.at(-1), () => work(measured));
        measured.close();
      }
      const before = made.length;
      instance.exports.fuse.value = at;
      work(page);
      page.setContext(CONTEXT);
      assert.deepEqual(read(page), right, `${at} of ${all}: ${work}`);
      assert.equal(page.status().code, undefined);
      assert.ok(page.status().preview > 0);
      assert.equal(page.snapshot.version, 1);
      const { value } = instance.exports.fuse;
      if (value === 0 && made.length > before) {
        trapped++;
        // Not even to free what it held.
        for (const name of functionsOf(ENGINE)) assert.equal(typeof instance.exports[name], 'function');
        page.setContext({ visitorId: 'v9' });
        page.peek('lot', false);
        assert.equal(instance.exports.fuse.value, 0, 'it was called after its trap');
      }
      assert.deepEqual(read(other), right);
      assert.deepEqual(await other.load(SECOND), { ok: true, version: 2 });
      assert.equal(other.getStringValue('fixed', ''), 'later');
      page.close();
      other.close();
    }
  }
  assert.ok(trapped > 50, `${trapped} traps`);
});

test('a trap anywhere in an adoption: what was good goes on, as often as it happens, and the next load adopts', async (t) => {
  const made = instances(t);
  const measured = await open({ engine: new Uint8Array(FUSED) });
  const all = made[0].exports.fuse.value;
  measured.close();
  const page = await open();
  const count = -1 - all;
  assert.ok(count > 1_000);
  for (let at = 0; at < count; at += Math.ceil(count / 60)) {
    made.at(-1).exports.fuse.value = at;
    const adopted = await page.load(SECOND);
    if (adopted.ok) assert.equal(adopted.version, page.snapshot.version);
    else assert.deepEqual([adopted, page.snapshot.version], [{ ok: false, code: 'GENERAL' }, 1], String(at));
    assert.deepEqual(read(page).slice(1), right.slice(1));
    made.at(-1).exports.fuse.value = -1;
    if (adopted.ok) break;
  }
  assert.deepEqual(await page.load(SECOND), { ok: true, version: 2 });
  page.close();
});

test('a first adoption that traps: the code is GENERAL, once, and a later load adopts', async (t) => {
  let at = 0;
  const made = instances(t, ({ exports: { fuse } }) => (fuse.value = at));
  for (at of [0, 1, 9, 50, 200, 1_000]) {
    const page = await open({ engine: new Uint8Array(FUSED) });
    const heard = [];
    page.on('error', ({ code }) => heard.push(code));
    const { value, reason, errorCode } = page.getStringDetails('fixed', 'mine');
    assert.deepEqual(
      [page.status().code, page.snapshot, value, reason, errorCode],
      ['GENERAL', undefined, 'mine', 'ERROR', 'GENERAL'],
      String(at),
    );
    await null;
    assert.deepEqual(heard, ['GENERAL']);
    assert.deepEqual(await page.load(FIRST), { ok: false, code: 'GENERAL' });
    at = -1;
    for (const { exports } of made) exports.fuse.value = at;
    assert.deepEqual(await page.load(FIRST), { ok: true, version: 1 });
    assert.deepEqual(read(page), right);
    page.close();
  }
});

test('every export that traps for ever: bounded, defaults with their reason, one event, and never {ok: true, version: 0}', async (t) => {
  let at = -1;
  const made = instances(t, ({ exports: { fuse } }) => (fuse.value = at));
  for (const name of functionsOf(ENGINE)) {
    await fresh();
    at = -1;
    const other = await open();
    made.length = at = 0;
    const page = await open({ engine: fused(ENGINE, name), exposures, preview: preview(TOKEN) });
    const heard = [];
    page.on('error', ({ code }) => heard.push(code));
    await null;
    for (let time = 0; time < 3; time++) {
      const { value, reason, errorCode, errorMessage } = page.getStringDetails('fixed', 'mine');
      if (page.snapshot) assert.equal(value, 'always', name);
      else assert.deepEqual([value, reason, errorCode, errorMessage?.slice(0, 7)], ['mine', 'ERROR', 'GENERAL', 'GENERAL'], name);
      page.setContext({ visitorId: `v${time}` });
      page.getBooleanValue('lot', false);
      page.expose('lot');
      page.track('purchase');
    }
    assert.equal(page.status().code, page.snapshot ? undefined : 'GENERAL', name);
    assert.ok(heard.length <= 1 && heard.every((code) => code === 'GENERAL'), `${name}: ${heard}`);
    if (!page.snapshot) assert.equal(heard.length, 1, name);
    const adopted = await page.load(SECOND);
    assert.deepEqual(adopted, page.snapshot ? { ok: true, version: page.snapshot.version } : { ok: false, code: 'GENERAL' }, name);
    assert.notEqual(adopted.version, 0);
    assert.ok(made.length < 20, `${name}: ${made.length} instances`);
    assert.deepEqual(read(other), right, name);
    page.close();
    other.close();
  }
});

test('list files and what is remembered are there again after a trap, without a request', async (t) => {
  const ids = Array.from({ length: 5_000 }, (_, index) => `v${index}`);
  const lists = { vip: { attribute: 'visitorId', ids, preload: true } };
  const flags = { ...RULES.flags, here: { ...RULES.flags.here, rules: [{ id: 'vip', if: { list: 'vip' }, serve: 'on' }] } };
  const bytes = snapshot({ ruleset: () => JSON.stringify({ ...RULES, lists, flags }) });
  const asked = [];
  const url = await server(t, (_, request) => {
    asked.push(request.url);
    return [200, request.url === '/s.waft' ? bytes : readFileSync(join(folder, basename(request.url)))];
  });
  const made = instances(t);
  const page = await open({ snapshot: `${url}/s.waft`, exposures, engine: new Uint8Array(FUSED) });
  const before = read(page);
  assert.equal(before[1], true);
  // The split is the other way round, and who is remembered stays.
  for (const split of [
    { on: '100%', off: '0%' },
    { on: '0%', off: '100%' },
  ]) {
    const experiments = { lot: { ...RULES.experiments.lot, phases: [{ ...RULES.experiments.lot.phases[0], split }] } };
    const next = snapshot({ version: 2 + (split.on === '0%'), ruleset: () => JSON.stringify({ ...RULES, lists, flags, experiments }) });
    for (const at of [0, 3, 20]) {
      // An engine is made anew once for each adoption.
      assert.equal((await page.load(next)).ok, true);
      const requests = asked.length;
      assert.deepEqual(read(page), before);
      page.setContext({ visitorId: `other-${at}` });
      made.at(-1).exports.fuse.value = at;
      page.setContext(CONTEXT);
      assert.deepEqual(read(page), before, String(at));
      assert.equal(asked.length, requests);
    }
  }
  page.close();
});

test('a second client brings its own engine; one without takes what is there; one that fails harms nobody', async (t) => {
  const made = instances(t);
  const [one, two] = [new Uint8Array(FUSED), new Uint8Array(FUSED)];
  const url = await server(t, () => [404]);
  const pages = [];
  for (const [engine, theirs] of [
    [one, true],
    [undefined, true],
    [two, true],
    [ENGINE, false],
    [ENGINE_MODULE, false],
  ]) {
    made.length = 0;
    pages.push(await open({ engine }));
    assert.deepEqual(read(pages.at(-1)), right);
    if (engine) assert.equal(made.length, +theirs);
  }
  for (const engine of [new Uint8Array(8), `${url}/engine.wasm`, null]) {
    const failed = await open({ engine });
    assert.equal(failed.status().code, 'ENGINE_FAILED');
    const after = await open({ engine: undefined });
    assert.deepEqual(read(after), right);
    pages.push(failed, after);
  }
  for (const page of pages) page.close();
});

test('a page whose own stack is full: no instance is called again in which it overflowed, and the client goes on', async (t) => {
  const made = instances(t);
  const page = await open({ engine: new Uint8Array(FUSED) });
  for (let size = 0; size < 60; size++) {
    // Frames of other sizes, so that it overflows elsewhere.
    const names = Array.from({ length: size }, (_, index) => `x${index}`);
    const body = `const [${names}] = []; page.peek('lot', false); page.setContext({ visitorId: 'v' + depth }); return deeper(depth + 1) + [${names}].length;`;
    const overflow = new Function('page', 'depth', 'deeper', body);
    const deeper = (depth) => overflow(page, depth, deeper);
    assert.throws(() => deeper(0), RangeError);
    page.setContext(CONTEXT);
    assert.deepEqual(read(page), right, String(size));
    assert.equal(page.status().code, undefined);
  }
  t.diagnostic(`${made.length} instances`);
});
