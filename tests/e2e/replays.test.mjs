// What whoever has the CDN makes of genuine parts, and of parts that a stolen key signed in a place that is not its own, in three engines: old ones for
// ever, of several heads in one, in each other's place, and trust documents out of their order. SECURITY.md names these tests.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { DEFAULT, OURS, ROLES, seen, start, told } from './attacked.mjs';
import { inEngines } from './engines.mjs';
import { visit } from './suite.mjs';

const HOUR = 3_600_000;
const KILLED = ['Welcome', 'DISABLED'];

/** Whether what a page has adopted is kept, for the next one. */
function isKept() {
  const { snapshot } = globalThis.client;
  if (!snapshot) return true;
  const highest = Object.values(localStorage)
    .map((text) => /^(\d+) ([\da-f]{64})$/.exec(text))
    .find((found) => Number(found?.[1]) === snapshot.version);
  return !!highest && Object.entries(localStorage).some(([key, text]) => key.startsWith('waft:good:') && text.startsWith(highest[2]));
}

/** The tab of each origin: all views are in one, as each that is opened costs a busy machine seconds. */
const tabs = new WeakMap();

/** One page view of somebody who comes for the first time, or again, by a clock that is ahead: the code, and what is seen. */
async function view(t, engine, origin, { isFirst = false, ahead = 0, ...options } = {}) {
  const last = tabs.get(origin);
  const tab = last ?? (await visit(t, engine, origin.url));
  if (last) {
    await tab.goto(origin.url);
    await tab.until(() => globalThis.isLoaded);
  } else await tab.show();
  tabs.set(origin, tab);
  const code = await tab.evaluate(
    async (isFirst, ahead, options) => {
      if (isFirst) localStorage.clear();
      const { now } = Date;
      Date.now = () => now() + ahead;
      return globalThis.begin(options);
    },
    isFirst,
    ahead,
    // However busy the machine is: what is late is for late.test.mjs.
    { hasHead: true, context: { visitorId: 'v1', country: 'DE' }, timeout: 30_000, ...options },
  );
  const found = [code ?? 'fine', ...(await seen(tab))];
  const { trustNumber } = await tab.evaluate(() => globalThis.client.status());
  const [, file] = await told(tab);
  await tab.until(isKept);
  return Object.assign(found, { trustNumber, file });
}
const equal = (found, expected, what) => assert.deepEqual([...found], expected, what);

/** The document of a kind in a head: a kill list is in front of a pointer. */
const apart = (head, list) => [head.subarray(0, list), head.subarray(list)];

/** A thief of the keys of two roles, by whose trust each is in the other's. */
function swapped(t, shop, ...roles) {
  const thief = shop.robbedOf();
  t.after(() => thief.remove());
  const other = (role) => (roles.includes(role) ? roles.find((one) => one !== role) : role);
  const { require } = shop.trust;
  const keysOf = (role) => require.find((one) => one.role === role).keys;
  thief.trust = { ...shop.trust, require: require.map((one) => ({ ...one, keys: keysOf(other(one.role)) })) };
  for (const role of roles) writeFileSync(thief.at(`${role}.pem`), readFileSync(shop.at(`${other(role)}.pem`)), { mode: 0o600 });
  return thief;
}

/** Two releases, each with its kill list and pointer, and another release of the second version; `first` is a first visit to parts of them. */
async function twoHeads(t, engine) {
  const { origin, shop, first: one } = await start(t);
  const lists = {};
  const pointers = {};
  const snapshots = { 1: one, 2: shop.release(2, 'Ours later') };
  const other = shop.release(2, 'Not what the pointer names');
  // What `kill` writes still has the pointer from before.
  const before = readFileSync(shop.at('head.waft')).length;
  for (const [number, flag] of [
    [1, 'test'],
    [2, 'headline'],
  ]) {
    const length = shop.kill(flag).length - (number === 1 ? before : pointers[1].length);
    [lists[number], pointers[number]] = apart(shop.refresh(snapshots[number]), length);
  }
  const first = (snapshot, ...parts) => {
    origin.serve({ '/snapshot.waft': snapshot, '/head.waft': Buffer.concat(parts) });
    return view(t, engine, origin, { isFirst: true });
  };
  return { origin, lists, pointers, snapshots, other, first };
}

