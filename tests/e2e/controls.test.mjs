// The studio's own controls, by keyboard: what a menu, a dialog, a list of values and values that were chosen do with the focus.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { alias } from '../../studio/tools/preact.mjs';
import { serveStatic } from './static.mjs';
import { studio } from './studio.mjs';

const own = studio(serveStatic);

async function open(t, hash) {
  const page = await own.tab(t);
  await page.goto(own.url + hash);
  await page.click('text=Try the sample');
  await page.waitForSelector('[data-segment="eurozone"][data-matches]');
  return page;
}

/** Waits until something has the focus, by its label or its text. */
const focused = (page, name) =>
  page.waitForFunction((name) => {
    const { activeElement: at } = document;
    return [at.getAttribute('aria-label'), at.labels?.[0]?.textContent, at.textContent].some((text) => text?.trim() === name);
  }, name);

test('a menu is opened, walked and left by keys, and gives the focus back', async (t) => {
  const page = await open(t, '#audiences');
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
});

test('a dialog keeps the focus and gives it back; Enter, and a click beside it, do one thing', async (t) => {
  const page = await open(t, '#audiences');
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
});

test('values are offered, chosen and taken away by keys', async (t) => {
  const page = await open(t, '#audiences?segment=eurozone');
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
});

test('what is said as a dialog closes is said where screen readers listen already', async (t) => {
  const page = await open(t, '#audiences');
  await page.evaluate(() => {
    window.region = document.querySelector('#studio [role=status][aria-live]');
  });
  await page.keyboard.press('Control+K');
  await page.getByRole('dialog', { name: 'Search' }).waitFor();
  await page.keyboard.type('Read what experiments');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.region.isConnected && window.region.textContent.trim() === 'Results');
  assert.equal(await page.getByRole('dialog').count(), 0);
});

test('no key of the page does anything behind a dialog', async (t) => {
  const page = await open(t, '#audiences');
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
});

test('a row keeps the focus where it is scrolled out of view, and arrow keys go on from it', async (t) => {
  const page = await open(t, '#audiences?segment=eurozone&tab=people');
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
});

test('keys of an input method are its own: a list of values takes none of them', async (t) => {
  const page = await open(t, '#audiences?segment=eurozone');
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
});

test('where what had the focus is gone, keys go on in the place', async (t) => {
  const page = await open(t, '#audiences?segment=eurozone');
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
});

test('a list does not open by itself where the focus comes back from a dialog', async (t) => {
  const page = await open(t, '#audiences?segment=eurozone');
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
});

test('what a switch did is undone by keys while it has the focus', async (t) => {
  const page = await open(t, '#audiences?flag=banner');
  const enabled = page.getByRole('switch', { name: /^Enabled/ });
  await enabled.focus();
  await page.keyboard.press('Space');
  await page.waitForFunction(() => !document.activeElement.checked);
  await page.keyboard.press('Control+Z');
  await page.waitForFunction(() => document.activeElement.getAttribute('role') === 'switch' && document.activeElement.checked);
});

test('a control shows what is so, where what was asked for is refused', async (t) => {
  const page = await own.tab(t);
  const contents = `
    import { createRoot } from 'react-dom/client';
    import { Check, Switch } from './ui/check.js';
    import { Choice } from './ui/choice.js';
    import { Select } from './ui/select.js';
    globalThis.asked = [];
    const refuse = (value) => globalThis.asked.push(value);
    createRoot(document.querySelector('main')).render(
      <>
        <Switch label="Enabled" value={false} onChange={refuse} />
        <Check label="Count them" value onChange={refuse} />
        <Choice label="Values" value="texts" options={['texts', 'numbers']} onChange={refuse} />
        <Select label="Served" value="control" options={['control', 'bold']} onChange={refuse} />
      </>,
    );`;
  const source = fileURLToPath(new URL('../../studio/src', import.meta.url));
  const stdin = { contents, resolveDir: source, sourcefile: join(source, 'refused.tsx'), loader: 'tsx' };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false, alias, jsx: 'automatic', logLevel: 'error' });
  await page.setContent('<!doctype html><title>Refused</title><main></main>');
  await page.addScriptTag({ content: outputFiles[0].text });
  const asks = (value) => page.waitForFunction((value) => globalThis.asked.at(-1) === value, value);
  await page.getByRole('switch', { name: 'Enabled' }).click();
  await asks(true);
  await page.waitForFunction(() => !document.querySelector('[role=switch]').checked);
  await page.getByRole('checkbox', { name: 'Count them' }).click();
  await asks(false);
  await page.waitForFunction(() => document.querySelector('.box').checked);
  await page.getByRole('radio', { name: 'numbers' }).click();
  await asks('numbers');
  await page.waitForFunction(() => document.querySelector('[type=radio]:checked').value === 'texts');
  await page.getByLabel('Served').selectOption('bold');
  await asks('bold');
  await page.waitForFunction(() => document.querySelector('select').value === 'control');
});

test('what changes the size of what it follows does so in the next frame', async (t) => {
  const page = await own.tab(t);
  const entryPoints = [fileURLToPath(new URL('../../studio/src/ui/sized.ts', import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'iife', globalName: 'sized', write: false, logLevel: 'error' });
  await page.setContent('<!doctype html><title>Sized</title><div style="height: 10px"></div>');
  await page.addScriptTag({ content: outputFiles[0].text });
  const told = await page.evaluate(async () => {
    const loops = [];
    addEventListener('error', ({ message }) => loops.push(message));
    const box = document.querySelector('div');
    await new Promise((resolve) => {
      globalThis.sized.whenSized(box, () => {
        if (box.clientHeight === 40) return resolve();
        box.style.height = `${box.clientHeight + 10}px`;
      });
    });
    return loops;
  });
  assert.deepEqual(told, []);
});

test('what follows the size of something tells the browser of no loop', async (t) => {
  const page = await open(t, '#audiences?segment=eurozone');
  // An event of the window: it is no exception, and no console says it.
  await page.evaluate(() => addEventListener('error', ({ message }) => (globalThis.loops ??= []).push(message)));
  await page.setViewportSize({ width: 390, height: 480 });
  const field = page.getByRole('combobox', { name: 'Values of condition 1' });
  await field.focus();
  await page.getByRole('option', { name: /^GB/ }).waitFor();
  for (const height of [320, 640, 480]) await page.setViewportSize({ width: 390, height });
  await page.keyboard.type('G');
  await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menu').waitFor();
  await page.keyboard.press('Escape');
  await page.evaluate(() => (location.hash = 'results'));
  await page.locator('.results-chart svg').first().waitFor();
  for (const width of [1440, 600, 390]) {
    await page.setViewportSize({ width, height: 800 });
    // The plot is as wide as its place again.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.results-drawn')].every(
        (place) => place.closest('details:not([open])') || place.firstChild.clientWidth === place.clientWidth,
      ),
    );
  }
  assert.deepEqual(await page.evaluate(() => globalThis.loops ?? []), []);
});
