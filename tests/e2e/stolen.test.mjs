// A stolen key of each role in Chromium: what its thief can do, what not, and the way out by a trust document, in pages that stay as they
// were built. The thief also has the CDN: he serves what he likes. SECURITY.md names these tests.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { Party, ROOTS } from './party.mjs';
import { startShop } from './suite.mjs';

const CONTEXT = { visitorId: 'v1', country: 'DE' };
/** As far as one signature moves a version. */
const JUMP = 1_000_000;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** The shop with rules of version 1, and an origin that serves what it is told to. */
async function start(t, roles) {
  const origin = await startShop(t);
  const shop = new Party().init(roles);
  t.after(() => shop.remove());
  origin.files['/trust.json'] = JSON.stringify(shop.trust);
  const signers = roles.includes('approver') ? ['publisher', 'approver'] : ['publisher'];
  origin.serve = (files) => Object.assign(origin.files, files);
  const first = shop.release(1, 'Ours', signers);
  origin.serve({ '/snapshot.waft': first, '/head.waft': shop.refresh(first) });
  const thief = (...names) => {
    const party = shop.robbedOf(...names);
    t.after(() => party.remove());
    return party;
  };
  const context = await browser.newContext();
  t.after(() => context.close());
  return { origin, shop, first, thief, context };
}

/** One page view: the client's code, the number of its trust, what the headline says, and why. */
async function visit(context, origin, options) {
  const page = await context.newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.isLoaded);
  await page.evaluate((options) => globalThis.begin(options), { hasHead: true, context: CONTEXT, ...options });
  const seen = await page.evaluate(async () => {
    const { client } = globalThis;
    await globalThis.settled();
    const { code, trustNumber } = client.status();
    const { value, reason } = client.peek('headline', 'default');
    return [code, trustNumber, value, reason];
  });
  await page.close();
  return seen;
}

const fresh = async (origin, options) => {
  const context = await browser.newContext();
  const seen = await visit(context, origin, options);
  await context.close();
  return seen;
};

test('publisher: its thief publishes rules, one jump far; a new key under a new epoch ends it', async (t) => {
  const { origin, shop, thief, context } = await start(t, ['publisher', 'freshness', 'kill']);
  assert.deepEqual(await visit(context, origin), [undefined, undefined, 'Ours', 'TARGETING_MATCH']);
  const stolen = thief('publisher');
  origin.serve({ '/snapshot.waft': stolen.release(2 + JUMP, 'Stolen') });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), ['VERSION_JUMP', undefined, 'Ours']);
  origin.serve({ '/snapshot.waft': stolen.release(1 + JUMP, 'Stolen') });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), [undefined, undefined, 'Stolen']);
  // The rightful rules have a lower version now.
  origin.serve({ '/snapshot.waft': shop.release(2, 'Ours again') });
  assert.equal((await visit(context, origin))[2], 'Stolen');
  const document = shop.rotate(['publisher', 'freshness', 'kill'], undefined, '--new-epoch');
  const again = shop.release(1, 'Ours again');
  origin.serve({ '/snapshot.waft': again, '/head.waft': shop.refresh(again), '/trust-0001.waft': document });
  assert.deepEqual(await visit(context, origin), [undefined, 1, 'Ours again', 'TARGETING_MATCH']);
  origin.serve({ '/snapshot.waft': stolen.release(2, 'Stolen') });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), ['UNKNOWN_KEY', 1, 'Ours again']);
});

test('publisher: pages that are open, of which one asks, take the way out without being loaded anew', async (t) => {
  const { origin, shop, thief, context } = await start(t, ['publisher', 'freshness', 'kill']);
  origin.serve({ '/snapshot.waft': thief('publisher').release(1 + JUMP, 'Stolen') });
  const tabs = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) {
    await tab.goto(origin.url);
    await tab.waitForFunction(() => globalThis.isLoaded);
    await tab.evaluate((options) => globalThis.begin(options), { hasHead: true, every: 1_000, context: CONTEXT });
    assert.equal(await tab.evaluate(() => globalThis.client.peek('headline', 'default').value), 'Stolen');
  }
  const document = shop.rotate(['publisher', 'freshness'], undefined, '--new-epoch');
  const again = shop.release(1, 'Ours again');
  origin.serve({ '/trust-0001.waft': document, '/snapshot.waft': again, '/head.waft': shop.refresh(again) });
  for (const tab of tabs) {
    await tab.waitForFunction(() => globalThis.client.peek('headline', 'default').value === 'Ours again');
    assert.deepEqual(await tab.evaluate(() => [globalThis.client.status().trustNumber, globalThis.client.snapshot.version]), [1, 1]);
  }
});

