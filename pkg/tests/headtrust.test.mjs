// Trust documents in pages: keys come, go and are replaced while pages stay as they were built. Over real HTTP, signed by the real program.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debug } from '../dist/debug.js';
import * as atOnce from '../dist/documents.js';
import { head } from '../dist/head.js';
import { createClient, createClientSync } from '../dist/index.js';
import { pin, poll } from '../dist/updates.js';
import { clock, hurry, key, PUBLISHER, server, settled, snapshot, storage, until } from './fixture.mjs';
import { Publisher, publicOf, ROOTS, rooted } from './heads.mjs';

/** What pages hand over: headlater.test.mjs has it come when it is asked for. */
const { documents = atOnce } = globalThis;
const HOUR = 3_600_000;
const BEGIN = Math.floor(Date.now() / 1_000) * 1_000;
const RIGHT = BEGIN + 2 * HOUR;
const CI = key();
const APPROVER = key();
const made = (version, ...sign) =>
  snapshot({
    version,
    issued: new Date(BEGIN - 24 * HOUR).toISOString(),
    expires: '2040-01-01T00:00Z',
    sign: sign.map((by) => [by, 'publisher']),
  });
const OLD = made(1, PUBLISHER);
const BOTH = made(2, PUBLISHER, CI);
const NEW = made(3, CI);
const TRUST = rooted();
const CONTEXT = { visitorId: 'v4', country: 'DE' };
const FIRST = '/trust-0001.waft';

test.beforeEach((t) => {
  clock(RIGHT);
  storage();
  t.mock.method(console, 'warn', () => {});
});

/** A server of files. */
async function site(t, files) {
  const it = { files, asked: [] };
  const url = await server(t, (_body, request) => {
    it.asked.push(request.url);
    const bytes = it.files[request.url];
    return bytes === 'never' ? undefined : bytes ? [200, bytes] : [404, 'none'];
  });
  it.url = (path) => `${url}${path}`;
  return it;
}

async function open(t, it, more) {
  const page = await createClient({ snapshot: it.url('/s.waft'), trust: TRUST, context: CONTEXT, head: head({ documents }), ...more });
  t.after(() => page.close());
  return page;
}

/** What a page of its own makes of a site: its code, the number of its trust, and the version of its rules. */
async function outcome(t, it, more) {
  const page = await open(t, it, more);
  const { code, trustNumber } = page.status();
  const { version } = page.snapshot ?? {};
  page.close();
  await settled();
  return [code, trustNumber, version];
}

const trustFiles = (it) => it.asked.filter((path) => path.includes('trust-'));
const killed = (page, key) => !!page.peek(key).flagMetadata.killed;

/** Files of a head that asks for the publisher's last trust document. */
const files = (publisher, live, documents) => ({
  '/s.waft': live,
  '/head.waft': publisher.refresh(live),
  ...Object.fromEntries(documents.map((bytes, index) => [`/trust-${String(index + 1).padStart(4, '0')}.waft`, bytes])),
});

test('a key is added, replaced and removed, and pages that were built before take each step', async (t) => {
  const publisher = new Publisher(TRUST);
  const added = publisher.change('add-key', ['--add', `publisher:ci=${publicOf(CI)}`]);
  const it = await site(t, files(publisher, NEW, [added]));
  assert.deepEqual(await outcome(t, it), [undefined, 1, 3]);
  assert.deepEqual(trustFiles(it), [FIRST]);
  // What is kept is not asked for again.
  it.asked = [];
  assert.deepEqual(await outcome(t, it), [undefined, 1, 3]);
  assert.deepEqual(trustFiles(it), []);
  const removed = publisher.change('remove-key', ['publisher']);
  Object.assign(it.files, files(publisher, NEW, [added, removed]));
  assert.deepEqual(await outcome(t, it), [undefined, 2, 3]);
  assert.deepEqual(trustFiles(it), ['/trust-0002.waft']);
  const other = key();
  const replaced = publisher.change('rotate', [`ci=${publicOf(other)}`]);
  const live = made(4, CI, other);
  Object.assign(it.files, files(publisher, live, [added, removed, replaced]));
  it.asked = [];
  assert.deepEqual(await outcome(t, it), [undefined, 3, 4]);
  // A first visit takes all three; one without a pointer's number would not.
  storage();
  it.asked = [];
  assert.deepEqual(await outcome(t, it), [undefined, 3, 4]);
  assert.deepEqual(trustFiles(it), [FIRST, '/trust-0002.waft', '/trust-0003.waft']);
});

