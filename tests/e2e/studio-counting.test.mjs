// While a changed draft is compiled and counted, figures of the rules before it are marked as that, wherever the studio shows them. The worker is the real
// one: only its questions are held up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { picture } from './pictures.mjs';
import { serveStatic } from './static.mjs';
import { studio } from './studio.mjs';

const own = studio(serveStatic);

/** Runs in the page before its scripts: questions of these kinds wait on their way to the worker while `held` is true. */
function holding() {
  const Real = globalThis.Worker;
  const waiting = [];
  globalThis.held = false;
  globalThis.release = () => {
    globalThis.held = false;
    for (const send of waiting.splice(0)) send();
  };
  const KINDS = ['count', 'countCondition', 'decide', 'trial', 'diff', 'breakdown', 'overlap', 'people', 'explain'];
  globalThis.Worker = class extends Real {
    postMessage(request, ...more) {
      const send = () => super.postMessage(request, ...more);
      if (globalThis.held && KINDS.includes(request?.member)) waiting.push(send);
      else send();
    }
  };
}

test('figures of the rules before a change are marked, wherever they are shown, until the new ones are there', async (t) => {
  const page = await own.tab(t);
  await page.addInitScript(holding);
  await page.goto(`${own.url}#audiences?segment=eurozone`);
  await page.getByRole('button', { name: 'Try the sample' }).click();
  const marked = (where) => page.waitForSelector(`${where}[data-counting]`);
  const plain = async (where) => {
    await page.waitForSelector(where);
    await page.waitForFunction(() => document.querySelector('[data-counting]') === null);
  };
  const hold = () => page.evaluate(() => (globalThis.held = true));
  const release = () => page.evaluate(() => globalThis.release());
  const go = (hash) => page.evaluate((hash) => (location.hash = hash), hash);
  await page.waitForSelector('[data-segment="eurozone"][data-matches]');
  await page.waitForSelector('[data-flag="banner"] .share');
  await plain('[data-size="segment"][data-matches]');
  const before = await page.getAttribute('[data-size="segment"]', 'data-matches');

  // A value goes: fewer people match. The list, the segment, its parts and its breakdown say that they are being counted.
  await hold();
  await page.locator('.token-remove').first().click();
  await marked('.counted:has(> [data-size="segment"])');
  await marked('.counted:has(> .rows > [data-segment])');
  await marked('.counted:has(> .rows > [data-flag])');
  await marked('.counted:has(> .table)');
  await page.waitForFunction(() => [...document.querySelectorAll('.counting')].every((one) => getComputedStyle(one).opacity === '1'));
  await picture(page, 'audiences-counting-1440');
  await release();
  await page.waitForFunction((before) => document.querySelector('[data-size="segment"]')?.dataset.matches !== before, before);
  await plain('[data-size="segment"]');
  const after = await page.getAttribute('[data-segment="eurozone"]', 'data-matches');
  assert.equal(after, await page.getAttribute('[data-size="segment"]', 'data-matches'));

  // What is narrowed meanwhile is counted all the same.
  await hold();
  await page.keyboard.press('Control+z');
  await marked('.counted:has(> .rows > [data-flag])');
  await page.getByLabel('Search flags and segments').fill('banner');
  await release();
  await page.getByLabel('Search flags and segments').fill('');
  await plain('[data-size="segment"]');

  // A flag: who sees what, and who would see something else.
  await go('audiences?flag=gift-wrap');
  await page.waitForSelector('.flag .share');
  await page.click('.flag-rule[data-rule="ramp"] .flag-told');
  await hold();
  await page.getByLabel('For', { exact: true }).selectOption('segment newcomers');
  await marked('.flag .counted:has(> .share)');
  await marked('.flag .counted:has(> .flag-reached)');
  await release();
  await page.waitForSelector('[data-moved]');
  await plain('.flag .share');
  // Another moment: what was counted of the one before is marked, too.
  await hold();
  await page.click('.flag-time button:has-text("Before ")');
  await marked('.flag .counted:has(> .share)');
  await marked('.flag .counted:has(> .flag-reached)');
  await marked('.flag .counted:has(> [data-moved])');
  await page.waitForFunction(() => [...document.querySelectorAll('.counting')].every((one) => getComputedStyle(one).opacity === '1'));
  await picture(page, 'flag-counting-1440');
  await release();
  await plain('.flag .share');
  await page.getByLabel('For', { exact: true }).selectOption('segment regulars');

  // One visitor.
  await go('preview');
  await plain('[data-key=banner]');
  await hold();
  await page.click('.person:has-text("Luc")');
  await marked('.counted:has(> .figure)');
  await marked('.counted:has(> .table)');
  await release();
  await plain('[data-key=banner]');

  // The draft, compared with what was opened.
  await go('releases');
  await plain('#draft .counted [data-list="draft-changes"]');
  await hold();
  await page.click('h1');
  await page.keyboard.press('Control+z');
  await marked('#draft .counted');
  await release();
  await plain('#draft .counted [data-list="draft-changes"]');
});
