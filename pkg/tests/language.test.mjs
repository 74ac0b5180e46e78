// What parts of the language ask of a page: list files beside the snapshot, variants that units keep.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { clock, folder, server, settled, snapshot, storage, TRUST, until } from './fixture.mjs';

test.beforeEach(() => {
  clock();
  storage();
});

const IDS = Array.from({ length: 5_000 }, (_, index) => `a-${index}`);
const listed = (preload) => ({
  ruleset: () =>
    JSON.stringify({
      project: 'shop',
      environments: { production: {} },
      attributes: { accountId: 'string', other: 'string' },
      units: { account: { attribute: 'accountId' } },
      lists: { vip: { attribute: 'accountId', ids: IDS, preload } },
      flags: {
        lounge: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'vip', if: { list: 'vip' }, serve: 'on' }] },
        door: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'not', if: { not: { list: 'vip' } }, serve: 'on' }] },
        plain: { type: 'boolean', whenOff: 'off', default: 'on' },
      },
    }),
});

/** A host of a snapshot and the list files beside it; `spoil` may change a list file. */
async function host(t, bytes, spoil = (list) => list) {
  const asked = [];
  const url = await server(t, (_, request) => {
    asked.push(request.url);
    if (request.url === '/rules/s.waft') return [200, bytes];
    try {
      const [status, list] = spoil([200, readFileSync(join(folder, basename(request.url)))]);
      return [status, list];
    } catch {
      return [404, ''];
    }
  });
  return { url: `${url}/rules/s.waft`, asked };
}

const open = (source, context) => createClient({ snapshot: source, trust: TRUST, context });

test('a list file is fetched when a condition first asks for it, and what it changes is told', async (t) => {
  const { url, asked } = await host(t, snapshot(listed(false)));
  const page = await open(url, { accountId: 'a-7' });
  const changes = [];
  page.on('configurationChanged', ({ flagsChanged }) => changes.push(flagsChanged));
  assert.equal(page.getBooleanValue('plain', false), true);
  assert.deepEqual(asked, ['/rules/s.waft'], 'nobody asked for the list');
  // Not known is neither in nor out.
  assert.equal(page.getBooleanValue('lounge', true), false);
  assert.equal(page.getBooleanValue('door', true), false);
  await until(() => changes.length > 0);
  assert.match(asked[1], /^\/rules\/[\da-f]{64}\.list$/);
  assert.deepEqual(changes, [['lounge']]);
  assert.equal(page.getBooleanValue('lounge', false), true);
  assert.equal(page.getBooleanValue('door', true), false);
  page.setContext({ accountId: 'b-1' });
  assert.equal(page.getBooleanValue('lounge', true), false);
  assert.equal(page.getBooleanValue('door', false), true);
  assert.equal(asked.length, 2, 'one fetch is enough');
  page.close();
});

for (const [what, spoil] of [
  ['is not there', () => [404, '']],
  ['is not what was signed', ([, list]) => [200, list.subarray(1)]],
]) {
  for (const preload of [false, true]) {
    test(`a ${preload ? 'preloaded ' : ''}list file that ${what} is told once, and in status(), until it is there`, async (t) => {
      let [spoiled, id] = [true, 8];
      const { url, asked } = await host(t, snapshot(listed(preload)), (list) => (spoiled ? spoil(list) : list));
      const page = await open(url, { accountId: 'a-7' });
      t.after(page.close);
      const heard = [];
      page.on('error', ({ code, message }) => heard.push(code, message.includes(asked[1].slice(7, 71))));
      const read = (accountId) => (page.setContext({ accountId }), page.getBooleanValue('lounge', false));
      read('a-7');
      await until(() => page.status().missingLists === 1 && heard.length);
      const before = asked.length;
      // Whoever asks while a request is on its way waits for that one.
      await until(() => (read(`a-${(id = 17 - id)}`), asked.length > before));
      assert.deepEqual([heard, page.status().code], [['LIST_UNREACHABLE', true], undefined]);
      spoiled = false;
      await until(() => read(`a-${asked.length}`));
      assert.deepEqual([heard.length, page.status().missingLists], [2, undefined]);
      const late = [];
      page.on('error', ({ code }) => late.push(code));
      await null;
      assert.deepEqual(late, []);
    });
  }
}

test('a flag that is exposed by hand, and was never read, asks for its list, too', async (t) => {
  const { url, asked } = await host(t, snapshot(listed(false)));
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/', mode: 'manual' });
  const page = await createClient({ snapshot: url, trust: TRUST, context: { accountId: 'a-7' }, exposures });
  page.expose('lounge');
  await until(() => asked.length > 1);
  await until(() => page.peek('lounge', false));
  page.close();
});