test('rules that only a revoked key signed are refused, from the network and from storage', async (t) => {
  const publisher = new Publisher(TRUST);
  const it = await site(t, { '/s.waft': OLD, '/head.waft': publisher.refresh(OLD) });
  assert.deepEqual(await outcome(t, it), [undefined, undefined, 1]);
  const next = publisher.change('rotate', [`publisher=${publicOf(CI)}`]);
  Object.assign(it.files, { '/head.waft': publisher.refresh(NEW), [FIRST]: next });
  // The thief's rules are served still, and the page has them.
  assert.deepEqual(await outcome(t, it), ['UNKNOWN_KEY', 1, undefined]);
  it.files = {};
  assert.deepEqual(await outcome(t, it), ['UNREACHABLE', 1, undefined]);
  it.files = files(publisher, NEW, [next]);
  assert.deepEqual(await outcome(t, it), [undefined, 1, 3]);
  it.files = {};
  assert.deepEqual(await outcome(t, it), ['UNREACHABLE', 1, 3]);
});

test('a kill ends when the key of its list is revoked, and a pointer with the key that signed it', async (t) => {
  const publisher = new Publisher(TRUST);
  publisher.kill('theme');
  const it = await site(t, { '/s.waft': OLD, '/head.waft': publisher.refresh(OLD) });
  const page = await open(t, it, { updates: poll({ every: 1_000 }) });
  assert.deepEqual([killed(page, 'theme'), page.peek('fixed').reason], [true, 'STATIC']);
  const [killer, refresher] = [key(), key()];
  const next = publisher.change('rotate', [`kill=${publicOf(killer)}`, `freshness=${publicOf(refresher)}`]);
  publisher.clear();
  Object.assign(publisher, { killer, refresher });
  publisher.kill('fixed');
  Object.assign(it.files, files(publisher, OLD, [next]));
  const changes = [];
  page.on('configurationChanged', ({ flagsChanged }) => changes.push(...flagsChanged));
  await until(() => page.status().trustNumber === 1);
  assert.deepEqual([killed(page, 'theme'), killed(page, 'fixed'), page.status().code], [false, true, undefined]);
  // The old list and the old pointer are refused, and not kept either.
  const later = await open(t, it, { start: 'last-good' });
  assert.deepEqual([killed(later, 'theme'), killed(later, 'fixed')], [false, true]);
  const before = new Publisher(TRUST);
  before.number = 1;
  before.kill('theme');
  it.files['/head.waft'] = before.refresh(OLD);
  const last = await open(t, it);
  assert.deepEqual([last.status().code, killed(last, 'theme'), killed(last, 'fixed')], ['UNKNOWN_KEY', false, true]);
});

test('root itself moves on, and keys that it left behind lead nowhere', async (t) => {
  const publisher = new Publisher(TRUST);
  const fresh = [key(), key()];
  const first = publisher.change(
    'rotate',
    [`root-1=${publicOf(fresh[0])}`, `root-2=${publicOf(fresh[1])}`],
    [...ROOTS.slice(0, 2), ...fresh],
  );
  const second = publisher.change('add-key', ['--add', `approver:dan=${publicOf(APPROVER)}`], fresh);
  const third = publisher.change('remove-key', ['dan'], fresh);
  const it = await site(t, files(publisher, OLD, [first, second, third]));
  assert.deepEqual(await outcome(t, it), [undefined, 3, 1]);
  const thief = new Publisher(TRUST);
  thief.change('rotate', [`root-1=${publicOf(fresh[0])}`, `root-2=${publicOf(fresh[1])}`], [...ROOTS.slice(0, 2), ...fresh]);
  const stolen = thief.change('rotate', [`publisher=${publicOf(CI)}`], ROOTS.slice(0, 2));
  storage();
  Object.assign(it.files, files(thief, NEW, [first, stolen]));
  assert.deepEqual(await outcome(t, it), ['UNKNOWN_KEY', 1, undefined]);
});

