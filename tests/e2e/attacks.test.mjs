// What The Update Framework's attackers do to a page by its server, and by its storage, in three engines; ONLY=WebKit for one of them.
// SECURITY.md names these tests; replays.test.mjs has what genuine parts are made into, stolen.test.mjs those who stole a key.
import assert from 'node:assert/strict';
import { begin, CONTEXT, DEADLINE, DEFAULT, OURS, ROLES, seen, start, told } from './attacked.mjs';
import { inEngines } from './engines.mjs';
import { until } from './origin.mjs';
import { Party } from './party.mjs';
import { startShop, visit } from './suite.mjs';

/** What the package reads of a snapshot, and of a head, at most. */
const [SNAPSHOT_BYTES, HEAD_BYTES] = [64 << 20, 16_384];

/** One page view: the code, and what is seen. */
async function view(t, engine, origin) {
  const [tab, code] = await begin(t, engine, origin);
  const found = [code, ...(await seen(tab))];
  await tab.evaluate(() => globalThis.settled());
  await tab.close();
  return found;
}

const CASES = {
  async 'endless data: a head and rules are read up to a cap; defaults at first, and the last good rules later'(t, engine) {
    const { origin } = await start(t);
    // A page that reads on waits for what never comes.
    const pour = (cap, ...paths) => {
      origin.most = cap + 1;
      origin.hold('endless', ...paths);
    };
    const ended = (path) => until(() => origin.cut.some(({ url }) => url === path));
    pour(HEAD_BYTES, '/head.waft');
    const [first, code] = await begin(t, engine, origin);
    assert.deepEqual([code, await seen(first), await told(first)], ['TOO_LARGE', DEFAULT, ['TOO_LARGE', '/head.waft', true]]);
    await ended('/head.waft');
    pour(SNAPSHOT_BYTES, '/snapshot.waft');
    const [second, large] = await begin(t, engine, origin);
    assert.deepEqual([large, await seen(second), await told(second)], ['TOO_LARGE', DEFAULT, ['TOO_LARGE', '/snapshot.waft', true]]);
    await ended('/snapshot.waft');
    origin.hold();
    assert.deepEqual(await view(t, engine, origin), ['fine', ...OURS]);
    pour(SNAPSHOT_BYTES, '/snapshot.waft', '/head.waft');
    assert.deepEqual(await view(t, engine, origin), ['TOO_LARGE', ...OURS]);
  },

  async 'slow retrieval: at a byte a second a page starts at its timeout, and gives each request up after ten seconds'(t, engine) {
    const { origin, shop, first } = await start(t);
    assert.deepEqual(await view(t, engine, origin), ['fine', ...OURS]);
    origin.hold('slow', '/snapshot.waft', '/head.waft');
    const began = async (tab) =>
      tab.evaluate(async (context) => {
        const since = performance.now();
        const code = await globalThis.begin({ hasHead: true, context, timeout: 500, every: 1_000 });
        return [code, performance.now() - since];
      }, CONTEXT);
    const kept = await visit(t, engine, origin.url);
    await kept.show();
    const [code, after] = await began(kept);
    assert.deepEqual([code ?? 'fine', await seen(kept)], ['fine', OURS]);
    assert.ok(after >= 490 && after < 5_000, `${after} ms`);
    await kept.evaluate(() => localStorage.clear());
    await kept.goto(`${origin.url}/empty.html`);

    origin.cut.length = 0;
    const tab = await visit(t, engine, origin.url);
    await tab.show();
    const [late, ms] = await began(tab);
    assert.deepEqual([late, await seen(tab)], ['UNREACHABLE', DEFAULT]);
    assert.ok(ms >= 490 && ms < 5_000, `${ms} ms`);
    const cut = (path) => origin.cut.find(({ url, after }) => url === path && after > DEADLINE - 500);
    await until(() => cut('/snapshot.waft') && cut('/head.waft'), 20);
    for (const { sent, after } of [cut('/snapshot.waft'), cut('/head.waft')]) {
      assert.ok(sent < 12 && after < DEADLINE + 2_500, `${sent} bytes, ${after} ms`);
    }
    assert.deepEqual([await seen(tab), (await told(tab))[0]], [DEFAULT, 'UNREACHABLE']);
    // It goes on asking, and takes what comes.
    shop.kill('headline');
    origin.serve({ '/head.waft': shop.refresh(first) });
    origin.hold();
    await tab.until(() => globalThis.client.snapshot);
    assert.deepEqual(await seen(tab), ['Welcome', 'DISABLED', 1]);
  },

  async 'foreign rules: of another project or environment, by the same keys, a snapshot, a head and a trust document are refused'(
    t,
    engine,
  ) {
    const { origin, shop, first } = await start(t);
    const ours = { ...origin.files };
    const scopes = [
      ['WRONG_PROJECT', { project: 'other' }],
      ['WRONG_ENVIRONMENT', { environment: 'staging' }],
    ].map(([code, scope]) => {
      const other = shop.elsewhere(scope);
      t.after(() => other.remove());
      const snapshot = other.release(9, 'Foreign');
      other.kill('headline');
      return { code, snapshot, head: other.refresh(snapshot), document: other.rotate(['publisher']) };
    });
    for (const { code, snapshot, head } of scopes) {
      for (const files of [{ '/snapshot.waft': snapshot }, { '/snapshot.waft': snapshot, '/head.waft': head }]) {
        origin.serve({ ...ours, ...files });
        const [tab, found] = await begin(t, engine, origin);
        assert.deepEqual([found, await seen(tab), await told(tab)], [code, DEFAULT, [code, Object.keys(files).pop(), true]]);
        await tab.evaluate(() => localStorage.clear());
      }
      // Nothing vouches for its own rules.
      origin.serve({ ...ours, '/head.waft': head });
      const [tab, found] = await begin(t, engine, origin);
      assert.deepEqual([found, await seen(tab), await told(tab)], [code, DEFAULT, [code, '/head.waft', true]]);
      await tab.evaluate(() => localStorage.clear());
    }
    origin.serve(ours);
    assert.deepEqual(await view(t, engine, origin), ['fine', ...OURS]);
    for (const { code, snapshot, head } of scopes) {
      origin.serve({ ...ours, '/snapshot.waft': snapshot });
      assert.deepEqual(await view(t, engine, origin), [code, ...OURS]);
      origin.serve({ ...ours, '/head.waft': head });
      assert.deepEqual(await view(t, engine, origin), [code, ...OURS]);
    }
    // A genuine pointer asks for a document, and another one lies there.
    shop.rotate(['kill']);
    for (const { code, document } of scopes) {
      origin.serve({ ...ours, '/head.waft': shop.refresh(first), '/trust-0001.waft': document });
      const [tab, found] = await begin(t, engine, origin);
      assert.deepEqual([found, await seen(tab), await told(tab)], [code, OURS, [code, '/trust-0001.waft', true]]);
      assert.equal(await tab.evaluate(() => globalThis.client.status().trustNumber), undefined);
    }
  },

  async 'poisoned storage: what a page kept is verified again, and decides nothing unless it is genuine'(t, engine) {
    const { origin, shop, first } = await start(t);
    const staging = shop.elsewhere({ environment: 'staging' });
    const thief = new Party().init(ROLES);
    t.after(() => [staging, thief].forEach((party) => party.remove()));
    await view(t, engine, origin);
    const document = shop.rotate(['publisher'], undefined, '--new-epoch');
    const second = shop.release(2, 'Ours');
    origin.serve({ '/snapshot.waft': second, '/head.waft': shop.refresh(second), '/trust-0001.waft': document });
    assert.deepEqual(await view(t, engine, origin), ['fine', 'Ours', 'TARGETING_MATCH', 2]);
    const tab = await visit(t, engine, origin.url);
    const kept = await tab.evaluate(() => ({ ...localStorage }));
    const [good, head, trust, highest] = ['good', 'head', 'trust', 'seen'].map((what) =>
      Object.keys(kept).find((key) => key.startsWith(`waft:${what}:`) && (what === 'trust' || key.endsWith('/1'))),
    );
    const text = (bytes) => Buffer.from(bytes).toString('base64');
    const [digest] = kept[good].split(' ');
    const flipped = (key) => {
      const line = kept[key];
      const at = line.length - 20;
      return [key, `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`];
    };
    const snapshots = [thief.release(3, 'Stolen'), staging.release(3, 'Foreign'), first];
    const rules = [flipped(good), ...snapshots.map((bytes) => [good, `${digest} ${text(bytes)}`])];
    const heads = [flipped(head), [head, text(thief.kill('headline'))], [head, text(staging.refresh(snapshots[1]))]];
    const trusts = [flipped(trust), [trust, text(thief.rotate(['publisher']))], [trust, '']];
    const junk = ['', '{}', 'null', '\0', '\ud800', ' '.repeat(99), 'x'.repeat(1 << 16), `${digest} ====`];
    const others = junk.flatMap((text) => [good, head, trust, highest].map((key) => [key, text]));
    const all = [...rules, ...heads, ...trusts, ...others, [highest, `9007199254740991 ${'f'.repeat(64)}`]];
    const found = await tab.evaluate(poisoned, all, kept, CONTEXT);
    for (const [index, [offline, online, next]] of found.entries()) {
      const what = `${index}: ${all[index].map((text) => text.slice(0, 99))}`;
      const [code, value, version] = offline;
      assert.equal(code, 'UNREACHABLE', what);
      assert.ok(value === 'default' ? version === 0 : value === 'Ours', `${what}: ${offline}`);
      if (index < rules.length) assert.equal(value, 'default', what);
      assert.ok(['default', 'Ours'].includes(online[1]), `${what}: ${online}`);
      if (index < all.length - 1) assert.deepEqual(next, ['fine', 'Ours', 2, 1], what);
      // As high a number as there is keeps this browser from rules, and decides nothing.
      else
        assert.deepEqual(
          [online, next].map(([code, value]) => [code, value]),
          Array(2).fill(['ROLLED_BACK', 'default']),
        );
    }
  },

  async 'poisoned IndexedDB: a worker decides, and sends what is its own'(t, engine) {
    const origin = await startShop(t);
    origin.answer = 503;
    const tab = await visit(t, engine, origin.url);
    assert.deepEqual(await tab.evaluate(worked), [null, 'SPLIT', 'indexedDB']);
    await tab.evaluate(poisonDatabase);
    origin.answer = 200;
    assert.deepEqual(await tab.evaluate(worked), [null, 'SPLIT', 'indexedDB']);
    await until(() => origin.records.length >= 2);
    assert.ok(!JSON.stringify(origin.records).includes('forged'));
  },
};

