// What leaves the page, byte for byte, and what stays in the browser: in Chromium, by every request that arrives.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { recordsOf, startOrigin, until } from './origin.mjs';

/** One flag that is drawn by lot behind a condition on each attribute. */
const RULESET = {
  project: 'shop',
  environments: { production: {} },
  attributes: {
    visitorId: 'string',
    accountId: 'number',
    email: { type: 'string', private: true },
    country: 'string',
    age: 'number',
    tags: 'list',
    since: 'date',
  },
  units: { visitor: { attribute: 'visitorId' }, account: { attribute: 'accountId' } },
  experiments: {
    test: { unit: 'visitor', sticky: true, phases: [{ id: 1, from: '2026-01-01T00:00Z', split: { on: '50%', off: '50%' } }] },
  },
  flags: {
    test: {
      type: 'boolean',
      whenOff: 'off',
      default: 'off',
      rules: [
        {
          id: 'draw',
          experiment: 'test',
          if: {
            all: [
              { email: { endsWith: '@example.com' } },
              { country: { is: 'Liechtenstein' } },
              { age: { gt: 1 } },
              { tags: { has: 'tag-of-the-visitor' } },
              { since: { after: '2020-01-01' } },
            ],
          },
        },
      ],
    },
  },
};
const UNITS = { visitorId: 'visitor-4711', accountId: 90210 };
/** None of it may leave. */
const SECRET = {
  email: 'somebody.private@example.com',
  country: 'Liechtenstein',
  age: 83174206918,
  tags: ['tag-of-the-visitor'],
  since: '2021-03-04T05:06:07Z',
  undeclared: 'never declared',
  nested: { name: 'nested-name' },
};
const CONTEXT = { ...UNITS, ...SECRET };
const KEY = 'a key of the page';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A page with a client that has read the flag, tracked a purchase, and was left. Answers the requests that it made, and what it left behind. */
async function visit(t, exposures, { userAgent, leave = true, answer = 200, code, ruleset = RULESET } = {}) {
  const origin = await startOrigin(t, ruleset);
  origin.answer = answer;
  const context = await browser.newContext(userAgent ? { userAgent } : {});
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  const ask = (...question) => page.evaluate((question) => globalThis.ask(...question), question);
  await ask('start', { context: CONTEXT, exposures });
  await ask('flush');
  assert.equal((await ask('all')).code, code);
  const reason = await ask('buy', 'purchase', { value: 49.5, currency: 'EUR' });
  assert.equal(reason, 'SPLIT', 'the flag is decided by all of the context');
  // The rules are kept for the next page some tasks later.
  await page.waitForFunction(() => ['good', 'seen'].every((what) => localStorage[`waft:${what}:shop/production/0`]));
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookies: document.cookie,
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
  }));
  if (leave) await page.goto(`${origin.url}/empty.html`);
  return { origin, context, page, ask, kept, posts: () => origin.requests.filter(({ method }) => method === 'POST') };
}

/** A text as it might be written in a request. */
function disguises(text) {
  const bytes = Buffer.from(text);
  const hashes = ['md5', 'sha1', 'sha256', 'sha512'].map((name) => createHash(name).update(bytes).digest());
  const encoded = [bytes, ...hashes].flatMap((bytes) => [
    bytes.toString('hex').slice(0, 32),
    ...[0, 1, 2].map((shift) => base64From(bytes, shift)),
  ]);
  // Four letters are found in a snapshot's base64 by chance.
  return [text, encodeURIComponent(text), [...text].reverse().join(''), ...encoded.filter(({ length }) => length > 5)];
}

/** The base64 of bytes that stand somewhere in others: without what depends on their neighbours. */
const base64From = (bytes, shift) =>
  Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .slice(shift ? 4 : 0, -4)
    .slice(0, 24);

const textsOf = (value) => (typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [String(value)]);

/** Fails if one of the texts is anywhere in these, in any disguise. */
function assertAbsent(texts, where) {
  const all = (typeof where === 'string' ? where : JSON.stringify(where)).toLowerCase();
  for (const text of texts)
    for (const one of disguises(text)) if (one.length > 3) assert.ok(!all.includes(one.toLowerCase()), `${text} as ${one}`);
}

