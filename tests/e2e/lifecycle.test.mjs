// Pages that are frozen, and pages that come back as they were left: their records arrive once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { startOrigin, until } from './origin.mjs';

let browser;
// Playwright switches the back/forward cache off.
before(async () => (browser = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })));
after(() => browser?.close());

async function openPage(t, origin) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  await page.evaluate(() => globalThis.ask('start').then(() => globalThis.ask('call', 'setContext', { visitorId: 'v1' })));
  return page;
}

const buy = (page) => page.evaluate(() => globalThis.ask('buy', 'purchase'));
const sent = (page) => page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith('waft:q:')));
const idsOf = (origin, name) => new Set(origin.records.map((record) => record[name]).filter(Boolean));

test('a frozen page sends once it goes on', async (t) => {
  const origin = await startOrigin(t);
  origin.answer = 503;
  const page = await openPage(t, origin);
  await buy(page);
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  origin.answer = 200;
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await page.evaluate(() => globalThis.ask('call', 'flush'));
  await sent(page);
  assert.deepEqual([idsOf(origin, 'waft.exposure.id').size, idsOf(origin, 'waft.event.id').size], [1, 1]);
});

test('a page that comes back as it was left goes on, and nothing is lost or twice', async (t) => {
  const origin = await startOrigin(t);
  origin.answer = 503;
  const page = await openPage(t, origin);
  await page.evaluate(() => (globalThis.left = true));
  await buy(page);
  await page.goto(`${origin.url}/empty.html`);
  origin.answer = 200;
  // Playwright's goBack() waits for a load, which does not come.
  await page.evaluate(() => setTimeout(() => history.back()));
  await page.waitForFunction(() => globalThis.left, undefined, { timeout: 30_000 });
  await buy(page);
  await page.evaluate(() => globalThis.ask('call', 'flush'));
  await sent(page);
  assert.deepEqual([idsOf(origin, 'waft.exposure.id').size, idsOf(origin, 'waft.event.id').size], [1, 2]);
});

test('a page that comes back with a request that hangs goes on by itself', async (t) => {
  const origin = await startOrigin(t);
  origin.answer = 0;
  const page = await openPage(t, origin);
  await page.evaluate(() => (globalThis.left = true));
  // Nobody waits for the request: it is in flight when the page is left, and when its timer rings.
  void page.evaluate(() => void globalThis.ask('buy', 'purchase'));
  await until(() => origin.requests.some(({ method }) => method === 'POST'));
  await page.evaluate(() => globalThis.ask('call', 'track', 'later'));
  await page.goto(`${origin.url}/empty.html`);
  origin.answer = 200;
  await page.evaluate(() => setTimeout(() => history.back()));
  await page.waitForFunction(() => globalThis.left, undefined, { timeout: 30_000 });
  await sent(page);
  assert.deepEqual([idsOf(origin, 'waft.exposure.id').size, idsOf(origin, 'waft.event.id').size], [1, 2]);
});
