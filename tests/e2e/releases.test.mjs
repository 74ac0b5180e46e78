// The place Releases of the studio, in Chromium, beside the shop: whoever looks sees who would be moved, approves with a key that stays in the page,
// publishes, and the open shop changes; a flag is killed and comes back. The page says that something was done once the server
// has, and not before. Every state passes axe, at three sizes, light and dark.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assemble, serve, waft } from './site.mjs';
import { demo, judged, SIZES, STUDIO, studio, visit } from './studio.mjs';

const own = studio();

/** The studio at its releases, and the shop in another tab. */
async function start(t, more = {}) {
  const { site, server } = await demo(t);
  const context = await own.context(t, more);
  const page = await context.newPage();
  const sent = [];
  page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  await visit(page, server, 'releases', '[data-releases="here"] #proposed');
  return { site, server, context, page, sent };
}

async function openShop(context, server) {
  const shop = await context.newPage();
  await shop.goto(server.shop);
  await shop.locator('.shelf').waitFor();
  return shop;
}

const said = (page, text) => page.locator('[data-said]', { hasText: text }).waitFor();
const dialog = (page) => page.locator('[role="dialog"], [role="alertdialog"]');

/** Opens a step's dialog, gives it what it asks for, and takes it. */
async function act(page, name, { key, why, confirm = name } = {}) {
  await page.getByRole('button', { name, exact: true }).first().click();
  const open = dialog(page);
  if (key) await choose(page, key);
  if (why) await open.getByLabel(/^Why/).fill(why);
  await open.getByRole('button', { name: confirm, exact: true }).click();
}

async function choose(page, file) {
  const chooser = page.waitForEvent('filechooser');
  await dialog(page)
    .getByRole('button', { name: /^(Choose .*pem|Another key)/ })
    .click();
  await (await chooser).setFiles(file);
}

test('a release is looked at, approved, published, and the open shop changes; a flag is killed and comes back; it is rolled back', async (t) => {
  const { page, server, context, sent, site } = await start(t);
  const key = (role) => join(site.keys, `${role}.pem`);
  const shop = await openShop(context, server);
  assert.match(await page.textContent('main'), /Version 2/);
  assert.match(await page.textContent('[data-list="changes"]'), /reviews/);
  // Each of the 300 of the table, by the page's own engine.
  assert.match(await page.textContent('[data-list="effect"]'), /reviews.*300/s);
  assert.match(await page.textContent('[data-reached]'), /reviews changes for 300 people \(100\s% of those whom the server counted\)/);
  const words = await page.locator('#proposed .lines').allTextContents();
  assert.doesNotMatch(words.join(), /population:|assumed:|->/);
  await page.getByText('As the command line tells it').click();
  await page.locator('#proposed .code-block', { hasText: /flag reviews: changed.*population: 300 rows/s }).waitFor();
  await judged(page, 'releases-lines');
  const stars = shop.locator('.card .stars').first();
  assert.equal(await stars.count(), 0);

  // Nobody signs without a key, or with one that may not.
  await page.getByRole('button', { name: 'Approve version 3' }).click();
  assert.ok(await dialog(page).getByRole('button', { name: 'Approve version 3' }).isDisabled());
  assert.match(await dialog(page).textContent(), /Nothing changes for pages yet/);
  await choose(page, key('kill'));
  await dialog(page).getByRole('button', { name: 'Approve version 3' }).click();
  await dialog(page).getByText('this key counts as kill in the trust, not as approver').waitFor();
  await choose(page, key('approver'));
  await dialog(page).getByText('approver.pem').first().waitFor();
  await dialog(page).getByRole('button', { name: 'Approve version 3' }).click();
  await said(page, 'Version 3 has your signature');
  assert.equal(await stars.count(), 0, 'an approval changes nothing');
  await act(page, 'Publish version 3');
  await stars.waitFor();
  await said(page, 'Version 3 is live');
  await page.locator('#proposed', { hasText: 'Nothing is proposed' }).waitFor();

  await page.getByLabel('Flag', { exact: true }).selectOption('reviews');
  await act(page, 'Turn off reviews', { key: key('kill'), why: 'wrong stars' });
  await stars.waitFor({ state: 'detached' });
  await page.locator('[data-killed="reviews"]').waitFor();
  await act(page, 'Bring back reviews');
  await stars.waitFor();

  // The rules of version 2 come back as version 4.
  await page.getByRole('tab', { name: /^History/ }).click();
  await page.locator('[data-record="unkill"]').waitFor();
  const kinds = await page.locator('[data-record]').evaluateAll((rows) => rows.map(({ dataset }) => dataset.record));
  assert.deepEqual(kinds.slice(0, 4), ['unkill', 'kill', 'release', 'approve']);
  await act(page, 'Roll back to version 2', { why: 'the stars were wrong' });
  await said(page, 'The rules of version 2 are proposed again');
  await page.getByRole('tab', { name: 'Now' }).click();
  await page.locator('#proposed', { hasText: 'Version 4' }).waitFor();
  assert.ok(await stars.isVisible(), 'a proposal changes nothing');
  await act(page, 'Approve version 4');
  await act(page, 'Publish version 4');
  await said(page, 'Version 4 is live');
  await stars.waitFor({ state: 'detached' });

  const secrets = ['approver', 'kill'].map(
    (role) => /PRIVATE KEY-----\s([^-]+)\s-----END PRIVATE/.exec(readFileSync(key(role), 'utf8'))[1],
  );
  assert.ok(!sent.some((request) => secrets.some((secret) => request.includes(secret.slice(22, 60)))), 'a key has left the page');
});