/** What views make of each poison, a key and its text, in what was kept: without a network, and with one twice. */
async function poisoned(all, kept, context) {
  const { createClient } = globalThis.waft;
  const view = async (snapshot) => {
    const client = await createClient(globalThis.optionsOf({ snapshot, context, hasHead: true, exposures: false }));
    const { code = 'fine', trustNumber = 0 } = client.status();
    const seen = [code, client.peek('headline', 'default').value, client.snapshot?.version ?? 0, trustNumber];
    await globalThis.settled();
    client.close();
    return seen;
  };
  const found = [];
  for (const [key, text] of all) {
    localStorage.clear();
    for (const [key, text] of Object.entries(kept)) localStorage.setItem(key, text);
    localStorage.setItem(key, text);
    found.push([await view('/none/snapshot.waft'), await view('/snapshot.waft'), await view('/snapshot.waft')]);
  }
  return found;
}

/** Starts a worker, which meets the experiment, tracks an event and is closed: its code, its reason, and where it keeps records. */
async function worked() {
  const worker = new Worker('/part.js', { type: 'module' });
  const ask = (...question) =>
    new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: { value, error } }) => (error ? reject(new Error(error)) : resolve(value));
      worker.postMessage(question, [port2]);
    });
  const code = await ask('start', { context: { visitorId: 'v1' } });
  const reason = await ask('buy', 'purchase');
  const { storage } = await ask('status');
  worker.terminate();
  return [code ?? null, reason, storage];
}

/** Puts junk beside what waits. */
async function poisonDatabase() {
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open('waft');
    opening.onerror = reject;
    opening.onsuccess = () => resolve(opening.result);
  });
  const store = database.transaction('records', 'readwrite').objectStore('records');
  const keys = await new Promise((resolve) => {
    const asking = store.getAllKeys();
    asking.onsuccess = () => resolve(asking.result);
  });
  const forged = { project: 'shop', event: 'forged', time: 1, attributes: { forged: 'forged' } };
  const junk = ['', '{', 'null', '[null]', 1, null, [], {}, JSON.stringify([forged, { ...forged, event: 'waft.track', time: -1 }])];
  for (const [index, value] of junk.entries()) store.put(value, `${keys[0]}${index}`);
  store.put('forged', 1);
  await new Promise((resolve) => (store.transaction.oncomplete = resolve));
  database.close();
}

inEngines(CASES);