test('a new epoch: the highest snapshot, pointer and kill numbers are forgotten, in open pages, too', async (t) => {
  const publisher = new Publisher(TRUST);
  const high = made(900_000, PUBLISHER);
  publisher.kill('theme');
  publisher.unkill('theme');
  publisher.kill('cta');
  const it = await site(t, { '/s.waft': high, '/head.waft': publisher.refresh(high) });
  const page = await open(t, it, { updates: poll({ every: 1_000 }) });
  const pinned = await open(t, it, { updates: pin({ every: 1_000 }) });
  assert.deepEqual([page.snapshot.version, killed(page, 'cta')], [900_000, true]);
  await until(() => localStorage.keys('waft:seen').length);
  const [killer, refresher] = [key(), key()];
  const stolen = [`publisher=${publicOf(CI)}`, `kill=${publicOf(killer)}`, `freshness=${publicOf(refresher)}`];
  const next = publisher.change('rotate', [...stolen, '--new-epoch']);
  publisher.clear();
  Object.assign(publisher, { killer, refresher });
  publisher.kill('early');
  Object.assign(it.files, files(publisher, NEW, [next]));
  await until(() => page.snapshot.version === 3);
  assert.deepEqual([page.status().code, page.status().trustNumber], [undefined, 1]);
  assert.deepEqual([killed(page, 'cta'), killed(page, 'early'), page.peek('fixed').reason], [false, true, 'STATIC']);
  await until(() => killed(pinned, 'early'));
  assert.deepEqual([pinned.snapshot.version, pinned.peek('fixed').reason], [900_000, 'STALE']);
  await settled();
  assert.deepEqual(await outcome(t, it), [undefined, 1, 3]);
  // The old numbers are nobody's: neither the thief's snapshot nor the old head comes back.
  it.files['/s.waft'] = high;
  assert.deepEqual(await outcome(t, it), ['UNKNOWN_KEY', 1, 3]);
  it.files = {};
  assert.deepEqual(await outcome(t, it), ['UNREACHABLE', 1, 3]);
});

test('an open page goes on as stale where its rules are not of the new trust, until others come', async (t) => {
  const publisher = new Publisher(TRUST);
  const it = await site(t, { '/s.waft': OLD, '/head.waft': publisher.refresh(OLD) });
  const page = await open(t, it, { updates: poll({ every: 1_000 }) });
  const seen = [];
  page.on('stale', ({ version }) => seen.push(version));
  const next = publisher.change('rotate', [`publisher=${publicOf(CI)}`]);
  Object.assign(it.files, { '/head.waft': publisher.refresh(BOTH), [FIRST]: next });
  await until(() => seen.length);
  assert.deepEqual([page.peek('fixed').value, page.peek('fixed').reason, seen], ['always', 'STALE', [1]]);
  it.files['/s.waft'] = BOTH;
  await until(() => page.snapshot.version === 2);
  assert.deepEqual([page.status().code, page.peek('fixed').reason], [undefined, 'STATIC']);
});

/** What is served in the place of number 1 or 2, and what a page makes of it: its code, its trust, and the address that it tells. */
const REFUSED = [
  ['absent', [], 'UNREACHABLE', undefined, FIRST],
  ['HTML', [Buffer.from('<!doctype html>')], 'MALFORMED', undefined, FIRST],
  ['over 8,192 bytes', [Buffer.alloc(8_193)], 'TOO_LARGE', undefined, FIRST],
  ['not answered', ['never'], 'UNREACHABLE', undefined, FIRST],
  ['the second where the first should be', ({ second }) => [second], 'VERSION_JUMP', undefined, FIRST],
  ['the first, and none after it', ({ first }) => [first], 'UNREACHABLE', 1, '/trust-0002.waft'],
  ['the first twice', ({ first }) => [first, first], 'HEAD_INCOMPLETE', 1, '/head.waft'],
  ['signed by one of root', ({ alone }) => [alone], 'ROLE_MISSING', undefined, FIRST],
  ['signed by nobody', ({ foreign }) => [foreign], 'UNSIGNED', undefined, FIRST],
  ['a head', ({ head }) => [head], 'MALFORMED', undefined, FIRST],
];

for (const [name, served, code, reached, place] of REFUSED) {
  test(`a trust document that is ${name}: told, and the last good rules go on`, async (t) => {
    hurry(t, 300);
    const publisher = new Publisher(TRUST);
    const it = await site(t, { '/s.waft': OLD, '/head.waft': publisher.refresh(OLD) });
    assert.deepEqual(await outcome(t, it), [undefined, undefined, 1]);
    const add = ['add-key', ['--add', `publisher:ci=${publicOf(CI)}`]];
    const alone = new Publisher(TRUST).change(...add, [ROOTS[0]]);
    const foreign = new Publisher(TRUST).change(...add, []);
    const first = publisher.change(...add);
    const second = publisher.change('remove-key', ['publisher']);
    const documents = typeof served === 'function' ? served({ first, second, alone, foreign, head: it.files['/head.waft'] }) : served;
    it.files = files(publisher, BOTH, documents);
    const page = await open(t, it);
    const { code: found, url, trustNumber } = page.status();
    assert.deepEqual([found, url, trustNumber], [code, it.url(place), reached]);
    assert.deepEqual([page.snapshot.version, page.peek('fixed').reason], [2, 'STATIC']);
  });
}

