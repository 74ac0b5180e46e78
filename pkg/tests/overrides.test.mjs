// `overrides()`: what a developer or a test fixes in this browser; of the signed rules alone, told, exposed to nobody, and undone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../build/engine/engine.js';
import { recorder } from '../build/exposures.js';
import { createClient } from '../build/index.js';
import { overrides } from '../build/preview.js';
import { poll } from '../build/updates.js';
import { clock, settled, snapshot, Storage, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const CONTEXT = { visitorId: 'v1', country: 'FR' };
const exposures = () => recorder({ endpoint: 'http://127.0.0.1:9/v1/logs', robot: false });
let session;
test.beforeEach(() => {
  clock();
  storage();
  session = new Storage();
  Object.defineProperty(globalThis, 'sessionStorage', { value: session, configurable: true });
});

async function start(t, options) {
  const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: CONTEXT, quiet: true, ...options });
  t.after(page.close);
  return page;
}
const shown = (page, key) => {
  const { value, variant, reason } = page.peek(key);
  return [value, variant, reason];
};

test('a flag is fixed by a variant or its value, whoever is asking, and exposes nothing', async (t) => {
  const page = await start(t, { overrides: overrides({ 'on-in-germany': true, cta: 'bold', price: 2 }), exposures: exposures() });
  const heard = [];
  page.on('exposure', ({ flagKey }) => heard.push(flagKey));
  for (const context of [CONTEXT, {}, { country: 'DE', accountId: 9 }]) {
    page.setContext(context);
    assert.equal(page.getBooleanValue('on-in-germany', false), true);
    assert.deepEqual(page.getStringDetails('cta', ''), {
      flagKey: 'cta',
      value: 'Get it today!',
      variant: 'bold',
      reason: 'STATIC',
      flagMetadata: { version: 1 },
    });
    assert.equal(page.getNumberValue('price', 0), 2);
    for (const key of ['cta', 'price']) page.expose(key);
  }
  // Its type is the flag's.
  assert.equal(page.getStringDetails('price', '').errorCode, 'TYPE_MISMATCH');
  await settled();
  assert.deepEqual(heard, []);
  assert.deepEqual(page.status().overrides, { 'on-in-germany': 'on', cta: 'bold', price: 'high' });
});

test('set and undone while the page is open: told by configurationChanged; exposures are as before then', async (t) => {
  const fixed = overrides();
  const page = await start(t, { overrides: fixed, exposures: exposures() });
  const [changes, exposed] = [[], []];
  page.on('configurationChanged', ({ version, flagsChanged }) => changes.push([version, ...flagsChanged]));
  page.on('exposure', ({ flagKey, variant }) => exposed.push([flagKey, variant]));
  const before = shown(page, 'cta');
  const other = before[1] === 'bold' ? 'plain' : 'bold';
  assert.deepEqual(
    fixed.variants('cta').map(({ variant }) => variant),
    ['plain', 'bold'],
  );
  assert.equal(fixed.set('cta', other), true);
  assert.equal(page.getStringDetails('cta', '').variant, other);
  assert.equal(fixed.set('on-in-germany', true), true);
  fixed.clear('cta');
  assert.deepEqual(shown(page, 'cta'), before);
  assert.deepEqual(fixed.all(), { 'on-in-germany': 'on' });
  fixed.clear();
  assert.deepEqual([fixed.all(), 'overrides' in page.status()], [{}, false]);
  assert.equal(page.getBooleanValue('on-in-germany', true), false);
  assert.deepEqual(changes, [
    [1, 'cta'],
    [1, 'on-in-germany'],
    [1, 'cta'],
    [1, 'on-in-germany'],
  ]);
  await settled();
  assert.deepEqual(exposed, []);
  page.getStringValue('cta', '');
  await settled();
  assert.deepEqual(exposed, [['cta', before[1]]]);
});

