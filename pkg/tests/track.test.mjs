// Tracked events: a bad part costs only itself, and is told; events wait for the rules that say which attributes are units.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { collector } from './collector.mjs';
import { clock, NOW, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
let kept;
test.beforeEach(() => {
  clock();
  kept = storage();
});

async function open(t, endpoint, options = {}) {
  const page = await createClient({
    snapshot: SNAPSHOT,
    trust: TRUST,
    context: { visitorId: 'v1', accountId: 7 },
    exposures: recorder({ endpoint }),
    ...options,
  });
  t.after(page.close);
  page.heard = [];
  page.on('error', ({ code, message }) => page.heard.push(code === 'INVALID_EVENT' ? message : code));
  return page;
}

/** What arrives of an event, what the page counts as left out, and what it tells. */
async function tracked(t, options, ...names) {
  const [name] = [...names, 'purchase'];
  const it = await collector(t);
  const page = await open(t, it.url);
  page.track(name, options);
  await page.flush();
  const { leftOut, sent, waiting } = page.exposures.status();
  const [record = {}] = it.records;
  assert.deepEqual([sent, waiting], [it.records.length, 0]);
  return {
    value: record['waft.event.value'],
    properties: JSON.parse(record['waft.event.properties'] ?? '{}'),
    id: record['waft.event.id'],
    leftOut,
    heard: page.heard,
    sent,
  };
}

test('one property that cannot be sent costs only itself', async (t) => {
  const { value, properties, leftOut, heard } = await tracked(t, { value: 10, n: 10n, amount: 5 });
  assert.deepEqual([value, properties, leftOut, heard], [10, { amount: 5 }, 1, ['INVALID_EVENT: purchase: left out n']]);
});

const circle = { name: 'circle' };
circle.self = circle;
let deep = 'end';
for (let level = 0; level < 200; level++) deep = { deep };
let doubled = 'end';
for (let level = 0; level < 30; level++) doubled = [doubled, doubled];
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const BAD = {
  'a big integer': 10n,
  'a function': () => 1,
  'a symbol': Symbol('s'),
  NaN: NaN,
  'an infinity': -Infinity,
  'a circle': circle,
  'what is nested 200 deep': deep,
  'a list that doubles 30 times': doubled,
  'a date that is none': new Date(NaN),
  'toJSON that throws': {
    toJSON() {
      throw new Error('no');
    },
  },
  'toJSON of nothing': { toJSON() {} },
  'an object whose getter throws': {
    get inner() {
      throw new Error('no');
    },
  },
  'a revoked proxy': revoked.proxy,
  'a proxy of endlessly many': new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 40 : key === 'toJSON' ? undefined : 1) }),
  '9 kB of text': 'x'.repeat(9_000),
  '3 kB of text that takes 9 kB': '€'.repeat(3_000),
  'a boxed big integer': Object(1n),
};
for (const [what, bad] of Object.entries(BAD)) {
  test(`a property that is ${what}: the event, its value and its other properties arrive`, async (t) => {
    const { value, properties, leftOut, heard } = await tracked(t, { before: 1, bad, value: 49.9, after: [true, null] });
    assert.deepEqual(
      [value, properties, leftOut, heard],
      [49.9, { before: 1, after: [true, null] }, 1, ['INVALID_EVENT: purchase: left out bad']],
    );
  });
}

test('a getter that throws, and inherited and hidden properties', async (t) => {
  const options = Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: 2, enumerable: true } });
  Object.defineProperty(options, 'bad', {
    enumerable: true,
    get() {
      throw new Error('no');
    },
  });
  const { properties, leftOut } = await tracked(t, options);
  assert.deepEqual([properties, leftOut], [{ shown: 2 }, 1]);
});

test('what is inside a property and cannot be sent is left out alone', async (t) => {
  const at = new Date(NOW);
  const { properties, leftOut, heard } = await tracked(t, {
    order: { n: 1n, id: 7, at, list: [1, NaN, 2], none: undefined },
    date: at,
    url: new URL('https://shop.example/'),
  });
  const date = at.toISOString();
  assert.deepEqual(properties, { order: { id: 7, at: date, list: [1, null, 2] }, date, url: 'https://shop.example/' });
  assert.deepEqual([leftOut, heard], [2, ['INVALID_EVENT: purchase: left out order']]);
});

