// The studio's flag editor: a flag is ramped to a segment, and who moves is seen before anybody does; what an experiment takes; traffic; the text beside it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveStatic } from './static.mjs';
import { accessible, studio } from './studio.mjs';

const SIZES = [1440, 1024, 390];

const own = studio(serveStatic);

/** A flag of the sample, once its people are counted. */
async function open(t, flag, options = {}) {
  const page = await own.tab(t, options);
  // Between the steps of the shop's ramps, whenever this runs.
  await page.clock.setFixedTime('2026-11-30T08:00Z');
  await page.goto(`${own.url}#audiences?flag=${flag}`);
  await page.click('text=Try the sample');
  await page.waitForSelector('.flag .share', { timeout: 60_000 });
  return page;
}

const panel = (page, title) => page.locator('section.panel', { has: page.locator(`h2:has-text("${title}")`) });

async function judged(page, name) {
  await accessible(page, `flag-${name}`, '.flag');
  const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= shown, `${name}: ${wide} px on a page of ${shown}`);
}

test('a ramp is given to a segment, and who would move is told, at every size', async (t) => {
  const page = await open(t, 'gift-wrap');
  await page.waitForSelector('text=The draft is as the rules were opened');
  await page.click('.flag-rule[data-rule="ramp"] .flag-told');
  const line = await page.getAttribute('.flag-ramp', 'aria-label');
  assert.match(line, /10\s% from 2026-11-10, 30\s% from 2026-11-20, 60\s% from 2026-12-04, 100\s% once it may/);
  await page.getByLabel('For', { exact: true }).selectOption('segment newcomers');
  await page.waitForFunction(() => Number(document.querySelector('[data-moved]')?.dataset.moved) > 0);
  assert.match(await panel(page, 'Who sees what').textContent(), /of 20,000 .*would get something else\..*on → off/s);
  assert.match(await page.textContent('.flag-rule[data-rule="ramp"]'), /If in segment newcomers: ramp up on to 10 %, 30 %, 60 %, 100 %/);
  for (const width of SIZES) {
    await page.setViewportSize({ width, height: 900 });
    await judged(page, `ramp-${width}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.click('h1');
  await page.keyboard.press('Control+z');
  await page.waitForSelector('text=The draft is as the rules were opened');
});

test('time is moved by keyboard, and each date of the rules is a step away', async (t) => {
  const page = await open(t, 'gift-wrap');
  const on = () =>
    page.$eval('.flag .share .bar', (bar) => Number(/([\d,]+) on/.exec(bar.getAttribute('aria-label'))[1].replaceAll(',', '')));
  const now = await on();
  await page.click('.flag-time button:has-text("Before 2026-11-20")');
  await page.waitForFunction(() => /2026-11-20 07:59 UTC/.test(document.querySelector('.flag-time').textContent));
  // A tenth of them, where it is three tenths now.
  await page.waitForFunction(
    (now) =>
      Number(/([\d,]+) on/.exec(document.querySelector('.flag .share .bar').getAttribute('aria-label'))[1].replaceAll(',', '')) < now / 2,
    now,
  );
  await page.focus('.flag-time input[type=range]');
  const before = await page.textContent('.flag-time');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((before) => document.querySelector('.flag-time').textContent !== before, before);
});

test('a plan has no figure without what it needs, and then days by the interval of the report', async (t) => {
  const page = await open(t, 'call-to-action');
  const plan = panel(page, 'How long');
  await plan.locator('text=Needs eligible units a day, the rate today').waitFor();
  assert.equal(await plan.locator('.flag-plan').count(), 0);
  // The last report knows who comes and what the control has.
  await plan.getByRole('button', { name: 'Take from the last report' }).click();
  await page.waitForFunction(() => /visitors enter a day/.test(document.body.textContent));
  assert.ok(Number(await plan.getByLabel('Eligible visitors a day').inputValue()) > 100);
  await plan.getByLabel('Eligible visitors a day').fill('4000');
  await plan.getByLabel('purchase: rate today').fill('11');
  await plan.locator('text=2,400 visitors enter a day').waitFor();
  const told = await plan.textContent();
  assert.match(told, /2,400 visitors enter a day, and count after 7 days/);
  const { days } = /(?<days>\d+) days find a change of 4\s% with 80\s% power/.exec(told).groups;
  await plan.getByLabel('Smallest change that matters').fill('10');
  await page.waitForFunction(
    (days) => Number(/(\d+) days find a change of 10\s%/.exec(document.body.textContent)?.[1] ?? 1e9) < days,
    Number(days),
  );
  const traffic = panel(page, 'Experiment call-to-action');
  assert.match(
    await traffic.locator('.flag-bar').first().getAttribute('aria-label'),
    /Layer checkout: call-to-action 0%–60%, checkout 60%–100%/,
  );
  await judged(page, 'plan-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await judged(page, 'plan-390');
});

test('what the sample found is offered for rules of the sample alone', async (t) => {
  const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url));
  const files = Object.fromEntries(
    readdirSync(shop, { recursive: true })
      .filter((file) => /\.yaml$|^lists\//.test(file))
      .map((file) => [file, readFileSync(join(shop, file), 'utf8')]),
  );
  const page = await own.tab(t);
  await page.addInitScript(
    (kept) => localStorage.setItem('waft-studio.draft', kept),
    JSON.stringify({ source: { kind: 'files', name: 'own' }, base: files, files }),
  );
  // The results show the sample, as there is no collector.
  await page.goto(`${own.url}#results`);
  await page.waitForSelector('.results-study');
  assert.match(await page.textContent('.results-opened'), /Sample data/);
  await page.evaluate(() => (location.hash = 'audiences?flag=call-to-action'));
  const plan = panel(page, 'How long');
  await plan.locator('text=Needs eligible units a day, the rate today').waitFor();
  assert.equal(await plan.getByRole('button', { name: 'Take from the last report' }).count(), 0);
});

test('a field changes its own line of the text, which is beside it with what is wrong', async (t) => {
  const page = await open(t, 'call-to-action');
  await panel(page, 'Variants').getByLabel('Value of bold').fill('Set sail now');
  await page.waitForFunction(() => document.querySelector('.flag .text-editor textarea')?.value.includes('bold: "Set sail now"'));
  assert.match(await page.inputValue('.flag .text-editor textarea'), /# The words on the big button/);
  // Another experiment has 60 % to 100 %.
  await panel(page, 'Experiment call-to-action').getByLabel('Ranges in checkout').fill('0%-70%');
  await page.waitForSelector('.findings');
  assert.match(await page.textContent('.findings'), /checkout/);
});

test('a decimal and a negative number are what they were typed as, key by key', async (t) => {
  const page = await open(t, 'free-shipping-from');
  const value = panel(page, 'Variants')
    .getByLabel(/^Value of/)
    .first();
  for (const typed of ['1.5', '-2', '1.05']) {
    await value.click({ clickCount: 3 });
    // With a pause behind each key, what was typed so far counts already.
    await page.keyboard.type(typed, { delay: 700 });
    await value.blur();
    assert.equal(await value.inputValue(), typed);
    await page.waitForFunction((text) => document.querySelector('.flag .text-editor textarea')?.value.includes(`: ${text}`), typed);
  }
});

test('a part of the page that cannot be loaded says so, and the rest stays', async (t) => {
  const page = await own.tab(t);
  await page.route(/\/(search|bar|environment|more)-[^/]*\.js$/, (route) => route.abort());
  await page.goto(`${own.url}#audiences`);
  await page.click('text=Try the sample');
  for (const name of ['Opening and saving', 'Environment', 'The menu']) await page.getByText(`${name} could not be loaded.`).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByText('Search could not be loaded.').waitFor();
  assert.equal(await page.locator('nav.places a').count(), 4);
});
