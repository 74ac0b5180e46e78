// What exposures and events say, to a real collector.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { collector, ids } from './collector.mjs';
import { NOW, storage, TRUST } from './fixture.mjs';
import { SNAPSHOT, start } from './recording.mjs';

test('the record of an exposure, field by field', async (t) => {
  storage();
  const it = await collector(t);
  const page = await start(`${it.url}/v1/logs`);
  const heard = [];
  page.on('exposure', (exposure) => heard.push(exposure));
  const { variant } = page.getStringDetails('cta', '');
  assert.equal(page.status().queued, 1);
  await page.flush();
  assert.deepEqual(page.status(), { queued: 0, sent: 1, dropped: 0 });
  assert.equal(it.method, 'POST');
  assert.equal(it.type, 'application/json');
  const [
    {
      resource,
      scopeLogs: [{ scope }],
    },
  ] = JSON.parse(it.bodies[0]).resourceLogs;
  assert.deepEqual(scope, { name: 'waft', version: '0.1.0' });
  assert.deepEqual(
    resource.attributes.map(({ key, value }) => [key, value.stringValue]),
    [
      ['service.name', 'shop'],
      ['telemetry.sdk.name', 'waft'],
    ],
  );
  const { 'waft.exposure.id': id, 'waft.page_view.id': pageView, 'waft.point': point, ...rest } = it.records[0];
  assert.match(id, /^[\da-f]{32}$/);
  assert.match(pageView, /^[\da-f]{32}$/);
  assert.ok(Number(point.int) < 2 ** 32);
  assert.deepEqual(rest, {
    timeUnixNano: `${NOW}000000`,
    observedTimeUnixNano: `${NOW}000000`,
    eventName: 'feature_flag.evaluation',
    'feature_flag.key': 'cta',
    'feature_flag.result.variant': variant,
    'feature_flag.result.reason': 'split',
    'feature_flag.context.id': 'v1',
    'feature_flag.set.id': 'shop/production',
    'feature_flag.version': '1',
    'feature_flag.provider.name': 'waft',
    'waft.experiment': 'cta',
    'waft.rule': 'test',
    'waft.unit.kind': 'visitor',
    'waft.snapshot.digest': page.snapshot.digest,
    'waft.phase': { int: '1' },
    'waft.snapshot.version': { int: '1' },
    'waft.sequence': { int: '0' },
    'waft.unit.visitor': 'v1',
    'waft.unit.account': '7',
  });
  assert.deepEqual(heard, [
    { id, flagKey: 'cta', experiment: 'cta', phase: 1, point: Number(point.int), rule: 'test', variant, unitKind: 'visitor', unit: 'v1' },
  ]);
});

test('an exposure names the browser, by a short list, and nothing else of the user agent', async (t) => {
  storage();
  const it = await collector(t);
  const known = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  t.after(() => (known ? Object.defineProperty(globalThis, 'navigator', known) : delete globalThis.navigator));
  const like = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';
  const agents = [
    [`${like} Chrome/156.0.0.0 Safari/537.36`, 'Chrome'],
    [`${like} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`, 'Edg'],
    [`${like} Version/19.0 Safari/605.1.15`, 'Safari'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox'],
    ['Something/1.0', undefined],
  ];
  for (const [userAgent] of agents) {
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { userAgent } });
    const page = await start(it.url);
    page.getStringValue('cta', '');
    await page.flush();
    // It would take over what the next one is sending: the same record, twice.
    page.close();
  }
  assert.deepEqual(
    it.records.map((record) => record['user_agent.name']),
    agents.map(([, name]) => name),
  );
});

test('one exposure however often it is read; none by peek, by a default, or by a flag without experiment', async (t) => {
  storage();
  const it = await collector(t);
  const page = await start(it.url);
  page.peek('cta', '');
  page.peek('cta', undefined);
  page.getBooleanValue('cta', false);
  page.getStringValue('fixed', '');
  assert.equal(page.status().queued, 0);
  for (let read = 0; read < 5; read++) {
    page.getStringValue('cta', '');
    page.getStringDetails('cta', '');
    page.getNumberValue('price', 0);
  }
  page.setContext({ visitorId: 'v2' });
  page.getStringValue('cta', '');
  page.getNumberValue('price', 0);
  page.setContext({ visitorId: 'v1' });
  page.getStringValue('cta', '');
  await page.flush();
  const told = it.records.map((record) => [record['waft.experiment'], record['feature_flag.context.id']]);
  assert.deepEqual(told, [
    ['cta', 'v1'],
    ['price', '7'],
    ['cta', 'v2'],
  ]);
});

test('exposures: false or absent record none', async () => {
  const kept = storage();
  for (const exposures of [false, undefined, null]) {
    const page = await createClient({
      snapshot: SNAPSHOT,
      trust: TRUST,
      context: { visitorId: 'v1' },
      ...(exposures !== undefined && { exposures }),
    });
    page.getStringValue('cta', '');
    page.track('purchase');
    await null;
    await page.flush();
    assert.deepEqual(page.status(), { queued: 0, sent: 0, dropped: 0 });
  }
  assert.deepEqual(kept.keys('waft:q:'), []);
});

