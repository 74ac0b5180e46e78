// The shop in the studio's frame, as `make demo` serves both: who is previewed counts nowhere until somebody says so, and what they buy then shows up in
// results.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo, judged, SIZES, studio, visit } from './studio.mjs';

const own = studio(() => demo(undefined, { folder: (site) => site.studio }));

test('buying in the shop beside the visitor shows up in results, once “Count me” is on', async (t) => {
  const page = await own.tab(t);
  await visit(page, own.server, 'preview', 'iframe.shop');
  const shop = page.frameLocator('iframe.shop');
  const buy = async () => {
    await shop.locator('body[data-ready="true"]').waitFor({ state: 'attached' });
    await shop
      .getByRole('button', { name: /^Add .* to the basket/ })
      .first()
      .click();
    // Where an order has a form, nothing has to be typed.
    await shop.locator('#pay').click();
  };
  const received = async () => (await fetch(new URL('/api/exposures', own.server.studio))).json();
  const results = () => page.locator('[data-received]');

  await buy();
  await shop.getByText('It counts nowhere: “Count me” is off.').waitFor();
  await page.evaluate(() => (location.hash = 'results'));
  await results().filter({ hasText: 'Received so far: 0 unique exposures, no events.' }).waitFor();
  assert.deepEqual(await received(), { total: 0, receipts: 0, experiments: [] });

  await page.evaluate(() => (location.hash = 'preview'));
  await page.getByText('Count me', { exact: true }).click();
  await buy();
  await shop.getByText('It sails with the next tide.', { exact: false }).waitFor();
  assert.equal(await shop.getByText('It counts nowhere').count(), 0);
  await page.evaluate(() => (location.hash = 'results'));
  await results()
    .filter({ hasText: /[1-9][0-9]* unique exposures?, events purchase 1\. A metric counts what a unit did once its window is over/ })
    .waitFor({ timeout: 40_000 });
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `results-received-${name}`);
  }
  assert.deepEqual((await received()).events, [{ name: 'purchase', events: 1 }]);
});
