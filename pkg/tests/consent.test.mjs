// Who is counted: a visitor's consent, and robots.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { collector } from './collector.mjs';
import { clock, NOW, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const clients = [];
test.beforeEach(() => clock());
test.afterEach(() => clients.splice(0).forEach((page) => page.close()));

/** A page with a visitor's consent. */
const asked = async (endpoint, exposures) => {
  const page = await createClient({
    snapshot: SNAPSHOT,
    trust: TRUST,
    context: { visitorId: 'v1' },
    exposures: recorder({ endpoint, ...exposures }),
  });
  clients.push(page);
  return page;
};

test('consent that is pending: nothing is stored or sent; once granted, all of it with its time', async (t) => {
  const kept = storage();
  const move = clock();
  const it = await collector(t);
  const page = await asked(it.url, { consent: 'pending' });
  const { variant } = page.getStringDetails('cta', '');
  assert.ok(variant, 'flags are decided all the same');
  page.getStringValue('cta', '');
  page.track('purchase', { value: 3 });
  await page.flush();
  assert.deepEqual([kept.keys('waft:q:'), it.bodies, page.status().queued], [[], [], 2]);
  move(NOW + 60_000);
  page.exposures.setConsent('granted');
  page.getStringValue('cta', '');
  await page.flush();
  assert.deepEqual(page.status(), { queued: 0, sent: 2, dropped: 0 });
  assert.deepEqual(
    it.records.map(({ timeUnixNano }) => timeUnixNano),
    [`${NOW}000000`, `${NOW}000000`],
  );
});

test('consent that is denied, or is no answer that we know: nothing, until it is granted', async (t) => {
  const kept = storage();
  const it = await collector(t);
  for (const consent of ['denied', 'Granted', 0, null]) {
    const page = await asked(it.url, { consent });
    page.getStringValue('cta', '');
    page.track('purchase');
    await page.flush();
    assert.deepEqual([kept.keys('waft:q:'), it.bodies, page.status().queued], [[], [], 0], String(consent));
    page.close();
  }
  const page = await asked(it.url, { consent: 'pending' });
  page.getStringValue('cta', '');
  page.exposures.setConsent('denied');
  await page.flush();
  assert.equal(page.status().queued, 0, 'what waited is forgotten');
  page.exposures.setConsent('granted');
  page.getStringValue('cta', '');
  await page.flush();
  assert.equal(it.records.length, 1, 'what is read from now on counts');
  page.exposures.setConsent('denied');
  page.setContext({ visitorId: 'v2' });
  page.getStringValue('cta', '');
  await page.flush();
  assert.equal(it.records.length, 1);
});

test('at most 1,000 wait for consent, and more are counted', async (t) => {
  storage();
  const it = await collector(t);
  const page = await asked(it.url, { consent: 'pending' });
  for (let event = 0; event < 1_100; event++) page.track('event');
  assert.deepEqual(page.status(), { queued: 1_000, sent: 0, dropped: 100 });
  page.exposures.setConsent('granted');
  await page.flush();
  assert.deepEqual(page.status(), { queued: 0, sent: 1_000, dropped: 100 });
});

test('robots are served and not counted', async (t) => {
  storage();
  const it = await collector(t);
  const { navigator } = globalThis;
  t.after(() => Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true }));
  const counted = async (userAgent, options) => {
    Object.defineProperty(globalThis, 'navigator', { value: { userAgent }, configurable: true });
    it.records.length = 0;
    const page = await asked(it.url, options);
    assert.ok(page.getStringDetails('cta', '').variant);
    page.track('purchase');
    await page.flush();
    page.close();
    return it.records.length;
  };
  for (const robot of [
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'Mozilla/5.0 (compatible; bingbot/2.0)',
    'facebookexternalhit/1.1',
    'Mozilla/5.0 (compatible; YandexBot/3.0)',
    'Mozilla/5.0 (compatible; Baiduspider/2.0)',
    'Mozilla/5.0 Chrome-Lighthouse',
    'ia_archiver',
  ])
    assert.equal(await counted(robot), 0, robot);
  for (const person of [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36',
    '',
  ])
    assert.equal(await counted(person), 2, person);
  assert.equal(await counted('Googlebot', { robot: false }), 2);
  assert.equal(await counted('Mozilla/5.0', { robot: true }), 0);
});
