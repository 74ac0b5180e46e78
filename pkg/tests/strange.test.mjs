// What is strange: data of others under our keys, records of other versions, records that are huge, texts that are none, answers of
// what is no collector.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { collector, ids } from './collector.mjs';
import { clock, evaluate, NOW, server, snapshot, storage, TRUST, until } from './fixture.mjs';

const SNAPSHOT = snapshot();
const MB = 'x'.repeat(1 << 20);

/** What 0.1.0 writes: an exposure and an event, as they stood in localStorage. */
const WRITTEN = `[{"time":${NOW},"project":"shop","event":"feature_flag.evaluation","attributes":{"feature_flag.key":"cta","feature_flag.result.variant":"bold","feature_flag.result.reason":"split","feature_flag.context.id":"v1","feature_flag.version":"1","feature_flag.provider.name":"waft","waft.exposure.id":"0123456789abcdef0123456789abcdef","waft.experiment":"cta","waft.phase":1,"waft.rule":"test","waft.point":4294967295,"waft.unit.kind":"visitor","waft.snapshot.digest":"00","waft.snapshot.version":1,"feature_flag.set.id":"shop/production","waft.page_view.id":"11111111111111111111111111111111","waft.sequence":0,"waft.unit.visitor":"v1"}},{"time":${NOW},"project":"shop","event":"waft.track","attributes":{"waft.event.id":"fedcba9876543210fedcba9876543210","waft.event.name":"purchase","waft.event.value":49.5,"waft.event.properties":"{\\"currency\\":\\"EUR\\"}","feature_flag.set.id":"shop/production","waft.page_view.id":"11111111111111111111111111111111","waft.sequence":1,"waft.unit.visitor":"v1"}}]`;
const [EXPOSURE, EVENT] = JSON.parse(WRITTEN);
const IDS = [EXPOSURE.attributes['waft.exposure.id'], EVENT.attributes['waft.event.id']];

let kept;
test.beforeEach(() => {
  clock();
  kept = storage();
});

async function open(t, endpoint, context = { visitorId: 'v1' }, more = {}) {
  const page = await createClient({
    snapshot: SNAPSHOT,
    trust: TRUST,
    context,
    exposures: recorder({ endpoint, ...more }),
  });
  t.after(page.close);
  return page;
}

/** As strict collectors are: one record that is none refuses the request. */
function strict(body) {
  const whole = (text) => /^-?\d+$/.test(text);
  const kinds = {
    stringValue: (it) => typeof it === 'string' && it.isWellFormed?.() !== false,
    intValue: whole,
    doubleValue: Number.isFinite,
  };
  const fine = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)).resourceLogs[0].scopeLogs[0].logRecords.every(
    ({ timeUnixNano, attributes }) =>
      /^[1-9]\d{6,21}$/.test(timeUnixNano) &&
      attributes.length > 0 &&
      attributes.every(({ key, value }) => key && Object.entries(value).every(([kind, it]) => kinds[kind](it))),
  );
  return fine ? 200 : 400;
}

const JUNK = {
  'no text of JSON': '{"half',
  'a text that is cut': WRITTEN.slice(0, -100),
  'a text of lone surrogates': '["\ud800"]',
  'a number': '7',
  'an object': '{"length":1,"0":{}}',
  'a list of nothing': '[null,[],"",0,{}]',
  'an event that we do not know': JSON.stringify([{ ...EVENT, event: 'theirs' }]),
  'no project': JSON.stringify([{ ...EVENT, project: undefined }]),
  'a time that is text': JSON.stringify([{ ...EVENT, time: 'today' }]),
  'a time that is none': JSON.stringify([{ ...EVENT, time: -1 }]),
  'a time in nanoseconds': JSON.stringify([{ ...EVENT, time: NOW * 1e6 }]),
  'attributes that are text': JSON.stringify([{ ...EVENT, attributes: 'theirs' }]),
  'attributes that are a list': JSON.stringify([{ ...EVENT, attributes: ['theirs'] }]),
  'no attributes': JSON.stringify([{ ...EVENT, attributes: {} }]),
  'an attribute that is an object': JSON.stringify([{ ...EVENT, attributes: { ...EVENT.attributes, theirs: { a: 1 } } }]),
  'an attribute that is null': JSON.stringify([{ ...EVENT, attributes: { ...EVENT.attributes, theirs: null } }]),
  'a record of 1 MB': JSON.stringify([{ ...EVENT, attributes: { ...EVENT.attributes, theirs: MB } }]),
};