test('a list that is preloaded is there before anything is decided', async (t) => {
  const { url } = await host(t, snapshot(listed(true)));
  const page = await open(url, { accountId: 'a-4999' });
  assert.equal(page.getBooleanValue('lounge', false), true);
  page.close();
});

for (const [what, spoil] of [
  ['one bit is changed', ([status, list]) => [status, Buffer.from(list.map((byte, index) => (index === 99 ? byte ^ 1 : byte)))]],
  ['it is cut', ([status, list]) => [status, list.subarray(8)]],
  ['it is empty', ([status]) => [status, Buffer.alloc(0)]],
  ['it is absent', () => [404, '']],
]) {
  test(`a list file is not believed if ${what}`, async (t) => {
    const { url, asked } = await host(t, snapshot(listed(true)), spoil);
    const page = await open(url, { accountId: 'a-7' });
    assert.equal(asked.length, 2);
    assert.equal(page.status().code, undefined, 'the rest of the snapshot serves');
    assert.equal(page.getBooleanValue('lounge', true), false);
    assert.equal(page.getBooleanValue('door', true), false);
    page.close();
  });
}

const sticky = (version, coverage, split) =>
  snapshot({
    version,
    ruleset: () =>
      JSON.stringify({
        project: 'shop',
        environments: { production: {} },
        attributes: { visitorId: 'string', country: 'string' },
        units: { visitor: { attribute: 'visitorId' } },
        experiments: { test: { unit: 'visitor', sticky: true, phases: [{ id: 1, from: '2026-01-01', coverage, split }] } },
        flags: {
          test: {
            type: 'string',
            variants: { a: 'A', b: 'B', out: 'out' },
            whenOff: 'out',
            default: 'out',
            rules: [{ id: 'draw', if: { country: { is: 'DE' } }, experiment: 'test' }],
          },
        },
      }),
  });

test('a unit keeps its variant in a sticky experiment, whatever becomes of coverage, split and audience', async () => {
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/' });
  const whole = sticky(1, '100%', { a: '50%', b: '50%' });
  const units = Array.from({ length: 12 }, (_, index) => `v${index}`);
  const first = new Map();
  let page = await createClient({ snapshot: whole, trust: TRUST, exposures });
  for (const visitorId of units) {
    page.setContext({ visitorId, country: 'DE' });
    first.set(visitorId, page.getStringValue('test', ''));
  }
  assert.deepEqual(new Set(first.values()), new Set(['A', 'B']));
  page.close();

  // Nobody is covered any more, and everybody would get b.
  const later = sticky(2, '0%', { a: '0%', b: '100%' });
  page = await createClient({ snapshot: later, trust: TRUST, exposures });
  for (const visitorId of units) {
    page.setContext({ visitorId, country: 'FR' });
    const { value, reason } = page.getStringDetails('test', '');
    assert.deepEqual([value, reason], [first.get(visitorId), 'SPLIT'], visitorId);
  }
  page.setContext({ visitorId: 'new', country: 'DE' });
  assert.equal(page.getStringValue('test', ''), 'out');
  page.close();

  storage();
  page = await createClient({ snapshot: later, trust: TRUST, exposures, context: { visitorId: 'v1', country: 'DE' } });
  assert.equal(page.getStringValue('test', ''), 'out', 'nothing is remembered');
  page.close();
});

test('while consent is pending the page alone remembers; once it is granted the device does', async () => {
  const kept = storage();
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/', consent: 'pending' });
  const whole = sticky(1, '100%', { a: '100%', b: '0%' });
  const page = await createClient({
    snapshot: whole,
    trust: TRUST,
    exposures,
    context: { visitorId: 'v1', country: 'DE' },
  });
  assert.equal(page.getStringValue('test', ''), 'A');
  await page.load(sticky(2, '100%', { a: '0%', b: '100%' }));
  assert.equal(page.getStringValue('test', ''), 'A');
  assert.deepEqual(kept.keys('waft:sticky'), []);
  page.exposures.setConsent('granted');
  assert.equal(kept.keys('waft:sticky').length, 1);
  page.close();
});