test('the exposures of one task are one new key in the following microtask', async () => {
  const kept = storage();
  const page = await start('http://127.0.0.1:9/');
  page.getStringValue('cta', '');
  page.getNumberValue('price', 0);
  assert.equal(kept.keys('waft:q:').length, 0);
  await null;
  assert.equal(kept.keys('waft:q:').length, 1);
  assert.equal(JSON.parse(kept.getItem(kept.keys('waft:q:')[0])).length, 2);
  page.track('purchase');
  await null;
  assert.equal(kept.keys('waft:q:').length, 2);
});

test('a record has the units of its moment, whatever they are made of', async (t) => {
  storage();
  const it = await collector(t);
  const page = await start(it.url);
  const units = ['v2', '"\\\n\u2028', 'é'.repeat(200), `${'x'.repeat(99)}😀`, `${'x'.repeat(100)}😀`, 'x'.repeat(300)];
  for (const visitorId of units) {
    page.setContext({ visitorId });
    page.getStringValue('cta', '');
    page.track('view');
  }
  page.setContext({ accountId: 7 });
  page.track('view');
  await page.flush();
  const visitors = it.records.map((record) => record['waft.unit.visitor']);
  assert.deepEqual(visitors, [...units.flatMap((unit) => [unit, unit]), undefined]);
  const exposed = it.records.filter(({ eventName }) => eventName === 'feature_flag.evaluation');
  assert.deepEqual(
    exposed.map((record) => record['feature_flag.context.id']),
    units,
  );
  assert.equal(it.records.at(-1)['waft.unit.account'], '7');
});

test('an id is the same bytes in exposures and in events, whatever holds it', async (t) => {
  storage();
  const it = await collector(t);
  const page = await start(it.url);
  const lone = '\ud83d';
  const long = 'ü'.repeat(512);
  // What a page says, and the unit; none where it is nobody.
  const units = [
    [101, '101'],
    ['101', '101'],
    [101.0, '101'],
    ['101.0', '101.0'],
    ['007', '007'],
    [0, '0'],
    [-0, '0'],
    ['-0', '-0'],
    [1e3, '1000'],
    ['1e3', '1e3'],
    [-5, '-5'],
    [2 ** 53 - 1, '9007199254740991'],
    ['9007199254740993', '9007199254740993'],
    [new Date(5), '5'],
    [lone, '\ufffd'],
    [`a${lone}b`, 'a\ufffdb'],
    [`${lone}\ude00`, '😀'],
    [long, long],
    ['null', 'null'],
    [2 ** 53],
    [1e21],
    [1.5],
    [NaN],
    [Infinity],
    [101n],
    [Object(101)],
    [new String('v1')],
    [true],
    [null],
    [undefined],
    [''],
    [`${long}a`],
    [['101']],
    [{ toString: () => 'v1' }],
    [new Date(NaN)],
    [Symbol('v1')],
    [() => 'v1'],
  ];
  for (const [visitorId] of units) {
    page.setContext({ visitorId });
    page.getStringValue('cta', '');
    page.track('view');
  }
  await page.flush();
  const of = (name) => it.records.filter(({ eventName }) => eventName === name);
  assert.deepEqual(
    of('waft.track').map((record) => record['waft.unit.visitor']),
    units.map(([, unit]) => unit),
  );
  // Each is exposed once.
  const exposed = of('feature_flag.evaluation');
  assert.deepEqual(
    exposed.map((record) => record['feature_flag.context.id']),
    [...new Set(units.flatMap(([, unit]) => unit ?? []))],
  );
  assert.deepEqual(
    exposed.map((record) => record['waft.unit.visitor']),
    exposed.map((record) => record['feature_flag.context.id']),
  );
});

test('track: values, properties, and ids that one dedupe makes one', async (t) => {
  storage();
  const it = await collector(t);
  const page = await start(it.url);
  page.track('purchase', { value: 49.5, dedupe: 'order-1', currency: 'EUR', lone: '\ud800', nested: { list: [1, '\udfff'] } });
  page.track('purchase', { value: 49.5, dedupe: 'order-1' });
  page.track('purchase', { value: 10, dedupe: 'order-2' });
  page.track('view\ud800', { value: NaN });
  page.track('view', { big: 1n });
  await page.flush();
  const [first, second, third, fourth, fifth] = it.records;
  assert.equal(first.eventName, 'waft.track');
  assert.equal(first['waft.event.value'], 49.5);
  assert.deepEqual(JSON.parse(first['waft.event.properties']), { currency: 'EUR', lone: '\ufffd', nested: { list: [1, '\ufffd'] } });
  assert.equal(first['waft.unit.visitor'], 'v1');
  // FNV-1a, 128 bits, of "purchase", U+0000, "order-1"; from an implementation of our own in the other direction below.
  assert.equal(first['waft.event.id'], fnv('purchase\0order-1'));
  assert.equal(second['waft.event.id'], first['waft.event.id']);
  assert.notEqual(third['waft.event.id'], first['waft.event.id']);
  assert.equal(fourth['waft.event.name'], 'view\ufffd');
  assert.equal(fourth['waft.event.value'], undefined);
  assert.equal(fifth['waft.event.properties'], undefined);
  for (const id of ids(it)) assert.match(id, /^[\da-f]{32}$/);
});

/** FNV-1a by its definition: https://www.rfc-editor.org/rfc/rfc9923 (prime 2^88 + 2^8 + 0x3b). */
function fnv(text) {
  const prime = (1n << 88n) + (1n << 8n) + 0x3bn;
  let hash = 144066263297769815596495629667062367629n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * prime) % (1n << 128n);
  return hash.toString(16).padStart(32, '0');
}