const CASES = {
  async 'freeze: what is served for ever ends with its pointer, and so does the time for which a kill is withheld'(t, engine) {
    const { origin, shop } = await start(t);
    equal(await view(t, engine, origin), ['fine', ...OURS]);
    // Killed, published, and kept back.
    shop.kill('headline');
    const again = (hours) => view(t, engine, origin, { ahead: hours * HOUR });
    equal(await again(23), ['fine', ...OURS]);
    equal(await again(25), ['EXPIRED', 'Ours', 'STALE', 1]);
    equal(await again(24 * 8 - 1), ['EXPIRED', 'Ours', 'STALE', 1]);
    equal(await again(24 * 8 + 1), ['EXPIRED', ...DEFAULT]);
    for (const [hours, expected] of [
      [23, ['fine', ...OURS]],
      [25, ['EXPIRED', ...DEFAULT]],
    ]) {
      equal(await view(t, engine, origin, { isFirst: true, ahead: hours * HOUR }), expected, `${hours} h, first`);
    }
    // A clock that was set back knows of no end; the rules' own moment is the least that it counts.
    equal(await view(t, engine, origin, { isFirst: true, ahead: -48 * HOUR }), ['fine', ...OURS]);
  },

  async 'mix and match: of two heads no part goes with one that is older than it asks for'(t, engine) {
    const { lists, pointers, snapshots, other, first } = await twoHeads(t, engine);
    const later = ['Ours later', 'TARGETING_MATCH', 2];
    equal(await first(snapshots[1], lists[1], pointers[1]), ['fine', ...OURS]);
    // A release is there before its pointer, and a kill before both.
    equal(await first(snapshots[2], lists[1], pointers[1]), ['fine', ...later]);
    equal(await first(snapshots[1], lists[2], pointers[1]), ['fine', ...KILLED, 1]);
    for (const [code, snapshot, ...parts] of [
      ['ROLLED_BACK', snapshots[1], lists[2], pointers[2]],
      ['VERSION_CONFLICT', other, lists[2], pointers[2]],
      ['HEAD_INCOMPLETE', snapshots[2], lists[1], pointers[2]],
      ['HEAD_INCOMPLETE', snapshots[2], pointers[2]],
      ['HEAD_INCOMPLETE', snapshots[2], lists[2]],
      ['MALFORMED', snapshots[2], pointers[2], lists[2]],
      ['MALFORMED', snapshots[2], lists[1], lists[2], pointers[2]],
      ['MALFORMED', snapshots[2], lists[2], pointers[1], pointers[2]],
      ['MALFORMED', snapshots[2], lists[2], pointers[2].subarray(0, -1)],
      ['MALFORMED', snapshots[2], lists[2], pointers[2], Buffer.of(0)],
    ]) {
      equal(await first(snapshot, ...parts), [code, ...DEFAULT], code);
    }
  },

  async 'mix and match: who has seen the later parts takes no earlier ones, and no kill is taken back'(t, engine) {
    const { origin, lists, pointers, snapshots, first } = await twoHeads(t, engine);
    equal(await first(snapshots[2], lists[2], pointers[2]), ['fine', ...KILLED, 2]);
    for (const [code, snapshot, ...parts] of [
      ['ROLLED_BACK', snapshots[2], lists[1], pointers[1]],
      ['ROLLED_BACK', snapshots[2], lists[1], pointers[2]],
      ['ROLLED_BACK', snapshots[2], pointers[1]],
      ['ROLLED_BACK', snapshots[1], lists[2], pointers[2]],
      ['HEAD_INCOMPLETE', snapshots[2], lists[2]],
      ['HEAD_INCOMPLETE', snapshots[2]],
    ]) {
      origin.serve({ '/snapshot.waft': snapshot, '/head.waft': Buffer.concat(parts) });
      equal(await view(t, engine, origin), [code, ...KILLED, 2], code);
    }
    // A genuine pointer without its list vouches for whoever has that.
    origin.serve({ '/snapshot.waft': snapshots[2], '/head.waft': pointers[2] });
    equal(await view(t, engine, origin), ['fine', ...KILLED, 2]);
  },

  async "one kind of document in place of another: it is none, and a key signs in its own role's place alone"(t, engine) {
    const { origin, shop, first } = await start(t, [...ROLES, 'preview']);
    const ours = { ...origin.files };
    const head = ours['/head.waft'];
    // Of a number above the version of the rules: a pointer would vouch for such a snapshot.
    const flags = ['test', 'gone', 'headline'];
    const list = flags
      .map((flag) => shop.kill(flag))
      .at(-1)
      .subarray(0, -head.length);
    const token = shop.token('headline=plain');
    const preview = Buffer.from(token, 'base64url');
    const ofHeads = swapped(t, shop, 'kill', 'freshness');
    const ofRules = swapped(t, shop, 'publisher', 'preview');
    const document = shop.rotate(['kill']);
    const asking = shop.refresh(first);
    const looks = async (files, expected, options) => {
      origin.serve({ ...ours, ...files });
      const found = await view(t, engine, origin, { isFirst: true, ...options });
      equal(found, expected, Object.keys(files).join());
      return found;
    };
    for (const bytes of [list, head, document, preview]) await looks({ '/snapshot.waft': bytes }, ['MALFORMED', ...DEFAULT]);
    // What a head does not know is passed over, and nothing vouches; a snapshot is behind one.
    for (const bytes of [document, first]) await looks({ '/head.waft': bytes }, ['HEAD_INCOMPLETE', ...DEFAULT]);
    await looks({ '/head.waft': preview }, ['MALFORMED', ...DEFAULT]);
    for (const bytes of [list, head, preview, first]) {
      const found = await looks({ '/head.waft': asking, '/trust-0001.waft': bytes }, ['MALFORMED', ...DEFAULT]);
      assert.deepEqual([found.file, found.trustNumber], ['/trust-0001.waft', undefined]);
    }
    for (const bytes of [list, head, document, first]) await looks({}, ['fine', ...OURS], { token: bytes.toString('base64url') });
    // What is well made, by a key that is another's: pages look who may.
    const stolen = ofHeads.kill('headline');
    await looks({ '/head.waft': Buffer.concat([stolen, head]) }, ['ROLE_MISSING', ...OURS]);
    await looks({ '/head.waft': ofHeads.refresh(first).subarray(stolen.length) }, ['ROLE_MISSING', ...DEFAULT]);
    await looks({ '/snapshot.waft': ofRules.release(2, 'Stolen') }, ['ROLE_MISSING', ...DEFAULT]);
    await looks({}, ['fine', ...OURS], { token: ofRules.token('headline=plain') });
    await looks({}, ['fine', 'Welcome', 'STATIC', 1], { token });
  },

  async 'trust out of its order: rolled back, forked and skipped documents lead nowhere, also in a page that has later ones'(t, engine) {
    const { origin, shop, first } = await start(t);
    const fork = shop.elsewhere({});
    t.after(() => fork.remove());
    const documents = ['kill', 'freshness'].map((role) => shop.rotate([role]));
    // Signed by root as well, and of the number that pages have.
    fork.rotate(['freshness']);
    const forked = fork.rotate(['kill']);
    const files = (...documents) => Object.fromEntries([1, 2, 3].map((number) => [`/trust-000${number}.waft`, documents[number - 1]]));
    origin.serve({ '/head.waft': shop.refresh(first) });
    const skipped = [
      ['VERSION_JUMP', '/trust-0001.waft', documents[1]],
      ['UNREACHABLE', '/trust-0001.waft', undefined, documents[1]],
    ];
    for (const [code, file, ...served] of skipped) {
      origin.serve(files(...served));
      const found = await view(t, engine, origin, { isFirst: true });
      assert.deepEqual([found[0], found.file, found.trustNumber, found[1]], [code, file, undefined, 'default']);
    }
    origin.serve(files(...documents));
    const taken = await view(t, engine, origin, { isFirst: true });
    assert.deepEqual([[...taken], taken.trustNumber], [['fine', ...OURS], 2]);
    // What is asked for next is one that pages have, or another of its number.
    const next = shop.rotate(['kill']);
    const head = shop.refresh(first);
    for (const [code, served] of [
      ['HEAD_INCOMPLETE', documents[0]],
      ['HEAD_INCOMPLETE', documents[1]],
      ['VERSION_CONFLICT', forked],
      ['UNREACHABLE', undefined],
    ]) {
      origin.serve({ '/head.waft': head, ...files(...documents, served) });
      const found = await view(t, engine, origin);
      assert.deepEqual([found[0], found.trustNumber, found[1]], [code, 2, 'Ours'], code);
    }
    origin.serve(files(...documents, next));
    assert.equal((await view(t, engine, origin)).trustNumber, 3);
  },
};

inEngines(CASES);