test('where the device keeps nothing the page alone remembers, all of them', async (t) => {
  for (const refuse of [true, false]) {
    await settled();
    const kept = storage();
    const exposures = recorder({ endpoint: 'http://127.0.0.1:9/', consent: refuse ? 'granted' : 'pending' });
    // Another visitor of this device, earlier.
    kept.setItem('waft:sticky:shop/production', 'an-id a-variant');
    kept.refuse = refuse;
    const page = await createClient({ snapshot: sticky(1, '100%', { a: '100%', b: '0%' }), trust: TRUST, exposures });
    t.after(page.close);
    const read = (visitorId) => (page.setContext({ visitorId, country: 'DE' }), page.getStringValue('test', ''));
    assert.deepEqual([read('v1'), read('v2')], ['A', 'A']);
    await page.load(sticky(2, '100%', { a: '0%', b: '100%' }));
    assert.deepEqual([read('v1'), read('v2'), read('v3')], ['A', 'A', 'B'], `refused: ${refuse}`);
  }
});

test('what only the page remembered is forgotten when consent is denied', async (t) => {
  const kept = storage();
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/', consent: 'pending' });
  const context = { visitorId: 'v1', country: 'DE' };
  const page = await createClient({
    snapshot: sticky(1, '100%', { a: '100%', b: '0%' }),
    trust: TRUST,
    exposures,
    context,
  });
  t.after(page.close);
  page.getStringValue('test', '');
  page.exposures.setConsent('denied');
  page.exposures.setConsent('granted');
  assert.deepEqual(kept.keys('waft:sticky'), []);
  page.getStringValue('test', '');
  assert.equal(kept.keys('waft:sticky').length, 1, 'read again, it is remembered');
});

/** What storage is asked for, of a page with these exposures, and what its visitor gets. */
async function remembered(exposures, lines) {
  const kept = storage();
  kept.setItem('waft:sticky:shop/production', lines);
  const asked = [];
  const { getItem, setItem } = kept;
  kept.getItem = (key) => (asked.push(key), getItem.call(kept, key));
  const written = [];
  kept.setItem = (key, value) => (written.push(key), setItem.call(kept, key, value));
  const page = await createClient({
    snapshot: sticky(2, '0%', { a: '0%', b: '100%' }),
    trust: TRUST,
    exposures: exposures && recorder(exposures),
    context: { visitorId: 'v1', country: 'FR' },
  });
  const values = [page.getStringValue('test', '')];
  page.setContext({ visitorId: 'v1', country: 'DE' });
  values.push(page.getStringValue('test', ''));
  const isSticky = (key) => key.startsWith('waft:sticky');
  return { page, values, asked: () => asked.filter(isSticky).length, written: () => written.filter(isSticky) };
}

test('a variant that a unit keeps holds on pages without exposures, which never write it; nothing is read where consent is pending or denied', async (t) => {
  const kept = storage();
  const endpoint = 'http://127.0.0.1:9/';
  const first = await createClient({
    snapshot: sticky(1, '100%', { a: '100%', b: '0%' }),
    trust: TRUST,
    exposures: recorder({ endpoint }),
    context: { visitorId: 'v1', country: 'DE' },
  });
  assert.equal(first.getStringValue('test', ''), 'A');
  await first.flush();
  first.close();
  const lines = kept.getItem('waft:sticky:shop/production');
  assert.match(lines, /^[\da-f]+ a$/);
  for (const exposures of [
    undefined,
    false,
    null,
    { endpoint },
    { endpoint, consent: 'granted' },
    { endpoint, mode: 'manual' },
    { endpoint, robot: true },
  ]) {
    const { page, values, asked, written } = await remembered(exposures, lines);
    t.after(page.close);
    assert.deepEqual([values, asked() > 0], [['A', 'A'], true], JSON.stringify(exposures));
    // Again for other rules.
    assert.equal((await page.load(sticky(3, '0%', { a: '0%', b: '100%' }))).ok, true);
    assert.equal(page.getStringValue('test', ''), 'A');
    if (!exposures) assert.deepEqual(written(), []);
  }
  for (const exposures of [
    { endpoint, consent: 'pending' },
    { endpoint, consent: 'denied' },
    { endpoint, consent: true },
    { consent: 'pending' },
  ]) {
    const { page, values, asked } = await remembered(exposures, lines);
    t.after(page.close);
    await page.flush();
    await page.load(sticky(3, '0%', { a: '0%', b: '100%' }));
    page.setContext({ visitorId: 'v2', country: 'DE' });
    page.getStringValue('test', '');
    assert.deepEqual([values, asked()], [['out', 'out'], 0], JSON.stringify(exposures));
    page.setContext({ visitorId: 'v1', country: 'FR' });
    page.exposures.setConsent('granted');
    assert.deepEqual([page.getStringValue('test', ''), asked() > 0], ['A', true]);
  }
});

