// A localStorage that is full, as Chromium has it: the highest version seen is kept before anything else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { startOrigin } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const SEEN = 'waft:seen:shop/production/0';

async function openPage(t, origin) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  return page;
}

/** Takes all the room that is left. */
const fill = (page) =>
  page.evaluate(() => {
    for (let size = 1 << 20; size > 0; size >>= 1) {
      try {
        for (let key = 0; ; key++) localStorage.setItem(`filler:${size}:${key}`, 'x'.repeat(size));
      } catch {
        // No room for so much.
      }
    }
  });
const ask = (page, ...question) => page.evaluate((question) => globalThis.ask(...question), question);

test('full of others: the client says that the version is not kept, until there is room', async (t) => {
  const page = await openPage(t, await startOrigin(t));
  await fill(page);
  assert.equal(await ask(page, 'start'), undefined, 'flags are decided');
  await page.waitForFunction(() => globalThis.ask('call', 'status').then(({ versionKept }) => versionKept === false));
  await page.evaluate(() => localStorage.clear());
  await ask(page, 'call', 'load', '/snapshot.waft');
  await page.waitForFunction((key) => localStorage[key]?.startsWith('1 '), SEEN);
  assert.equal((await ask(page, 'call', 'status')).versionKept, undefined);
});

test('full of exposures that wait: the oldest go, and are counted', async (t) => {
  const origin = await startOrigin(t);
  origin.answer = 503;
  const page = await openPage(t, origin);
  await ask(page, 'start');
  await ask(
    page,
    'meet',
    Array.from({ length: 20 }, (_, index) => `v${index}`),
  );
  await ask(page, 'flush');
  await page.waitForFunction((key) => localStorage[key], SEEN);
  // As where another trust's epoch begins.
  await page.evaluate(() => ['seen', 'good'].forEach((what) => localStorage.removeItem(`waft:${what}:shop/production/0`)));
  await fill(page);
  const { waiting } = await ask(page, 'status');
  assert.deepEqual(await ask(page, 'call', 'load', '/snapshot.waft'), { ok: true, version: 1 });
  await page.waitForFunction((key) => localStorage[key]?.startsWith('1 '), SEEN);
  const status = await ask(page, 'status');
  assert.ok(status.overflow > 0 && status.overflow + status.waiting === waiting, JSON.stringify(status));
  assert.equal((await ask(page, 'call', 'status')).versionKept, undefined);
});