for (const [what, value, counted] of [
  ['text', '49.90', 1],
  ['NaN', NaN, 1],
  ['infinite', Infinity, 1],
  ['a big integer', 10n, 1],
  ['a boxed number', Object(5), 1],
  ['an object', {}, 1],
  ['beyond what can be summed', 1e101, 1],
  ['null', null, 0],
  ['undefined', undefined, 0],
]) {
  test(`a value that is ${what}: ${counted ? 'left out and told' : 'none'}, and the event is kept`, async (t) => {
    const { value: arrived, properties, leftOut, heard } = await tracked(t, { value, amount: 5 });
    assert.deepEqual([arrived, properties, leftOut], [undefined, { amount: 5 }, counted]);
    assert.deepEqual(heard, counted ? ['INVALID_EVENT: purchase: left out value'] : []);
  });
}

for (const [what, options] of [
  ['a number', 49.9],
  ['a text', 'EUR'],
  ['a function', () => {}],
  [
    'a proxy that refuses',
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no');
        },
      },
    ),
  ],
  ['a revoked proxy', revoked.proxy],
]) {
  test(`options that are ${what}: told, and the event is kept`, async (t) => {
    const { properties, leftOut, heard, sent } = await tracked(t, options);
    assert.deepEqual([properties, leftOut, heard, sent], [{}, 1, ['INVALID_EVENT: purchase: left out options'], 1]);
  });
}

test('options that are null are none', async (t) => {
  const { leftOut, sent } = await tracked(t, null);
  assert.deepEqual([leftOut, sent], [0, 1]);
});

for (const name of ['', undefined, null, 7, {}, Symbol('s')]) {
  test(`an event named ${String(name)}: none, counted and told`, async (t) => {
    const { leftOut, heard, sent } = await tracked(t, { value: 1 }, name);
    assert.deepEqual([leftOut, heard, sent], [1, ['INVALID_EVENT: : left out name'], 0]);
  });
}

test('dedupe that is a number is as its text; what says nothing is told, and makes no two events one', async (t) => {
  const [text, number, big] = [
    await tracked(t, { dedupe: '4711' }),
    await tracked(t, { dedupe: 4711 }),
    await tracked(t, { dedupe: 4711n }),
  ];
  assert.deepEqual([number.id, big.id, number.leftOut], [text.id, text.id, 0]);
  for (const dedupe of [
    {},
    [],
    Symbol('s'),
    true,
    {
      toString() {
        throw new Error('no');
      },
    },
  ]) {
    const [one, other] = [await tracked(t, { dedupe, value: 3 }), await tracked(t, { dedupe, value: 3 })];
    assert.notEqual(one.id, other.id);
    assert.deepEqual([one.value, one.leftOut, one.heard], [3, 1, ['INVALID_EVENT: purchase: left out dedupe']]);
  }
  for (const dedupe of ['', 0, null, undefined, false]) assert.deepEqual((await tracked(t, { dedupe })).leftOut, 0);
});

test('9 kB of properties lose properties, in the order in which they stand, and not the purchase', async (t) => {
  const options = { value: 99 };
  for (let index = 0; index < 100; index++) options[`p${index}`] = 'x'.repeat(84);
  options.small = 1;
  const { value, properties, leftOut, heard } = await tracked(t, options);
  const names = Object.keys(properties);
  assert.equal(value, 99);
  assert.ok(names.length > 80 && names.length + leftOut === 101, `${names.length} ${leftOut}`);
  assert.deepEqual(
    names.slice(0, -1),
    Array.from({ length: names.length - 1 }, (_, index) => `p${index}`),
  );
  assert.equal(names.at(-1), 'small');
  assert.ok(Buffer.byteLength(JSON.stringify(properties)) <= 8_192);
  assert.match(heard[0], /^INVALID_EVENT: purchase: left out p\d+, p/);
});