test('disguises are seen through', () => {
  const { email } = SECRET;
  for (const hidden of [
    email,
    encodeURIComponent(email),
    Buffer.from(`x${email}y`).toString('base64'),
    createHash('sha256').update(email).digest('hex'),
  ]) {
    assert.throws(() => assertAbsent([email], { body: hidden }), hidden);
  }
  assertAbsent([email], { body: 'of somebody else' });
});

/** What is sent is to be this text, with what only the browser knows taken from it. */
function expectedBody(body, units, id, breakdown = {}) {
  const [exposure, event] = recordsOf(body);
  const attribute = (key, value, kind = 'stringValue') => JSON.stringify({ key, value: { [kind]: value } });
  const of = (units) => Object.entries(units).map(([name, unit]) => attribute(`waft.unit.${name}`, unit));
  const origin = (sequence) => [
    attribute('feature_flag.set.id', 'shop/production'),
    attribute('waft.page_view.id', exposure['waft.page_view.id']),
    attribute('waft.sequence', String(sequence), 'intValue'),
    ...of(units),
  ];
  const record = ({ timeUnixNano, observedTimeUnixNano }, name, attributes) =>
    `{"timeUnixNano":"${timeUnixNano}","observedTimeUnixNano":"${observedTimeUnixNano}","eventName":"${name}","attributes":[${attributes}]}`;
  for (const key of ['waft.page_view.id', 'waft.snapshot.digest']) assert.match(exposure[key], /^([\da-f]{32}){1,2}$/);
  for (const one of [exposure, event]) for (const key of ['timeUnixNano', 'observedTimeUnixNano']) assert.match(one[key], /^\d{19}$/);
  assert.match(exposure['waft.point'], /^\d{1,10}$/);
  assert.match(event['waft.event.id'], /^[\da-f]{32}$/);
  const variant = Number(exposure['waft.point']) < 2 ** 31 ? 'off' : 'on';
  const records = [
    record(exposure, 'feature_flag.evaluation', [
      attribute('feature_flag.key', 'test'),
      attribute('feature_flag.result.variant', variant),
      attribute('feature_flag.result.reason', 'split'),
      attribute('feature_flag.context.id', units.visitor),
      attribute('feature_flag.version', '1'),
      attribute('feature_flag.provider.name', 'waft'),
      attribute('waft.exposure.id', id(variant)),
      attribute('waft.experiment', 'test'),
      attribute('waft.phase', '1', 'intValue'),
      attribute('waft.rule', 'draw'),
      attribute('waft.point', exposure['waft.point'], 'intValue'),
      attribute('waft.unit.kind', 'visitor'),
      attribute('waft.snapshot.digest', exposure['waft.snapshot.digest']),
      attribute('waft.snapshot.version', '1', 'intValue'),
      attribute('user_agent.name', 'Chrome'),
      ...Object.entries(breakdown).map(([name, value]) => attribute(`waft.breakdown.${name}`, value)),
      ...origin(0),
    ]),
    record(event, 'waft.track', [
      attribute('waft.event.id', event['waft.event.id']),
      attribute('waft.event.name', 'purchase'),
      attribute('waft.event.value', 49.5, 'doubleValue'),
      attribute('waft.event.properties', '{"currency":"EUR"}'),
      ...origin(1),
    ]),
  ];
  const resource = `{"attributes":[${attribute('service.name', 'shop')},${attribute('telemetry.sdk.name', 'waft')}]}`;
  return `{"resourceLogs":[{"resource":${resource},"scopeLogs":[{"scope":{"name":"waft","version":"0.1.0"},"logRecords":[${records}]}]}]}`;
}

/** docs/otlp.md: the first 16 bytes of the SHA-512 over the parts, each behind its length. */
function idOf(...parts) {
  const hash = createHash('sha512');
  for (const part of parts.map((part) => Buffer.from(part))) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    hash.update(length).update(part);
  }
  return hash.digest('hex').slice(0, 32);
}

