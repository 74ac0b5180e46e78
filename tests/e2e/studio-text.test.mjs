// What somebody types and renames in the studio stays where they are: a text that cannot be read for a moment keeps its editor, a line above moves no
// cursor, what is renamed keeps the focus, and a click beside a form that is filled in throws nothing away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveStatic } from './static.mjs';
import { judged, SIZES, studio } from './studio.mjs';

const own = studio(serveStatic);

/** A place of the sample, whose people are counted. */
async function open(t, hash, size = 1440) {
  const page = await own.tab(t, { viewport: SIZES[size] });
  await page.goto(`${own.url}#${hash}`);
  await page.getByRole('button', { name: 'Try the sample' }).click();
  return page;
}

/** Replaces a part of the text as somebody would: it is selected, and typed over. Returns once the page has taken it. */
async function types(page, part, text) {
  const area = page.locator('.text-editor textarea');
  const whole = await area.inputValue();
  const from = whole.indexOf(part);
  assert.ok(from >= 0, `${part} is not in the text`);
  await area.evaluate((it, [start, end]) => it.setSelectionRange(start, end), [from, from + part.length]);
  await area.focus();
  await page.keyboard.insertText(text);
}

const isTyping = (page) => page.evaluate(() => document.activeElement?.matches('.text-editor textarea'));
const found = (page) => page.locator('.text-editor [data-finding="error"]').first().waitFor();

test('a flag whose text cannot be read for a moment keeps its editor and its last preview, and is changed by nothing else', async (t) => {
  const page = await open(t, 'audiences?flag=banner');
  await page.waitForSelector('.flag .share');
  const area = page.locator('.text-editor textarea');
  const before = await area.inputValue();
  await area.evaluate((it) => (it.dataset.mine = 'same'));
  await types(page, 'banner:', 'banner: [');
  await page.getByText('cannot be read at the moment').waitFor();
  await found(page);
  assert.equal(await area.getAttribute('data-mine'), 'same', 'it is the editor that was there');
  assert.ok(await isTyping(page), 'and it has the focus');
  // Who sees what, as it was; changing it would bring the old text back.
  await page.locator('.flag .share').first().waitFor();
  assert.ok(await page.locator('.flag [inert] .flag-rules').count());
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `text-unreadable-${name}`);
  }
  await page.setViewportSize(SIZES[1440]);
  await types(page, 'banner: [', 'banner:');
  await page.getByText('cannot be read at the moment').waitFor({ state: 'detached' });
  await page.waitForFunction(() => !document.querySelector('.text-editor [data-finding="error"], .flag [inert]'));
  assert.equal(await area.inputValue(), before);
  assert.equal(await area.getAttribute('data-mine'), 'same');

  // Another name, letter by letter: no flag is called so, and its text is there.
  await types(page, '  banner:', '  bannerette:');
  await page.getByText('No flag is called banner').waitFor();
  assert.ok(await isTyping(page));
  await types(page, '  bannerette:', '  banner:');
  await page.waitForSelector('.flag .share');
  assert.ok(await isTyping(page));
});

test('a segment keeps its text, too; a line that is typed above leaves the cursor where it is', async (t) => {
  const page = await open(t, 'audiences?segment=eurozone');
  await page.waitForSelector('[data-size="segment"][data-matches]');
  await page.getByText(/^The rules text/).click();
  const area = page.locator('.text-editor textarea');
  await area.evaluate((it) => (it.dataset.mine = 'same'));
  await types(page, 'eurozone:', 'eurozone: {');
  await page.getByText('cannot be read at the moment').waitFor();
  assert.ok(await isTyping(page));
  assert.equal(await area.getAttribute('data-mine'), 'same');
  assert.ok(await page.locator('#segment').count(), 'its size as it was');
  await judged(page, 'text-unreadable-segment');
  await types(page, 'eurozone: {', 'eurozone:');
  await page.waitForFunction(() => !document.querySelector('.panel [inert]'));

  const line = async () => Number(/line (\d+)/.exec(await page.textContent('main'))[1]);
  const was = await line();
  await types(page, 'segments:\n', '# ours\n# of May\nsegments:\n');
  await page.waitForFunction((wanted) => document.querySelector('main').textContent.includes(`line ${wanted}.`), was + 2);
  const [cursor, wanted] = await area.evaluate((it) => [it.selectionStart, it.value.indexOf('segments:\n') + 'segments:\n'.length]);
  assert.equal(cursor, wanted);
  assert.ok(await isTyping(page));
});