test('publisher: a page without a build, by a script element, takes the way out', async (t) => {
  const { origin, shop, context } = await start(t, ['publisher', 'freshness']);
  const settings = 'data-snapshot="/snapshot.waft" data-trust="/trust.json" data-visitor="visitorId"';
  origin.files['/'] = `<!doctype html><link rel="icon" href="data:,"><script>
    (self.waft ??= []).push((client) => {
      client.setContext({ visitorId: 'v1', country: 'DE' });
      self.read = [client.status().trustNumber, client.peek('headline', 'default').value];
    });
    </script><script async src="/waft/waft.iife.js" ${settings}></script>`;
  const read = async () => {
    const page = await context.newPage();
    await page.goto(origin.url);
    await page.waitForFunction(() => globalThis.read);
    const seen = await page.evaluate(() => globalThis.read);
    await page.close();
    return seen;
  };
  assert.deepEqual(await read(), [undefined, 'Ours']);
  const document = shop.rotate(['publisher', 'freshness']);
  const next = shop.release(2, 'Ours again');
  origin.serve({ '/trust-0001.waft': document, '/snapshot.waft': next, '/head.waft': shop.refresh(next) });
  assert.deepEqual(await read(), [1, 'Ours again']);
});

test('approver, or the publisher beside one: its thief publishes nothing alone; a new key ends what he could add', async (t) => {
  const { origin, shop, thief, context } = await start(t, ['publisher', 'approver', 'freshness']);
  for (const role of ['publisher', 'approver']) {
    origin.serve({ '/snapshot.waft': thief(role).release(2, 'Stolen', [role]) });
    assert.deepEqual((await fresh(origin)).slice(0, 3), ['ROLE_MISSING', undefined, 'default']);
  }
  const both = thief('publisher', 'approver');
  const document = shop.rotate(['approver']);
  const next = shop.release(2, 'Ours again', ['publisher', 'approver']);
  origin.serve({ '/head.waft': shop.refresh(next), '/trust-0001.waft': document, '/snapshot.waft': next });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), [undefined, 1, 'Ours again']);
  origin.serve({ '/snapshot.waft': both.release(3, 'Stolen', ['publisher', 'approver']) });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), ['ROLE_MISSING', 1, 'Ours again']);
});

test('freshness: its thief vouches for old rules, and signs nothing else; a new key ends it', async (t) => {
  const { origin, shop, thief, first, context } = await start(t, ['publisher', 'freshness', 'kill']);
  const stolen = thief('freshness');
  const second = shop.release(2, 'Second');
  const rightful = shop.refresh(second);
  origin.serve({ '/snapshot.waft': first, '/head.waft': rightful });
  assert.deepEqual((await fresh(origin)).slice(0, 3), ['ROLLED_BACK', undefined, 'default']);
  origin.serve({ '/head.waft': stolen.refresh(first) });
  assert.deepEqual(await fresh(origin), [undefined, undefined, 'Ours', 'TARGETING_MATCH']);
  assert.throws(() => stolen.kill('headline'), /kill\.pem/);
  const document = shop.rotate(['freshness']);
  origin.serve({ '/trust-0001.waft': document, '/head.waft': shop.refresh(second) });
  assert.deepEqual((await fresh(origin)).slice(0, 3), ['ROLLED_BACK', 1, 'default']);
  origin.serve({ '/snapshot.waft': second });
  assert.deepEqual(await visit(context, origin), [undefined, 1, 'Second', 'TARGETING_MATCH']);
  // A page that has seen the document takes his pointers no more.
  origin.serve({ '/head.waft': stolen.refresh(first) });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), ['UNKNOWN_KEY', 1, 'Second']);
  origin.serve({ '/snapshot.waft': first });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), ['ROLLED_BACK', 1, 'Second']);
});