const exposureId = (unit) => (variant) => idOf('waft-exposure-1', 'shop', 'production', 'test', '1', 'visitor', unit, variant, '');

/** Headers that a browser sends of its own accord. */
const HEADERS =
  /^(host|connection|content-length|content-type|user-agent|accept|accept-encoding|accept-language|origin|sec-ch-ua.*|sec-fetch-.*|purpose)$/i;

for (const [what, exposures, units] of [
  ['units as they are', {}, { visitor: UNITS.visitorId, account: String(UNITS.accountId) }],
  [
    'units as a keyed hash',
    { unitKey: KEY },
    { visitor: idOf('waft-unit-1', KEY, UNITS.visitorId), account: idOf('waft-unit-1', KEY, String(UNITS.accountId)) },
  ],
]) {
  test(`an exposure and an event, byte for byte: ${what}, and no attribute of the context, private or not`, async (t) => {
    const { origin, posts, kept } = await visit(t, { endpoint: '/v1/logs', ...exposures });
    assert.equal(posts().length, 1);
    const [{ url, headers, body }] = posts();
    assert.equal(url, '/v1/logs');
    assert.equal(body, expectedBody(body, units, exposureId(units.visitor)));
    for (let at = 0; at < headers.length; at += 2) assert.match(headers[at], HEADERS);
    const loaded = origin.requests.filter(({ method }) => method !== 'POST').map(({ url }) => url.replace(/-\w+\.js/, '-*.js'));
    assert.deepEqual(loaded.filter((url) => !url.includes('*')).sort(), [
      '/',
      '/empty.html',
      '/engine.wasm',
      '/part.js',
      '/snapshot.waft',
      '/trust.json',
    ]);
    const secrets = [...textsOf(SECRET), KEY, ...(exposures.unitKey ? textsOf(UNITS) : [])];
    assertAbsent(secrets, origin.requests);
    assertAbsent(secrets, kept.local['waft:sticky:shop/production']);
    assert.deepEqual(Object.keys(kept.local).sort(), [
      'waft:good:shop/production/0',
      'waft:seen:shop/production/0',
      'waft:sticky:shop/production',
    ]);
  });
}

test('what results are told apart by: the declared attribute, whether somebody is in the segment, and nothing else', async (t) => {
  const ruleset = structuredClone(RULESET);
  ruleset.attributes.beta = 'boolean';
  ruleset.attributes.plan = 'string';
  ruleset.segments = { older: { age: { gte: 18 } }, untold: { plan: { is: 'pro' } } };
  ruleset.experiments.test.breakdown = ['country', 'beta', 'plan', { segment: 'older' }, { segment: 'untold' }];
  const { posts, kept } = await visit(t, { endpoint: '/v1/logs', unitKey: KEY }, { ruleset });
  const visitor = idOf('waft-unit-1', KEY, UNITS.visitorId);
  const units = { visitor, account: idOf('waft-unit-1', KEY, String(UNITS.accountId)) };
  const [{ body }] = posts();
  // Neither `beta` and `plan`, which are missing, nor the segment that asks for one.
  assert.equal(body, expectedBody(body, units, exposureId(visitor), { country: SECRET.country, 'segment/older': 'in' }));
  const { country: _, ...others } = SECRET;
  assertAbsent([...textsOf(others), ...textsOf(UNITS), KEY], [body, kept.local['waft:sticky:shop/production']]);
});

test("docs/otlp.md's example of a keyed hash is what is sent", () => {
  const document = readFileSync(new URL('../../docs/otlp.md', import.meta.url), 'utf8');
  assert.ok(document.includes(`pseudonym("${KEY}", "${UNITS.visitorId}")  # ${idOf('waft-unit-1', KEY, UNITS.visitorId)}`));
});

test('what waits in storage for the collector has no attribute of the context either, and no unit where units are hashed', async (t) => {
  const { kept } = await visit(t, { endpoint: '/v1/logs', unitKey: KEY }, { answer: 503 });
  const waiting = Object.entries(kept.local).filter(([key]) => key.startsWith('waft:q:'));
  assert.equal(waiting.length, 1);
  assertAbsent([...textsOf(SECRET), ...textsOf(UNITS), KEY], waiting);
});