test('65 documents are more than a start takes', async (t) => {
  const publisher = new Publisher(TRUST);
  const documents = Array.from({ length: 65 }, (_, index) => publisher.change('rotate', ['--min-version', `${index + 1}`]));
  const live = made(70, PUBLISHER);
  const it = await site(t, files(publisher, live, documents));
  assert.deepEqual((await outcome(t, it)).slice(1), [64, undefined]);
  assert.equal(trustFiles(it).length, 64);
  it.asked = [];
  assert.deepEqual((await outcome(t, it)).slice(1), [64, undefined]);
  assert.deepEqual(trustFiles(it), []);
  // Pages that are built with a later trust are not that far behind.
  const later = { ...publisher.trust };
  assert.deepEqual(await outcome(t, it, { trust: later }), [undefined, undefined, 70]);
});

test('the trust that is built in wins over what is kept: by its number, and by what it says', async (t) => {
  const publisher = new Publisher(TRUST);
  const first = publisher.change('rotate', [`publisher=${publicOf(CI)}`]);
  const it = await site(t, files(publisher, NEW, [first]));
  assert.deepEqual(await outcome(t, it), [undefined, 1, 3]);
  const firstTrust = publisher.trust;
  const second = publisher.change('add-key', ['--add', `approver:dan=${publicOf(APPROVER)}`]);
  const third = publisher.change('remove-key', ['dan']);
  Object.assign(it.files, files(publisher, NEW, [first, second, third]));
  // The same as what is kept, and what follows it.
  assert.deepEqual(await outcome(t, it, { trust: firstTrust }), [undefined, 3, 3]);
  // A higher one.
  const secondTrust = new Publisher(firstTrust);
  secondTrust.change('add-key', ['--add', `approver:dan=${publicOf(APPROVER)}`]);
  assert.deepEqual(await outcome(t, it, { trust: secondTrust.trust }), [undefined, 3, 3]);
  // Root's thief had number 1, and pages were built anew with another number 1: nothing of the other chain is taken.
  storage();
  assert.deepEqual((await outcome(t, it))[1], 3);
  const other = key();
  const rightful = new Publisher(TRUST);
  rightful.change('rotate', [`root-1=${publicOf(other)}`, `root-2=${publicOf(key())}`, `root-3=${publicOf(key())}`], []);
  assert.deepEqual(await outcome(t, it, { trust: rightful.trust }), ['UNKNOWN_KEY', undefined, undefined]);
});

test('kept documents are verified at each start, without dates: what was tampered with is fetched anew', async (t) => {
  const publisher = new Publisher(TRUST);
  const first = publisher.change('rotate', [`publisher=${publicOf(CI)}`]);
  const it = await site(t, files(publisher, NEW, [first]));
  await outcome(t, it);
  const [name] = localStorage.keys('waft:trust');
  const kept = localStorage.getItem(name);
  for (const text of ['', 'x', '!', kept.replace(/.{9}$/, 'AAAAAAAAA'), `${kept} ${kept.slice(8)}`]) {
    localStorage.setItem(name, text);
    await outcome(t, it);
    assert.deepEqual(await outcome(t, it), [undefined, 1, 3], text);
    assert.equal(localStorage.getItem(name), kept);
  }
});

test('a trust without root takes none, and asks for none', async (t) => {
  const publisher = new Publisher(TRUST);
  const first = publisher.change('add-key', ['--add', `publisher:ci=${publicOf(CI)}`]);
  const it = await site(t, files(publisher, OLD, [first]));
  const trust = { ...TRUST, require: TRUST.require.filter(({ role }) => role !== 'root') };
  assert.deepEqual(await outcome(t, it, { trust }), ['HEAD_INCOMPLETE', undefined, undefined]);
  assert.deepEqual(trustFiles(it), []);
  // Nor one whose epoch no document can count on from.
  assert.deepEqual(await outcome(t, it, { trust: { ...TRUST, epoch: 'spring' } }), ['HEAD_INCOMPLETE', undefined, undefined]);
  assert.deepEqual(trustFiles(it), []);
});

