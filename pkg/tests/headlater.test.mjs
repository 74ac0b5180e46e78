// Trust documents where what follows them is loaded when there is one: headtrust.test.mjs again, and what is so in this way alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as module from '../dist/documents.js';
import { head } from '../dist/head.js';
import { createClient, createClientSync } from '../dist/index.js';
import { poll } from '../dist/updates.js';
import { clock, key, PUBLISHER, snapshot, storage, until } from './fixture.mjs';
import { Publisher, publicOf, rooted, site } from './heads.mjs';

globalThis.documents = () => import('../dist/documents.js');
await import('./headtrust.test.mjs');

const BEGIN = Math.floor(Date.now() / 1_000) * 1_000;
const CI = key();
const made = (version, by) =>
  snapshot({ version, issued: new Date(BEGIN - 86_400_000).toISOString(), expires: '2040-01-01T00:00Z', sign: [[by, 'publisher']] });
const [OLD, NEW, STOLEN] = [made(1, PUBLISHER), made(2, CI), made(3, PUBLISHER)];
const TRUST = rooted();

/** A site whose publisher's key is replaced, and pages of it. `documents` is what they hand over. */
async function rotated(t) {
  clock(BEGIN + 7_200_000);
  storage();
  t.mock.method(console, 'warn', () => {});
  const publisher = new Publisher(TRUST);
  const it = await site(t, { '/s.waft': OLD, '/head.waft': publisher.refresh(OLD) });
  it.publisher = publisher;
  const options = { snapshot: it.url('/s.waft'), trust: TRUST, context: { visitorId: 'v4' } };
  it.open = async (documents, more) => {
    const page = await createClient({ ...options, head: head({ documents }), ...more });
    t.after(() => page.close());
    return page;
  };
  it.rotate = () => {
    const document = publisher.change('rotate', [`publisher=${publicOf(CI)}`]);
    Object.assign(it.files, { '/s.waft': NEW, '/head.waft': publisher.refresh(NEW), '/trust-0001.waft': document });
  };
  return it;
}

/** As `import` rejects where a deploy has removed the file. */
const GONE = new TypeError('Failed to fetch dynamically imported module');
const gone = () => Promise.reject(GONE);
/** Nothing comes, and its deadline alone is short. */
const never = () => {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work, delay, ...of) => setTimeout(work, delay === 10_000 ? 20 : delay, ...of);
  queueMicrotask(() => (globalThis.setTimeout = setTimeout));
  return new Promise(() => {});
};

test('nothing is loaded before a pointer names a document, nor where the page has it', async (t) => {
  let loads = 0;
  const documents = async () => {
    loads++;
    return module;
  };
  const it = await rotated(t);
  const page = await it.open(documents, { updates: poll({ every: 1_000 }) });
  (await it.open(documents)).close();
  assert.deepEqual([page.snapshot.version, page.status().code, loads], [1, undefined, 0]);
  it.rotate();
  await until(() => page.snapshot.version === 2);
  assert.deepEqual([page.status().trustNumber, page.status().code, loads], [1, undefined, 1]);
  page.close();
  // A document is kept: the next page view begins with it.
  const next = await it.open(documents);
  assert.deepEqual([next.status().trustNumber, next.snapshot.version, loads], [1, 2, 2]);
});

for (const [name, documents] of [
  ['cannot be loaded', gone],
  ['never comes', never],
  ['is another module', async () => ({})],
]) {
  test(`what follows documents ${name}: told, and an open page goes on by the rules that it has`, async (t) => {
    const it = await rotated(t);
    const page = await it.open(documents, { updates: poll({ every: 1_000 }) });
    const told = [];
    page.on('error', ({ code, cause }) => told.push([code, cause]));
    it.rotate();
    await until(() => told.some(([code]) => code === 'UNREACHABLE'));
    assert.deepEqual([page.snapshot.version, page.peek('fixed').value], [1, 'always']);
    const cause = told.find(([code]) => code === 'UNREACHABLE')[1];
    if (documents === gone) assert.equal(cause, GONE);
    // A first visit has no rules that anybody vouches for.
    storage();
    const first = await it.open(documents);
    assert.deepEqual([first.status().code, first.snapshot], ['UNKNOWN_KEY', undefined]);
  });
}