test('the page hears of the exposure as it was sent', async (t) => {
  const { ask } = await visit(t, { endpoint: '/v1/logs', unitKey: KEY, consent: 'denied' }, { leave: false });
  await ask('listen');
  await ask('consent', 'granted');
  await ask('call', 'getBooleanValue', 'test', false);
  await ask('flush');
  const [{ unit, id, variant }] = await ask('heard');
  assert.equal(unit, idOf('waft-unit-1', KEY, UNITS.visitorId));
  assert.equal(id, exposureId(unit)(variant));
});

for (const unitKey of ['', null, 7]) {
  test(`a key that is ${JSON.stringify(unitKey)}: told, and nothing is sent, least of all units as they are`, async (t) => {
    const { posts, kept } = await visit(t, { endpoint: '/v1/logs', unitKey }, { code: 'INVALID_EXPOSURES' });
    assert.deepEqual([posts(), Object.keys(kept.local).filter((key) => !/^waft:(good|seen):/.test(key))], [[], []]);
  });
}

for (const [what, exposures, options] of [
  ['consent that is pending', { consent: 'pending' }],
  ['consent that is denied', { consent: 'denied' }],
  ['a robot that says so', {}, { userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }],
  ['a page that calls it a robot', { robot: true }],
]) {
  test(`${what}: nothing is sent, also when the page is left, and nothing of the visitor is stored`, async (t) => {
    const { posts, kept, page, origin } = await visit(t, { endpoint: '/v1/logs', ...exposures }, options);
    // A page that counts comes next: were something left, it would send it.
    await page.goto(origin.url);
    await page.waitForFunction(() => globalThis.ask);
    await page.evaluate(() => globalThis.ask('start', { exposures: { endpoint: '/v1/logs', robot: false } }));
    await page.evaluate(() => globalThis.ask('flush'));
    assert.deepEqual(posts(), []);
    const { local, ...others } = kept;
    assert.deepEqual(others, { session: {}, cookies: '', databases: [], caches: [] });
    assert.deepEqual(
      Object.keys(local).sort(),
      ['waft:good:shop/production/0', 'waft:seen:shop/production/0'],
      'what every page keeps: the rules',
    );
    assertAbsent([...textsOf(UNITS)], local);
  });
}

for (const consent of ['pending', 'denied']) {
  test(`consent that is ${consent} in a worker: nothing is sent, and there is no database`, async (t) => {
    const origin = await startOrigin(t, RULESET);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${origin.url}/empty.html`);
    const databases = await page.evaluate(
      async ([context, consent]) => {
        const worker = new Worker('/part.js', { type: 'module' });
        const ask = (...question) =>
          new Promise((resolve) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data }) => resolve(data);
            worker.postMessage(question, [port2]);
          });
        await ask('start', { context, exposures: { endpoint: '/v1/logs', consent } });
        await ask('buy', 'purchase', {});
        return indexedDB.databases();
      },
      [CONTEXT, consent],
    );
    assert.deepEqual(databases, []);
    assert.ok(origin.requests.some(({ url }) => url === '/snapshot.waft'));
    assert.deepEqual(
      origin.requests.filter(({ method }) => method === 'POST'),
      [],
    );
  });
}

test('what was recorded with consent is not sent while it is pending again, but once it is granted', async (t) => {
  const { origin, page, ask, posts } = await visit(t, { endpoint: '/v1/logs' }, { answer: 503, leave: false });
  await ask('consent', 'pending');
  origin.answer = 200;
  const before = posts().length;
  await ask('flush');
  await page.goto(`${origin.url}/empty.html`);
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  await page.evaluate(() => globalThis.ask('start', { exposures: { endpoint: '/v1/logs', consent: 'pending' } }));
  await page.evaluate(() => globalThis.ask('flush'));
  assert.equal(posts().length, before);
  await page.evaluate(() => globalThis.ask('consent', 'granted'));
  await until(() => origin.records.length === 2);
});