test('current.waft, a head under a name, rules in the page, and a server', async (t) => {
  const publisher = new Publisher(TRUST);
  const first = publisher.change('rotate', [`publisher=${publicOf(CI)}`]);
  const { '/head.waft': headBytes } = files(publisher, NEW, [first]);
  const it = await site(t, {
    '/a/shop-current.waft': Buffer.concat([headBytes, NEW]),
    '/a/shop-head.waft': headBytes,
    '/a/shop-trust-0001.waft': first,
  });
  const current = { snapshot: it.url('/a/shop-current.waft'), head: head({ url: false, documents }) };
  assert.deepEqual(await outcome(t, it, current), [undefined, 1, 3]);
  storage();
  const inlined = { snapshot: NEW, trust: TRUST, context: CONTEXT, head: head({ url: it.url('/a/shop-head.waft'), documents }) };
  const page = createClientSync(inlined);
  t.after(() => page.close());
  assert.deepEqual([page.status().code, page.snapshot], ['UNKNOWN_KEY', undefined]);
  await until(() => trustFiles(it).length === 2);
  await settled();
  assert.deepEqual(await page.load(NEW), { ok: true, version: 3 });
  const next = createClientSync(inlined);
  t.after(() => next.close());
  if (documents !== atOnce) {
    assert.deepEqual([next.status().code, next.snapshot], ['HEAD_INCOMPLETE', undefined]);
    assert.ok(await next.ready());
  }
  assert.deepEqual([next.status().trustNumber, next.snapshot.version, next.peek('fixed').reason], [1, 3, 'STATIC']);
  // A server keeps nothing, and is as far.
  Object.defineProperty(globalThis, 'localStorage', { value: undefined, configurable: true });
  assert.deepEqual(await outcome(t, it, current), [undefined, 1, 3]);
});

test('the way out works where the engine is JavaScript, too', async (t) => {
  const { instantiate } = WebAssembly;
  t.mock.method(WebAssembly, 'instantiate', async (code, imports) => {
    // Node's fetch has a wasm, which imports something.
    if (imports) return instantiate(code, imports);
    throw new WebAssembly.CompileError('refused by the policy');
  });
  const { createClient } = await import('../dist/index.js?translated');
  const publisher = new Publisher(TRUST);
  const high = made(900_000, PUBLISHER);
  const it = await site(t, { '/s.waft': high, '/head.waft': publisher.refresh(high) });
  const fallback = () => import('../dist/compat.js');
  const options = {
    snapshot: it.url('/s.waft'),
    trust: TRUST,
    context: CONTEXT,
    head: head({ documents }),
    updates: poll({ every: 1_000 }),
    fallback,
  };
  const page = await createClient(options);
  t.after(() => page.close());
  assert.equal(page.snapshot.version, 900_000);
  const next = publisher.change('rotate', [`publisher=${publicOf(CI)}`, `freshness=${publicOf(key())}`, '--new-epoch']);
  const refresher = key();
  const last = publisher.change('rotate', [`freshness=${publicOf(refresher)}`]);
  publisher.clear();
  publisher.refresher = refresher;
  Object.assign(it.files, files(publisher, NEW, [next, last]));
  await until(() => page.snapshot.version === 3);
  assert.deepEqual([page.status().code, page.status().trustNumber, page.peek('fixed').reason], [undefined, 2, 'STATIC']);
});

test('a list that is refused leaves the pointer beside it, and the reverse', async (t) => {
  const [publisher, thief] = [new Publisher(TRUST), new Publisher(TRUST)];
  thief.change('rotate', [`kill=${publicOf(CI)}`]);
  thief.killer = CI;
  const refused = thief.kill('theme');
  const pointer = publisher.refresh(OLD);
  const it = await site(t, { '/s.waft': OLD, '/head.waft': Buffer.concat([refused, pointer]) });
  assert.deepEqual(await outcome(t, it), ['UNKNOWN_KEY', undefined, 1]);
});

test('debug says what to do about a trust document that is refused', async (t) => {
  const publisher = new Publisher(TRUST);
  const first = new Publisher(TRUST).change('rotate', [`publisher=${publicOf(CI)}`], [ROOTS[0]]);
  publisher.number = 1;
  const it = await site(t, files(publisher, OLD, [first]));
  const told = [];
  t.mock.method(console, 'info', (text) => told.push(text));
  await open(t, it, { debug: debug() });
  await settled();
  assert.ok(
    told.some((text) => /^waft: ROLE_MISSING: .*waft trust verify/.test(text)),
    told.join('\n'),
  );
});