for (const [what, options] of [
  ['quotes, which take four times their room where they are kept', { text: '"'.repeat(3_900), more: '\\'.repeat(3_000), small: 1 }],
  ['a name of 1 MB', { ['x'.repeat(1 << 20)]: 1, small: 1 }],
  ['control characters', { text: '\u0001'.repeat(1_300), more: '\u0001'.repeat(1_300), small: 1 }],
]) {
  test(`properties of ${what}: the event arrives with those that there is room for`, async (t) => {
    const { value, properties, leftOut } = await tracked(t, { value: 5, ...options });
    assert.deepEqual([value, properties.small, Object.keys(properties).length + leftOut], [5, 1, Object.keys(options).length]);
    assert.ok(leftOut > 0);
  });
}

test('lone surrogates in names and texts, at any depth, become U+FFFD; backslashes stay', async (t) => {
  const { properties, leftOut } = await tracked(t, { '\ud800': '\udfff', deep: { '\udc00x': ['\ud800', '😀', '\\ud800', '\\\ud800'] } });
  assert.deepEqual([properties, leftOut], [{ '\ufffd': '\ufffd', deep: { '\ufffdx': ['\ufffd', '😀', '\\ud800', '\\\ufffd'] } }, 0]);
});

test('names that objects have themselves are names like others', async (t) => {
  const { properties, leftOut } = await tracked(t, JSON.parse('{"__proto__":1,"constructor":2,"toString":3,"hasOwnProperty":4}'));
  assert.deepEqual(
    [Object.entries(properties), leftOut],
    [
      [
        ['__proto__', 1],
        ['constructor', 2],
        ['toString', 3],
        ['hasOwnProperty', 4],
      ],
      0,
    ],
  );
});

test('events tracked while no rules are active wait for them, and have the units and the time of their moment', async (t) => {
  const move = clock();
  const it = await collector(t);
  const page = await open(t, it.url, { snapshot: new Uint8Array() });
  assert.equal(page.status().code, 'MALFORMED');
  page.track('purchase', { value: 3 });
  page.setContext({ visitorId: 'v2' });
  move(NOW + 5_000);
  page.track('purchase', { value: 4 });
  await page.flush();
  assert.deepEqual([it.bodies.length, page.exposures.status().waiting, page.status().queued, kept.keys('waft:q:')], [0, 2, 2, []]);
  page.setContext({ visitorId: 'v3' });
  move(NOW + 60_000);
  assert.deepEqual(await page.load(SNAPSHOT), { ok: true, version: 1 });
  page.track('purchase', { value: 5 });
  await page.flush();
  assert.deepEqual(
    it.records.map((record) => [
      record['waft.event.value'],
      record['waft.unit.visitor'],
      record['waft.unit.account'],
      record.timeUnixNano,
      record['waft.sequence'].int,
    ]),
    [
      [3, 'v1', '7', `${NOW}000000`, '0'],
      [4, 'v2', undefined, `${NOW + 5_000}000000`, '1'],
      [5, 'v3', undefined, `${NOW + 60_000}000000`, '2'],
    ],
  );
  assert.equal(page.exposures.status().waiting, 0);
});

test('at most 1,000 events wait for rules, more are counted; denied consent forgets them', async (t) => {
  const it = await collector(t);
  const page = await open(t, it.url, { snapshot: new Uint8Array() });
  for (let event = 0; event < 1_100; event++) page.track('event');
  assert.deepEqual(
    [page.exposures.status().waiting, page.exposures.status().overflow, page.status()],
    [1_000, 100, { code: 'MALFORMED', message: 'MALFORMED: see waft/README.md#codes', queued: 1_000, sent: 0, dropped: 100 }],
  );
  page.exposures.setConsent('denied');
  page.exposures.setConsent('granted');
  await page.load(SNAPSHOT);
  await page.flush();
  assert.deepEqual([it.records.length, page.exposures.status().waiting], [0, 0]);
});