test('kill: its thief turns flags off, and on none; a new key takes his list back', async (t) => {
  const { origin, shop, thief, first, context } = await start(t, ['publisher', 'freshness', 'kill']);
  const stolen = thief('kill');
  writeFileSync(stolen.at('head.waft'), origin.files['/head.waft']);
  const list = stolen.kill('headline');
  origin.serve({ '/head.waft': list });
  assert.deepEqual(await visit(context, origin), [undefined, undefined, 'Welcome', 'DISABLED']);
  // He is out, and his list is not: pages keep it.
  origin.serve({ '/head.waft': shop.refresh(first) });
  assert.deepEqual((await visit(context, origin))[3], 'DISABLED');
  const document = shop.rotate(['kill', 'freshness']);
  origin.serve({ '/trust-0001.waft': document, '/head.waft': shop.refresh(first) });
  assert.deepEqual(await visit(context, origin), [undefined, 1, 'Ours', 'TARGETING_MATCH']);
  origin.serve({ '/head.waft': list });
  assert.deepEqual(await visit(context, origin), ['UNKNOWN_KEY', 1, 'Ours', 'TARGETING_MATCH']);
});

test('preview: its thief shows variants to who has his link; a new key ends his links', async (t) => {
  const { origin, shop, thief, first, context } = await start(t, ['publisher', 'freshness', 'preview']);
  const stolen = thief('preview');
  writeFileSync(stolen.at('snapshot.waft'), first);
  const token = stolen.token('headline=plain');
  assert.deepEqual(await visit(context, origin, { token }), [undefined, undefined, 'Welcome', 'STATIC']);
  assert.equal((await visit(context, origin))[2], 'Ours');
  const document = shop.rotate(['preview']);
  origin.serve({ '/trust-0001.waft': document, '/head.waft': shop.refresh(first) });
  assert.deepEqual(await visit(context, origin, { token }), [undefined, 1, 'Ours', 'TARGETING_MATCH']);
});

test('root: below the threshold its thief leads nowhere; with it he replaces every key, and pages that are built anew are out of reach', async (t) => {
  const { origin, shop, thief, context } = await start(t, ['publisher', 'freshness']);
  assert.equal((await visit(context, origin))[2], 'Ours');
  const one = thief('root-1', 'publisher', 'freshness');
  const alone = one.rotate(['publisher', 'freshness'], ['root-1']);
  const his = one.release(2, 'Stolen');
  origin.serve({ '/trust-0001.waft': alone, '/head.waft': one.refresh(his), '/snapshot.waft': his });
  assert.deepEqual((await visit(context, origin)).slice(0, 3), ['UNKNOWN_KEY', undefined, 'Ours']);
  assert.deepEqual((await fresh(origin)).slice(0, 3), ['UNKNOWN_KEY', undefined, 'default']);
  const all = thief('root-1', 'root-2', 'publisher', 'freshness');
  const taken = all.rotate(['publisher', 'freshness'], ['root-1', 'root-2']);
  const theirs = all.release(2, 'Stolen');
  origin.serve({ '/trust-0001.waft': taken, '/head.waft': all.refresh(theirs), '/snapshot.waft': theirs });
  assert.deepEqual(await visit(context, origin), [undefined, 1, 'Stolen', 'TARGETING_MATCH']);
  // Pages are built with another number 1, whose root he does not have, under an epoch of its own.
  shop.rotate([...ROOTS, 'publisher', 'freshness'], ROOTS.slice(0, 2), '--new-epoch');
  const rightful = shop.release(1, 'Ours again');
  origin.serve({ '/trust.json': JSON.stringify(shop.trust), '/head.waft': shop.refresh(rightful), '/snapshot.waft': rightful });
  assert.deepEqual((await visit(context, origin)).slice(1), [undefined, 'Ours again', 'TARGETING_MATCH']);
  assert.deepEqual(await visit(context, origin), [undefined, undefined, 'Ours again', 'TARGETING_MATCH']);
  const next = all.rotate(['publisher'], ['root-1', 'root-2']);
  const more = all.release(3, 'Stolen');
  origin.serve({ '/trust-0002.waft': next, '/head.waft': all.refresh(more), '/snapshot.waft': more });
  assert.deepEqual((await visit(context, origin)).slice(1, 3), [undefined, 'Ours again']);
});