for (const [what, text] of Object.entries(JUNK)) {
  test(`under our keys, ${what}: it costs no record of ours, and is removed`, async (t) => {
    const it = await collector(t, strict);
    kept.setItem('waft:q:a:1', text);
    kept.setItem('waft:q:b:1', WRITTEN);
    kept.setItem('waft:q:\ud800:1', text);
    kept.setItem('theirs', text);
    const page = await open(t, it.url);
    page.track('ours');
    await page.flush();
    await until(() => kept.keys('waft:q:').length === 0);
    const names = it.bodies.flatMap((body) => JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords).map(({ eventName }) => eventName);
    assert.deepEqual(names.sort(), ['feature_flag.evaluation', 'waft.track', 'waft.track']);
    assert.deepEqual([page.status().sent, page.status().dropped], [3, 0]);
    assert.equal(kept.getItem('theirs'), text);
  });
}

test('one record of a task that is none of ours costs only itself', async (t) => {
  const it = await collector(t, strict);
  kept.setItem('waft:q:a:1', JSON.stringify([EXPOSURE, { ...EVENT, time: 'today' }, null, EVENT]));
  const page = await open(t, it.url);
  await until(() => page.status().sent === 2);
  assert.deepEqual(kept.keys('waft:q:'), []);
});

test('records that an earlier version wrote are sent as they are', async (t) => {
  const it = await collector(t);
  kept.setItem('waft:q:11111111111111111111111111111111:1', WRITTEN);
  const page = await open(t, it.url);
  await until(() => page.status().sent === 2);
  assert.deepEqual(ids(it), IDS);
  for (const [index, { attributes }] of [EXPOSURE, EVENT].entries()) {
    for (const [key, value] of Object.entries(attributes)) {
      assert.deepEqual(
        it.records[index][key],
        typeof value === 'string' || key === 'waft.event.value' ? value : { int: String(value) },
        key,
      );
    }
  }
});

test('records of an earlier version that know less, and of a later one that know more, are sent', async (t) => {
  const it = await collector(t);
  const { 'waft.point': _, 'waft.snapshot.digest': __, ...fewer } = EXPOSURE.attributes;
  kept.setItem('waft:q:old:1', JSON.stringify([{ ...EXPOSURE, attributes: fewer }]));
  kept.setItem('waft:q:new:1', JSON.stringify([{ ...EVENT, priority: 'high', attributes: { ...EVENT.attributes, 'waft.new': 'x' } }]));
  const page = await open(t, it.url);
  await until(() => page.status().sent === 2);
  assert.deepEqual(ids(it), IDS);
  assert.equal(it.records[1]['waft.new'], 'x');
});

test('what this version writes is what the test above reads', async (t) => {
  const page = await open(t, 'http://127.0.0.1:9/');
  page.getStringValue('cta', '');
  page.track('purchase', { value: 49.5, currency: 'EUR' });
  await null;
  const shape = (text) => JSON.parse(text).map(({ attributes, ...record }) => [Object.keys(record), Object.keys(attributes)]);
  assert.deepEqual(shape(kept.getItem(kept.keys('waft:q:')[0])), shape(WRITTEN));
});

