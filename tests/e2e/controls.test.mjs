// The studio's own controls, by keyboard: what a menu, a dialog, a list of values and values that were chosen do with the focus.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { serveStatic } from './static.mjs';

let site;
let browser;

before(async () => {
  site = await serveStatic();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

async function open(t, hash) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(site.url + hash);
  await page.click('text=Try the sample');
  await page.waitForSelector('[data-segment="eurozone"][data-matches]');
  return { page, errors };
}

/** Waits until something has the focus, by its label or its text. */
const focused = (page, name) =>
  page.waitForFunction((name) => {
    const { activeElement: at } = document;
    return [at.getAttribute('aria-label'), at.labels?.[0]?.textContent, at.textContent].some((text) => text?.trim() === name);
  }, name);

test('a menu is opened, walked and left by keys, and gives the focus back', async (t) => {
  const { page, errors } = await open(t, '#audiences');
  const more = page.getByRole('button', { name: 'More' });
  const menu = page.getByRole('menu', { name: 'More' });
  await more.focus();
  assert.equal(await more.getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('ArrowDown');
  await focused(page, 'Copy a link to this view');
  assert.equal(await more.getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('ArrowUp');
  await focused(page, 'Close the rules');
  await page.keyboard.press('d');
  await focused(page, 'Dark theme');
  await page.keyboard.press('Escape');
  await focused(page, 'More');
  await menu.waitFor({ state: 'detached' });
  // By pointer: the button closes what it opened, and so does a click elsewhere.
  for (const close of [() => more.click(), () => page.mouse.click(5, 600)]) {
    await more.click();
    await menu.waitFor();
    await close();
    await menu.waitFor({ state: 'detached' });
  }
  assert.deepEqual(errors, []);
});

test('a dialog keeps the focus and gives it back; Enter, and a click beside it, do one thing', async (t) => {
  const { page, errors } = await open(t, '#audiences');
  const dialog = page.getByRole('dialog', { name: 'New segment' });
  await page.getByRole('button', { name: 'New segment' }).focus();
  await page.keyboard.press('Enter');
  await focused(page, 'Who they are');
  for (let stops = 0; stops < 8; stops++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog')));
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await focused(page, 'New segment');
  // Enter makes the segment, and presses nothing else: the button that has the focus again least of all.
  await page.keyboard.press('Enter');
  await focused(page, 'Who they are');
  await page.keyboard.type('Ours');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-segment="ours"][data-matches]');
  assert.equal(await page.getByRole('dialog').count(), 0);
  // Text that is selected to beyond its edge does not close it; a click beside it does.
  await page.getByRole('button', { name: 'New segment' }).click();
  const field = await dialog.getByRole('textbox').boundingBox();
  await page.mouse.move(field.x + 20, field.y + 20);
  await page.mouse.down();
  await page.mouse.move(20, 850);
  await page.mouse.up();
  assert.equal(await dialog.count(), 1);
  await page.mouse.click(20, 850);
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(errors, []);
});

test('values are offered, chosen and taken away by keys', async (t) => {
  const { page, errors } = await open(t, '#audiences?segment=eurozone');
  const field = page.getByRole('combobox', { name: 'Values of condition 1' });
  const chosen = page.getByRole('list', { name: 'Values of condition 1: chosen' });
  const values = async () => (await chosen.locator('.token').allTextContents()).map((text) => text.slice(0, -1));
  const before = await values();
  assert.equal(before[0], 'AT');
  await field.focus();
  await page.getByRole('option', { name: /^GB/ }).waitFor();
  await page.keyboard.press('ArrowUp');
  const offered = page.getByRole('listbox').getByRole('option');
  const last = offered.last();
  assert.equal(await last.getAttribute('aria-selected'), 'true');
  assert.equal(await field.getAttribute('aria-activedescendant'), await last.getAttribute('id'));
  await page.keyboard.press('ArrowDown');
  const wanted = await offered.first().locator('span').first().textContent();
  await page.keyboard.press('Enter');
  assert.equal(await field.inputValue(), wanted);
  assert.equal(await page.getByRole('listbox').count(), 0);
  await page.keyboard.press('Enter');
  await page.waitForFunction((many) => document.querySelectorAll('.token').length === many, before.length + 1);
  assert.deepEqual(await values(), [...before, wanted]);
  // The field has the focus still; what was chosen is one stop before it.
  await page.keyboard.press('Shift+Tab');
  await focused(page, 'Remove AT');
  await page.keyboard.press('End');
  await focused(page, `Remove ${wanted}`);
  await page.keyboard.press('Backspace');
  await focused(page, `Remove ${before.at(-1)}`);
  assert.deepEqual(await values(), before);
  assert.deepEqual(errors, []);
});

test('what is said as a dialog closes is said where screen readers listen already', async (t) => {
  const { page, errors } = await open(t, '#audiences');
  await page.evaluate(() => {
    window.region = document.querySelector('#studio [role=status][aria-live]');
  });
  await page.keyboard.press('Control+K');
  await page.getByRole('dialog', { name: 'Search' }).waitFor();
  await page.keyboard.type('Read what experiments');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.region.isConnected && window.region.textContent.trim() === 'Results');
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.deepEqual(errors, []);
});

test('no key of the page does anything behind a dialog', async (t) => {
  const { page, errors } = await open(t, '#audiences');
  await page.getByRole('button', { name: 'New segment' }).click();
  await page.keyboard.type('Ours');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-segment="ours"][data-matches]');
  await page.getByRole('button', { name: 'New flag' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).focus();
  for (const key of ['Control+Z', '/', 'Control+K']) await page.keyboard.press(key);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.locator('[data-segment="ours"]').count(), 1);
  // Without one, they do.
  await page.keyboard.press('Control+Z');
  await page.locator('[data-segment="ours"]').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  await page.getByRole('dialog', { name: 'Search' }).waitFor();
  assert.deepEqual(errors, []);
});

test('a row keeps the focus where it is scrolled out of view, and arrow keys go on from it', async (t) => {
  const { page, errors } = await open(t, '#audiences?segment=eurozone&tab=people');
  const row = (index) => page.locator(`[role="row"][data-index="${index}"]`);
  await row(3).locator('.open').focus();
  await page.locator('.table.cards').evaluate((table) => table.scrollTo(0, 6_000));
  await row(3).and(page.locator(':has(:focus)')).waitFor({ state: 'attached' });
  await row(2).waitFor({ state: 'detached' });
  assert.equal(await row(3).evaluate((line) => line.contains(document.activeElement)), true);
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => document.activeElement.closest('[data-index="4"]'));
  await page.keyboard.press('End');
  await page.waitForFunction(() => Number(document.activeElement.closest('[data-index]')?.dataset.index) > 400);
  assert.deepEqual(errors, []);
});