test('what is being typed is not lost by the way back, nor by a reload', async (t) => {
  const page = await open(t, 'audiences');
  await page.waitForSelector('.whom .share');
  const go = async (flag) => {
    await page.evaluate((key) => (location.hash = `#audiences?flag=${key}`), flag);
    await page.getByRole('heading', { name: flag }).first().waitFor();
  };
  const editor = page.locator('.text-editor textarea');
  await go('banner');
  await types(page, 'Welcome aboard!', 'Ahoy!');
  await page.goBack();
  await page.locator('[data-files-source]', { hasText: '1 changed file' }).waitFor();
  await page.goForward();
  assert.match(await editor.inputValue(), /Ahoy!/);

  await go('call-to-action');
  const [value, key] = [page.getByLabel('Value of bold'), page.getByLabel('Variant 2', { exact: true })];
  await value.fill('Cast off');
  await page.reload();
  await page.waitForFunction(() => document.querySelector('.text-editor textarea')?.value.includes('Cast off'));
  await key.fill('loud');
  await page.goBack();
  await page.goForward();
  await page.getByLabel('Value of loud').waitFor();
  assert.equal(await page.getByLabel('Value of loud').inputValue(), 'Cast off');
});

test('a variant is renamed by Enter and by leaving it, and the focus stays', async (t) => {
  const page = await open(t, 'audiences?flag=call-to-action');
  await page.waitForSelector('.flag .share');
  const field = page.getByLabel('Variant 2', { exact: true });
  const name = await field.inputValue();
  await field.fill('loud');
  await field.press('Enter');
  await page.getByLabel('Value of loud').waitFor();
  assert.ok(await field.evaluate((it) => it === document.activeElement));
  await page.waitForFunction(() => document.querySelector('.text-editor textarea')?.value.includes('loud:'));
  await field.fill(name);
  await field.press('Tab');
  await page.getByLabel(`Value of ${name}`).waitFor();
  assert.ok(await page.getByLabel(`Value of ${name}`).evaluate((it) => it === document.activeElement));
});

test('a segment is renamed wherever rules use it, and whoever did it is at its title', async (t) => {
  const page = await open(t, 'audiences?segment=eurozone');
  await page.waitForSelector('[data-size="segment"][data-matches]');
  await page.getByRole('button', { name: 'More for eurozone' }).press('Enter');
  await page.getByRole('menuitem', { name: /^Rename it/ }).press('Enter');
  await page.getByLabel('Name in the rules').fill('euro-area');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'More for euro-area' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.matches('#segment h2'));
  await page.waitForSelector('[data-segment="euro-area"][data-matches]');
  assert.equal(await page.locator('[data-segment="eurozone"]').count(), 0);
  assert.equal(await page.getByText('The rules have errors').count(), 0, 'flags follow');
  assert.match(page.url(), /segment=euro-area/);
});

test('a click beside New flag and New experiment keeps what is filled in; Escape and Cancel do not', async (t) => {
  const page = await open(t, 'audiences');
  await page.waitForSelector('.whom .share');
  await page.getByRole('button', { name: 'New flag' }).click();
  const dialog = page.getByRole('dialog', { name: 'New flag' });
  await dialog.getByLabel('Name', { exact: true }).fill('Gift wrapping');
  await page.mouse.click(3, 3);
  // Whatever a click would have closed is gone once the page has drawn the next thing that is asked of it.
  await dialog.getByLabel('What it changes').fill('Paper and a bow');
  assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'Gift wrapping');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});