test('what is no variant of the rules is told, and changes nothing', async (t) => {
  const wrong = { cta: 'blue', nobody: 'on', price: 3, __proto__: null, constructor: 'on' };
  const fixed = overrides(wrong);
  const page = await start(t, { overrides: fixed });
  const clean = await start(t, {});
  const told = [];
  page.on('error', ({ code, message }) => told.push([code, message]));
  await null;
  const message = 'INVALID_OPTION: overrides: no such variant: cta=blue, nobody=on, price=3, constructor=on';
  assert.deepEqual(told, [['INVALID_OPTION', message]]);
  assert.equal(page.status().code, undefined);
  assert.deepEqual(page.all(), clean.all());
  assert.equal(fixed.set('theme', 'dark'), false);
  assert.equal(told.length, 2);
  assert.deepEqual(fixed.variants('nobody'), []);
});

test('it is kept for the tab, or for the origin, or not; undone for good; junk that is kept is none', async (t) => {
  const places = { tab: session, origin: globalThis.localStorage, page: undefined };
  for (const [keep, place] of Object.entries(places)) {
    const fixed = overrides({}, { keep });
    const page = await start(t, { overrides: fixed });
    fixed.set('on-in-germany', true);
    page.close();
    assert.equal([...session.keys(''), ...globalThis.localStorage.keys('waft:overrides:')].length, place ? 1 : 0, keep);
    const again = overrides({ 'on-in-germany': false }, { keep });
    const next = await start(t, { overrides: again });
    assert.equal(next.getBooleanValue('on-in-germany', false), !!place, keep);
    again.clear();
    assert.deepEqual([...session.keys(''), ...globalThis.localStorage.keys('waft:overrides:')], [], keep);
    assert.equal(next.getBooleanValue('on-in-germany', true), false);
  }
  const [key] = ['waft:overrides:shop/production'];
  for (const junk of ['', '{', '7', '{}', '[[]]', '[["cta"]]', '[["cta",{}]]', '[["cta",null]]', '[7,["cta",["bold"]]]']) {
    session.setItem(key, junk);
    const page = await start(t, { overrides: overrides() });
    assert.equal('overrides' in page.status(), false, junk);
  }
  // Storage that is refused.
  session.refuse = true;
  const fixed = overrides();
  const page = await start(t, { overrides: fixed });
  assert.equal(fixed.set('on-in-germany', true), true);
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});

test('before there are rules it waits; with newer rules and after a trap it stays, beside updates of either order', async (t) => {
  const plugs = { updates: poll({ url: 'http://127.0.0.1:9/none.waft' }), overrides: overrides({ 'on-in-germany': true }) };
  for (const names of [
    ['updates', 'overrides'],
    ['overrides', 'updates'],
  ]) {
    const page = await start(t, { snapshot: new Uint8Array(9), ...Object.fromEntries(names.map((name) => [name, plugs[name]])) });
    assert.equal(page.getBooleanValue('on-in-germany', false), false);
    for (const version of [1, 2, 3]) {
      assert.deepEqual(await page.load(snapshot({ version })), { ok: true, version });
      assert.deepEqual(shown(page, 'on-in-germany'), [true, 'on', 'STATIC']);
    }
    storage();
  }
  const page = await start(t, { overrides: plugs.overrides });
  let traps = 1;
  const { context } = Engine.prototype;
  t.mock.method(Engine.prototype, 'context', function (...args) {
    if (traps-- > 0) throw new WebAssembly.RuntimeError('unreachable');
    return context.apply(this, args);
  });
  page.setContext({ country: 'FR', visitorId: 'v2' });
  assert.deepEqual(shown(page, 'on-in-germany'), [true, 'on', 'STATIC']);
  assert.ok(traps < 0);
});

test('one for two clients; a closed one is left alone', async (t) => {
  const fixed = overrides();
  const [one, other] = [await start(t, { overrides: fixed }), await start(t, { overrides: fixed })];
  fixed.set('on-in-germany', true);
  assert.deepEqual(
    [one, other].map((page) => page.getBooleanValue('on-in-germany', false)),
    [true, true],
  );
  one.close();
  assert.equal(fixed.set('on-in-germany', 'off'), true);
  assert.deepEqual(shown(other, 'on-in-germany'), [false, 'off', 'STATIC']);
  other.close();
  assert.deepEqual([fixed.all(), fixed.variants('cta'), fixed.set('cta', 'bold')], [{}, [], false]);
});