test('keys of an input method are its own: a list of values takes none of them', async (t) => {
  const { page, errors } = await open(t, '#audiences?segment=eurozone');
  const client = await page.context().newCDPSession(page);
  const field = page.getByRole('combobox', { name: 'Values of condition 1' });
  await field.focus();
  await page.getByRole('option', { name: /^GB/ }).waitFor();
  await client.send('Input.imeSetComposition', { text: 'g', selectionStart: 1, selectionEnd: 1 });
  await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1);
  for (const key of ['ArrowDown', 'Escape']) await page.keyboard.press(key);
  assert.equal(await field.getAttribute('aria-expanded'), 'true');
  assert.equal(await field.getAttribute('aria-activedescendant'), null);
  assert.equal(await field.inputValue(), 'g');
  assert.deepEqual(errors, []);
});

test('where what had the focus is gone, keys go on in the place', async (t) => {
  const { page, errors } = await open(t, '#audiences?segment=eurozone');
  const inMain = () => page.waitForFunction(() => document.activeElement === document.querySelector('main'));
  await page.getByRole('button', { name: 'More for eurozone' }).focus();
  await page.keyboard.press('ArrowUp');
  await focused(page, 'Remove it');
  await page.keyboard.press('Enter');
  const asked = page.getByRole('alertdialog', { name: 'Remove eurozone?', description: /It is used in 3 places/ });
  await asked.waitFor();
  await asked.getByRole('button', { name: 'Remove it' }).focus();
  await page.keyboard.press('Enter');
  await inMain();
  assert.equal(await page.getByRole('button', { name: 'More for eurozone' }).count(), 0);
  // A message that is closed, too.
  await page.getByRole('button', { name: 'More', exact: true }).focus();
  await page.keyboard.press('ArrowUp');
  await focused(page, 'Close the rules');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Close the message' }).focus();
  await page.keyboard.press('Enter');
  await inMain();
  assert.deepEqual(errors, []);
});

test('a list does not open by itself where the focus comes back from a dialog', async (t) => {
  const { page, errors } = await open(t, '#audiences?segment=eurozone');
  const field = page.getByRole('combobox', { name: 'Values of condition 1' });
  await field.focus();
  await page.getByRole('option', { name: /^GB/ }).waitFor();
  await page.keyboard.press('Control+K');
  await page.getByRole('dialog', { name: 'Search' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await focused(page, 'Values of condition 1');
  assert.equal(await field.getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option', { name: /^GB/ }).waitFor();
  // By Tab it opens again.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  await page.getByRole('option', { name: /^GB/ }).waitFor();
  assert.deepEqual(errors, []);
});

test('what a switch did is undone by keys while it has the focus', async (t) => {
  const { page, errors } = await open(t, '#audiences?flag=banner');
  const enabled = page.getByRole('switch', { name: /^Enabled/ });
  await enabled.focus();
  await page.keyboard.press('Space');
  await page.waitForFunction(() => !document.activeElement.checked);
  await page.keyboard.press('Control+Z');
  await page.waitForFunction(() => document.activeElement.getAttribute('role') === 'switch' && document.activeElement.checked);
  assert.deepEqual(errors, []);
});