test('every state is for everybody: axe, three sizes, light and dark; an error says what to do', async (t) => {
  const { page, server, site } = await start(t, { colorScheme: 'light' });
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [name, size] of Object.entries(SIZES)) {
      await page.setViewportSize(size);
      await judged(page, `releases-waits-${scheme}-${name}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await page.getByRole('tab', { name: /^History/ }).click();
    await judged(page, `releases-history-${name}`);
    await page.getByRole('tab', { name: 'Now' }).click();
    await page.getByRole('button', { name: 'Approve version 3' }).click();
    await judged(page, `releases-approve-${name}`);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  }
  await page.setViewportSize(SIZES[1440]);
  await page.getByRole('button', { name: 'Approve version 3' }).click();
  for (const [name, text, message] of [
    ['none.pem', 'nothing', 'has no private key'],
    ['other.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'is no Ed25519 key'],
    ['locked.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----', 'is encrypted'],
    ['large.pem', 'x'.repeat(20_000), 'is too large for a key'],
  ]) {
    await choose(page, { name, mimeType: 'application/x-pem-file', buffer: Buffer.from(text) });
    await dialog(page).getByText(message).waitFor();
  }
  await judged(page, 'releases-key-error');
  await page.keyboard.press('Escape');
  await page.getByLabel('Flag', { exact: true }).selectOption('banner');
  await act(page, 'Turn off banner', { key: join(site.keys, 'kill.pem') });
  await page.locator('[data-killed="banner"]').waitFor();
  await judged(page, 'releases-killed');
  // Away: what is known stays, with its time, and nothing can be done by it.
  await server.stop();
  await page.getByText('The server cannot be reached').waitFor();
  assert.match(await page.textContent('#proposed'), /Version 3/);
  assert.ok(await page.getByRole('button', { name: 'Approve version 3' }).isDisabled());
  await judged(page, 'releases-away');
});

test('a release is approved and published with the keyboard alone', async (t) => {
  const { page, site } = await start(t);
  const focused = (name) => page.waitForFunction((text) => document.activeElement?.textContent?.includes(text), name);
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.textContent === 'Approve version 3')) break;
  }
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  // Playwright looks out for what is chosen a moment after it was asked to, and a key that is pressed opens it at once.
  const chooser = page.waitForEvent('filechooser');
  for (let presses = 0; presses < 10; presses++) {
    if (await page.evaluate(() => document.activeElement?.textContent?.startsWith('Choose approver.pem'))) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(join(site.keys, 'approver.pem'));
  await dialog(page).getByText('You sign with').waitFor();
  for (let presses = 0; presses < 10; presses++) {
    if (await page.evaluate(() => document.activeElement?.textContent === 'Approve version 3')) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await said(page, 'Version 3 has your signature');
  await page.getByRole('button', { name: 'Publish version 3' }).focus();
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  for (let presses = 0; presses < 10; presses++) {
    if (await page.evaluate(() => document.activeElement?.textContent === 'Publish version 3')) break;
    await page.keyboard.press('Tab');
  }
  await focused('Publish version 3');
  await page.keyboard.press('Enter');
  await said(page, 'Version 3 is live');
});

test('a rejected proposal is closed with its reason, and what is live stays', async (t) => {
  const { page, site } = await start(t);
  await page.getByRole('button', { name: 'Reject version 3' }).click();
  await choose(page, join(site.keys, 'approver.pem'));
  await dialog(page).getByText('You sign with').waitFor();
  const reject = dialog(page).getByRole('button', { name: 'Reject version 3' });
  assert.ok(await reject.isDisabled(), 'without a reason');
  await dialog(page).getByLabel(/^Why/).fill('the stars are not ready');
  await reject.click();
  await said(page, 'Version 3 is rejected');
  await page.getByRole('tab', { name: /^History/ }).click();
  assert.match(await page.locator('[data-record="reject"]').textContent(), /Version 3 rejected by you.*the stars are not ready/s);
});

test('a ramp is paused in the rules of the server, and pages follow with the next release', async (t) => {
  const { page, site } = await start(t);
  const ramp = page.locator('[data-ramp="express-pay/ramp"]');
  await act(page, 'Pause express-pay/ramp');
  await said(page, 'express-pay/ramp is paused in the rules');
  await ramp.getByText('paused', { exact: true }).waitFor();
  assert.match(readFileSync(join(site.rules, 'flags/checkout.yaml'), 'utf8'), /pause/);
  assert.match(await page.textContent('main'), /Version 2 *is live/);
  await act(page, 'Propose the server’s rules instead', { why: 'too early' });
  await said(page, 'Version 4 is proposed');
  await page.locator('#proposed', { hasText: 'too early' }).waitFor();
  await judged(page, 'releases-paused');
  await act(page, 'Go on with express-pay/ramp');
  await said(page, 'express-pay/ramp goes on in the rules');
});

/** Changes the draft as it is kept: the page takes it up again after a reload. The lists, which are kept nowhere, are put beside it. */
async function drafts(page, path, from, to) {
  const names = ['lists/regatta-crews.csv', 'lists/press.csv'];
  const lists = Object.fromEntries(
    names.map((name) => [name, readFileSync(new URL(`../../examples/shop/${name}`, import.meta.url), 'utf8')]),
  );
  // The folder's rules, not those of the server that were open before.
  await page.waitForFunction(() => JSON.parse(localStorage.getItem('waft-studio.draft'))?.source.kind === 'files');
  await page.evaluate(
    ([path, from, to, lists]) => {
      // Once the page has written what it knows: as it is left, too.
      addEventListener('pagehide', () => {
        const kept = JSON.parse(localStorage.getItem('waft-studio.draft'));
        kept.files[path] = kept.files[path].replace(from, to);
        Object.assign(kept.files, lists);
        Object.assign(kept.base, lists);
        localStorage.setItem('waft-studio.draft', JSON.stringify(kept));
      });
    },
    [path, from, to, lists],
  );
  await page.reload();
  await page.waitForSelector('#draft');
}

test('a draft says what it changes before it is saved, and what is wrong with it', async (t) => {
  const { page } = await start(t);
  await page.evaluate(() => delete window.showDirectoryPicker);
  await page.getByRole('button', { name: 'Open…' }).click();
  const chooser = page.waitForEvent('filechooser');
  await dialog(page).getByRole('button', { name: 'Choose a folder…' }).click();
  await (await chooser).setFiles(new URL('../../examples/shop', import.meta.url).pathname);
  await drafts(page, 'flags/storefront.yaml', '    enabled: false\n', '    enabled: true\n');
  await page.locator('[data-list="draft-changes"]', { hasText: 'reviews: changed' }).waitFor();
  assert.match(await page.textContent('#draft'), /no errors.*enabled: false → true/s);
  await judged(page, 'releases-draft');
  await drafts(page, 'flags/storefront.yaml', '    enabled: true\n', '    enabled: perhaps\n');
  await page.locator('#draft', { hasText: '1 error' }).waitFor();
  assert.match(await page.textContent('#draft'), /flags\/storefront.yaml:\d+:\d+/);
  await judged(page, 'releases-draft-wrong');
});

test('a server that breaks off in the middle of a step leaves it open whether it was done', async (t) => {
  const { page, site } = await start(t);
  await page.route('**/api/releases/approve', (route) => route.abort());
  await act(page, 'Approve version 3', { key: join(site.keys, 'approver.pem') });
  await dialog(page).getByText('It is not known whether it was done').waitFor();
  assert.equal(await page.locator('[data-said]').count(), 0);
});

test('where there are no releases, the page says how to have some, and a file that was sent is checked and signed', async (t) => {
  const site = assemble();
  t.after(() => site.remove());
  const { folder } = site;
  const server = await serve({ ...site, folder: STUDIO });
  const page = await own.tab(t);
  await page.goto(new URL('/#releases', server.url).href);
  await page.getByText('There are no releases on this site').waitFor();
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `releases-none-${name}`);
  }
  const file = join(folder, '..', 'sent.waft');
  waft('build', site.rules, '--environment', 'production', '--version', '9', '--out', file);
  waft('sign', file, '--key', join(site.keys, 'publisher.pem'), '--role', 'publisher');
  await page.locator('#envelopes input[multiple]').setInputFiles([file, site.trust]);
  await page.getByText('It waits for 1 signature as approver.').waitFor();
  assert.match(await page.textContent('[data-envelope="9"]'), /ci \(publisher\).*genuine/s);
  await judged(page, 'releases-envelope');
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /^Choose approver.pem/ }).click();
  await (await chooser).setFiles(join(site.keys, 'approver.pem'));
  await page.getByText('You sign with').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Sign as approver, and download it' }).click();
  const signed = join(folder, '..', 'signed.waft');
  await (await download).saveAs(signed);
  // Pages take it.
  waft('verify', signed, '--trust', site.trust);
  await page.getByText('It has all signatures that pages ask for').waitFor();
  // One byte of the content is another: nobody signs that.
  const bytes = readFileSync(file);
  bytes[bytes.length - 9] ^= 1;
  await page
    .locator('#envelopes input[multiple]')
    .setInputFiles({ name: 'changed.waft', mimeType: 'application/octet-stream', buffer: bytes });
  await page.getByText('its content is not what was signed').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Sign as approver, and download it' }).count(), 0);
});

test('what is live by somebody else makes the proposal lapse, and says so', async (t) => {
  const { page, site } = await start(t);
  const other = join(site.folder, '..', 'other.waft');
  waft('build', site.rules, '--environment', 'production', '--version', '9', '--out', other);
  for (const role of ['publisher', 'approver']) waft('sign', other, '--key', join(site.keys, `${role}.pem`), '--role', role);
  waft('publish', other, '--trust', site.trust, '--to', site.folder, '--freshness-key', join(site.keys, 'freshness.pem'));
  await page.locator('#proposed', { hasText: 'lapsed: something else is live' }).waitFor();
  assert.match(await page.textContent('main'), /Version 9/);
});
