// The page with the button, in Chromium, over the demo as `make demo` starts it: whoever looks sees who would be moved, approves with a key that
// stays in the page, publishes, and the shop beside it changes; a flag is killed and comes back. Every state of the page is one that axe passes,
// light and dark, on a phone and wide. WAFT_SHOTS=FOLDER keeps pictures.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AXE, findings } from './axe.mjs';
import { launch, ready } from './browser.mjs';
import { assemble, serve, waft } from './site.mjs';

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

/** The demo, served with its API of releases, and the page of releases in a browser of its own. */
async function start(t, more = {}) {
  const site = assemble();
  t.after(() => site.remove());
  const server = await serve(
    site,
    0,
    ...['--release-to', site.folder, '--trust', site.trust, '--records', site.records],
    ...['--population', new URL('../../examples/shop/people.csv', import.meta.url).pathname],
    ...['--refresh-head', join(site.folder, 'head.waft'), '--key', join(site.keys, 'freshness.pem')],
  );
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...more });
  t.after(() => context.close());
  const page = await context.newPage();
  const errors = [];
  const sent = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  await page.goto(new URL('/releases.html', server.url).href);
  await ready(page);
  const shop = page.frameLocator('iframe');
  await shop.locator('.shelf').waitFor();
  return { site, server, page, shop, errors, sent, key: (role) => page.setInputFiles(`#key-${role}`, join(site.keys, `${role}.pem`)) };
}

const said = (page, text) => page.locator('#said', { hasText: text }).waitFor();

/** What axe finds, and whether anything needs sideways scrolling. */
async function judged(page, name) {
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(findings, 'main'), [], name);
  const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= shown, `${name}: ${wide} px on a page of ${shown}`);
  if (process.env.WAFT_SHOTS) await page.screenshot({ path: `${process.env.WAFT_SHOTS}/releases-${name}.png`, fullPage: true });
}

test('a release is looked at, approved, published, and the open shop changes; a flag is killed and comes back', async (t) => {
  const { page, shop, errors, sent, key, site } = await start(t);
  assert.match(await page.textContent('#live'), /Version 2 is live/);
  assert.match(await page.textContent('[data-list="changes"]'), /reviews/);
  // Each of the 300 of the table, by the page's own engine.
  assert.match(await page.textContent('[data-list="effect"]'), /reviews.*300/s);
  const stars = shop.locator('.card .stars').first();
  assert.equal(await stars.count(), 0);

  // Nobody signs without a key, or with one that may not.
  await page.click('#approve');
  await said(page, 'Choose the file of your key first');
  await page.setInputFiles('#key-approver', join(site.keys, 'kill.pem'));
  await said(page, 'Your key is read');
  await page.click('#approve');
  await said(page, 'this key counts as kill in the trust, not as approver');

  await key('approver');
  await said(page, 'Your key is read');
  await page.click('#approve');
  await said(page, 'Version 3 is approved');
  await page.click('#publish');
  await stars.waitFor();
  await said(page, 'Version 3 is live');
  await page.locator('#proposed', { hasText: 'Nothing is proposed' }).waitFor();
  assert.match(await page.textContent('#live'), /Version 3 is live/);

  await key('kill');
  await page.selectOption('#flag', 'reviews');
  await page.click('#kill');
  await stars.waitFor({ state: 'detached' });
  await page.click('#unkill-reviews');
  await stars.waitFor();
  const history = await page.locator('[data-list="history"] li').allTextContents();
  assert.deepEqual(
    history.slice(0, 4).map((line) => line.split(/ +/)[2]),
    ['unkill', 'kill', 'release', 'approve'],
  );

  assert.deepEqual(errors, []);
  const secrets = ['approver', 'kill'].map(
    (role) => /PRIVATE KEY-----\s([^-]+)\s-----END PRIVATE/.exec(readFileSync(join(site.keys, `${role}.pem`), 'utf8'))[1],
  );
  assert.ok(!sent.some((request) => secrets.some((secret) => request.includes(secret.slice(22, 60)))), 'a key has left the page');
});

test('every state is for everybody: axe, light, dark, a phone and wide; an error says what to do', async (t) => {
  const { page, server, key } = await start(t, { colorScheme: 'light' });
  await judged(page, 'waits-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await judged(page, 'waits-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await judged(page, 'waits-phone-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await judged(page, 'waits-phone');
  await page.setViewportSize({ width: 2000, height: 1100 });
  await judged(page, 'waits-wide');
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const [name, text, message] of [
    ['none.pem', 'nothing', 'has no private key'],
    ['other.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'is no Ed25519 key'],
    ['locked.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----', 'is encrypted'],
    ['large.pem', 'x'.repeat(20_000), 'is too large for a key'],
  ]) {
    await page.setInputFiles('#key-approver', { name, mimeType: 'application/x-pem-file', buffer: Buffer.from(text) });
    await said(page, message);
  }
  await judged(page, 'error');
  await key('approver');
  await said(page, 'Your key is read');
  await page.click('#approve');
  await said(page, 'is approved');
  await judged(page, 'approved');
  await page.click('#publish');
  await said(page, 'is live');
  await key('kill');
  await page.selectOption('#flag', 'banner');
  await page.click('#kill');
  await page.locator('[data-killed="banner"]').waitFor();
  await judged(page, 'empty-killed');
  await server.stop();
  await said(page, 'The server cannot be reached');
  await judged(page, 'away');
});

test('where there are no releases, the page says how to have some', async (t) => {
  const site = assemble();
  t.after(() => site.remove());
  const server = await serve(site);
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(new URL('/releases.html', server.url).href);
  await said(page, 'start `waft serve --release-to FOLDER`');
  await judged(page, 'none');
});

test('what is live by somebody else makes the proposal lapse, and says so', async (t) => {
  const { page, site, key } = await start(t);
  await key('approver');
  const other = join(site.folder, '..', 'other.waft');
  waft('build', site.rules, '--environment', 'production', '--version', '9', '--out', other);
  for (const role of ['publisher', 'approver']) waft('sign', other, '--key', join(site.keys, `${role}.pem`), '--role', role);
  waft('publish', other, '--trust', site.trust, '--to', site.folder, '--freshness-key', join(site.keys, 'freshness.pem'));
  await page.locator('#proposed', { hasText: 'lapsed, as something else is live' }).waitFor();
  assert.match(await page.textContent('#live'), /Version 9 is live/);
});