test('events of 1 MB are counted and left out; a unit of 1 MB is none', async (t) => {
  const it = await collector(t, strict);
  const page = await open(t, it.url, { visitorId: MB, accountId: 7 });
  page.track(MB);
  page.track('purchase', { text: MB });
  page.track('purchase', { deep: { text: [MB] } });
  page.track('purchase', { dedupe: 'order-1', value: 3 });
  page.getStringValue('cta', '');
  page.getNumberValue('price', 0);
  await null;
  assert.ok(kept.keys('waft:q:').every((key) => kept.getItem(key).length < 20_000));
  await page.flush();
  const { tooLong, leftOut } = page.exposures.status();
  assert.deepEqual([tooLong, leftOut], [0, 3], 'a name of 1 MB is no event; properties go alone');
  assert.deepEqual(
    it.records.map(({ eventName }) => eventName),
    ['waft.track', 'waft.track', 'waft.track', 'feature_flag.evaluation'],
  );
  assert.ok(it.bodies.every((body) => body.length < 20_000));
});

test('units, names and properties with lone surrogates are sent as UTF-8, and named as the engine names them', async (t) => {
  const it = await collector(t, strict);
  const page = await open(t, it.url, { visitorId: 'v\ud800', accountId: 7 });
  page.getStringValue('cta', '');
  page.track('\udfff', { '\ud800': '\ud800', dedupe: '\ud800' });
  await page.flush();
  assert.equal(it.bodies.length, 1);
  const body = JSON.parse(it.bodies[0]).resourceLogs[0].scopeLogs[0].logRecords;
  const of = (index, key) => body[index].attributes.find((attribute) => attribute.key === key).value.stringValue;
  const {
    exposures: [{ id }],
  } = evaluate(SNAPSHOT, { visitorId: 'v\ufffd' }).cta;
  assert.deepEqual([of(0, 'feature_flag.context.id'), of(0, 'waft.exposure.id'), of(0, 'waft.unit.visitor')], ['v\ufffd', id, 'v\ufffd']);
  assert.equal(of(1, 'waft.event.name'), '\ufffd');
});

for (const status of [301, 302, 303, 307, 308]) {
  test(`an endpoint that redirects (${status}): nothing goes there, and it is sent once it does not`, async (t) => {
    const there = await collector(t);
    let redirects = true;
    const bodies = [];
    const url = await server(t, (body) => {
      if (redirects) return [status, '', { location: there.url }];
      bodies.push(body);
      return [200];
    });
    const page = await open(t, url);
    page.track('purchase');
    await page.flush();
    assert.deepEqual([page.status().queued, page.status().dropped, kept.keys('waft:q:').length], [1, 0, 1]);
    redirects = false;
    await until(() => page.status().queued === 0);
    assert.deepEqual([bodies.length, there.bodies.length, kept.keys('waft:q:').length], [1, 0, 0]);
  });
}

for (const [what, answer, queued] of [
  ['204', [204, ''], 0],
  ['200 and nothing', [200, ''], 0],
  ['200 and a page in HTML', [200, '<!doctype html>', { 'content-type': 'text/html' }], 1],
  ['200 and bytes that are no UTF-8', [200, Buffer.from([0x22, 0xff, 0xfe, 0x80])], 1],
  ['200 and a text that is cut', [200, '{"partialSuccess":'], 1],
  ['200 and JSON that is no object', [200, 'null'], 1],
  ['200 and a count that is none', [200, '{"partialSuccess":{"rejectedLogRecords":"many"}}'], 0],
  ['200 and 1 MB', [200, MB], 1],
]) {
  test(`an answer of ${what}: ${queued ? 'kept' : 'done'}`, async (t) => {
    const page = await open(t, await server(t, () => answer));
    page.track('purchase');
    await page.flush();
    assert.deepEqual(
      [page.status().queued, page.status().sent, page.status().dropped, kept.keys('waft:q:').length],
      [queued, 1 - queued, 0, queued],
    );
  });
}