test('peek, and a page that records nothing, make nobody stick', async () => {
  const kept = storage();
  for (const exposures of [undefined, recorder({ endpoint: 'http://127.0.0.1:9/' })]) {
    const page = await createClient({
      snapshot: sticky(1, '100%', { a: '50%', b: '50%' }),
      trust: TRUST,
      exposures,
      context: { visitorId: 'v1', country: 'DE' },
    });
    assert.notEqual(page.peek('test', '').value, 'out');
    if (!exposures) page.getStringValue('test', '');
    assert.deepEqual(kept.keys('waft:sticky'), []);
    page.close();
  }
});

test('texts of a list attribute count; anything else makes the list unknown', async () => {
  const bytes = snapshot({
    ruleset: () =>
      JSON.stringify({
        project: 'shop',
        environments: { production: {} },
        attributes: { tags: 'list' },
        flags: {
          yes: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'a', if: { tags: { has: 'ü' } }, serve: 'on' }] },
          no: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'a', if: { tags: { hasNone: 'ü' } }, serve: 'on' }] },
        },
      }),
  });
  const page = await open(bytes, {});
  const check = (tags, ...expected) => {
    page.setContext({ tags });
    assert.deepEqual([page.getBooleanValue('yes', false), page.getBooleanValue('no', false)], expected);
  };
  check(['a', 'ü'], true, false);
  check([], false, true);
  check(['u'], false, true);
  check(['ü', 1], false, false);
  check([undefined], false, false);
  check('ü', false, false);
  check(new Uint8Array([1]), false, false);
  check(Array(70_000).fill('x'), false, false);
  check([Symbol('x')], false, false);
  page.close();
});

test('a version of sixteen digits is remembered, and a lower one refused', async () => {
  const high = 2 ** 53 - 1;
  let page = await open(snapshot({ version: high }), {});
  assert.equal(page.snapshot.version, high);
  // Its bytes are kept a task later.
  await new Promise((resolve) => setTimeout(resolve));
  page.close();
  page = await open(snapshot({ version: high - 1 }), {});
  assert.equal(page.status().code, 'ROLLED_BACK');
  assert.equal(page.snapshot.version, high, 'the last good one goes on');
  page.close();
});

test('what this page has adopted is the floor, also where storage refuses', async () => {
  const kept = storage();
  const page = await open(snapshot({ version: 1 }), {});
  kept.refuse = true;
  assert.deepEqual(await page.load(snapshot({ version: 3 })), { ok: true, version: 3 });
  kept.refuse = false;
  assert.deepEqual(await page.load(snapshot({ version: 2 })), { ok: false, code: 'ROLLED_BACK' });
  assert.equal(page.snapshot.version, 3);
  page.close();
});

test('an epoch that is no text or number does not throw', async () => {
  for (const epoch of [
    Symbol('x'),
    Object.create(null),
    {
      get a() {
        throw new Error('mine');
      },
    },
  ]) {
    const page = await createClient({ snapshot: snapshot(), trust: { ...TRUST, epoch } });
    assert.equal(typeof page.getBooleanValue('plain', false), 'boolean');
    page.close();
  }
  const trust = {
    ...TRUST,
    get epoch() {
      throw new Error('mine');
    },
  };
  const page = await createClient({ snapshot: snapshot(), trust });
  page.close();
});

test('texts that look like escapes reach the collector whole', async (t) => {
  const bodies = [];
  const endpoint = await server(t, (body) => {
    bodies.push(body);
    return [200];
  });
  const page = await createClient({
    snapshot: snapshot(),
    trust: TRUST,
    context: { visitorId: 'v\\ud8' },
    exposures: recorder({ endpoint }),
  });
  const names = ['a\\ud8', 'b\\ud800', 'c\\', 'd\\\\ud8ff"', 'e\ud800', 'f\udfff\ud800'];
  names.forEach((name) => page.track(name, { q: `${name}x` }));
  page.getStringValue('cta', '');
  await page.flush();
  const records = bodies.flatMap((body) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords);
  const of = (record, key) => record.attributes.find((attribute) => attribute.key === key)?.value.stringValue;
  const whole = (text) => text.replace(/\p{Surrogate}/gu, '\ufffd');
  const tracked = records.filter(({ eventName }) => eventName === 'waft.track');
  assert.deepEqual(
    tracked.map((record) => of(record, 'waft.event.name')),
    names.map(whole),
  );
  assert.deepEqual(
    tracked.map((record) => JSON.parse(of(record, 'waft.event.properties')).q),
    names.map((name) => whole(`${name}x`)),
  );
  assert.equal(page.status().dropped, 0);
  page.close();
});