test('a page that has kept a document decides nothing without what follows it: keys that it took out would count again', async (t) => {
  const it = await rotated(t);
  it.rotate();
  (await it.open(async () => module)).close();
  await until(() => localStorage.keys('waft:good').length);
  // The thief serves what the old key signed, and keeps the file from coming.
  it.files = { '/s.waft': OLD };
  const page = await it.open(gone);
  assert.deepEqual([page.status().code, page.status().cause, page.snapshot], ['UNREACHABLE', GONE, undefined]);
  // Nor where the page forgot to hand it over, or hands over something else: also rules of a higher number, by the old key.
  it.files = { '/s.waft': STOLEN };
  for (const other of [undefined, {}, null, true, { default: module }]) {
    const forgetful = await it.open(other);
    assert.deepEqual([forgetful.status().code, forgetful.snapshot], ['HEAD_INCOMPLETE', undefined], JSON.stringify(other));
  }
  const inlined = createClientSync({ snapshot: OLD, trust: TRUST, context: {}, head: head({ url: false, documents: gone }), quiet: true });
  t.after(() => inlined.close());
  const told = [];
  inlined.on('error', ({ code, cause }) => told.push([code, cause]));
  await until(() => told.some(([, cause]) => cause === GONE));
  assert.deepEqual([inlined.status().code, inlined.snapshot], ['UNREACHABLE', undefined]);
  // Once it comes, the kept rules decide: of the old ones, none.
  const late = await it.open(async () => module, { start: 'last-good' });
  assert.deepEqual([late.status().trustNumber, late.snapshot.version], [1, 2]);
  const bytes = createClientSync({
    snapshot: OLD,
    trust: TRUST,
    context: {},
    head: head({ url: false, documents: async () => module }),
    quiet: true,
  });
  t.after(() => bytes.close());
  await until(() => bytes.status().trustNumber === 1);
  assert.deepEqual([bytes.status().code, bytes.snapshot?.version], ['UNKNOWN_KEY', 2]);
});

test('a page that is built with the trust that kept documents lead to, or a later one, waits for nothing', async (t) => {
  const it = await rotated(t);
  it.rotate();
  (await it.open(async () => module)).close();
  await until(() => localStorage.keys('waft:good').length);
  const later = it.publisher.trust;
  for (const trust of [later, { ...later, number: 2 }]) {
    let loads = 0;
    const page = await it.open(() => gone(loads++), { trust });
    assert.deepEqual([page.status().code, page.snapshot?.version, loads], [undefined, 2, 0], `${trust.number}`);
    // Nor does it need what follows them.
    const forgetful = await it.open(false, { trust });
    assert.deepEqual([forgetful.status().code, forgetful.snapshot?.version], [undefined, 2]);
  }
  // What nobody can read may lead anywhere.
  localStorage.setItem(localStorage.keys('waft:trust')[0], 'x');
  const page = await it.open(gone, { trust: later });
  assert.deepEqual([page.status().code, page.snapshot], ['UNREACHABLE', undefined]);
});

test('a start from what is kept tells nothing of kept rules that it cannot take', async (t) => {
  const it = await rotated(t);
  it.rotate();
  (await it.open(async () => module)).close();
  await until(() => localStorage.keys('waft:good').length);
  for (const kept of ['', 'x', 'AAAA', Buffer.from(OLD).toString('base64')].map((rules) => `${'0'.repeat(64)} ${rules}`)) {
    for (const name of localStorage.keys('waft:good')) localStorage.setItem(name, kept);
    const told = [];
    const page = await it.open(async () => module, {
      start: 'last-good',
      quiet: true,
      debug: { open: ({ events }) => events.on('error', ({ code }) => told.push(code)) },
    });
    await until(() => page.status().trustNumber === 1 && page.snapshot?.version === 2);
    assert.deepEqual([told, page.status().code], [[], undefined], kept);
    page.close();
  }
});

test('a trust with root in a page that hands over nothing is told, and with false it is meant', async (t) => {
  const it = await rotated(t);
  const page = await it.open(undefined);
  const told = [];
  page.on('error', ({ message }) => told.push(message));
  await until(() => told.length);
  assert.deepEqual([told, page.snapshot.version, page.status().code], [['INVALID_OPTION: head.documents'], 1, undefined]);
  assert.equal(console.warn.mock.callCount(), 1);
  (await it.open(false)).close();
  assert.equal(console.warn.mock.callCount(), 1);
});

test('what could not be loaded once is asked for again, with a file that is still the same', async (t) => {
  clock(BEGIN + 7_200_000);
  storage();
  t.mock.method(console, 'warn', () => {});
  const publisher = new Publisher(TRUST);
  const it = await site(t, { '/current.waft': Buffer.concat([publisher.refresh(OLD), OLD]) });
  let isGone = true;
  const documents = () => (isGone ? gone() : Promise.resolve(module));
  const page = await createClient({
    snapshot: it.url('/current.waft'),
    trust: TRUST,
    context: {},
    head: head({ url: false, documents }),
    updates: poll({ every: 1_000 }),
  });
  t.after(() => page.close());
  const told = [];
  page.on('error', ({ code }) => told.push(code));
  assert.equal(page.snapshot.version, 1);
  const document = publisher.change('rotate', [`publisher=${publicOf(CI)}`]);
  Object.assign(it.files, { '/trust-0001.waft': document, '/current.waft': Buffer.concat([publisher.refresh(NEW), NEW]) });
  await until(() => told.includes('UNREACHABLE'));
  isGone = false;
  await until(() => page.snapshot.version === 2);
});
