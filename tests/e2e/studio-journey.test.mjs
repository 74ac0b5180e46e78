// The whole way of somebody outside development, beside `make demo`'s shop, with its server and its studio: their own file of people, why somebody is
// left out, a segment, a flag that is ramped to it, who would move, a release that is approved and that the open shop takes, a result with a failed
// guardrail, the way back, and a flag that is turned off. Walked by pointer, by finger and by keyboard alone, at three widths.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Keyboard, Pointer } from './hands.mjs';
import { picture } from './pictures.mjs';
import { demo, judged, SIZES, studio, visit } from './studio.mjs';

/** Six weeks of an invented shop, as `waft report` writes them. */
const REPORT = fileURLToPath(new URL('../../studio/src/results/sample.json', import.meta.url));
const SURVEY = 'Tell us how you like the shop';

const own = studio();

/** 1,000 customers of another tool: half of them of Germany, of whom half are members, and a quarter each something else: no other choice is as many. */
const CUSTOMERS = `Customers of May;;;\nVisitor ID;Land;PLAN;Orders\n${Array.from(
  { length: 1_000 },
  (_, row) => `c-${row};${row % 2 ? 'DE' : 'US'};${row % 4 < 2 ? 'member' : row % 8 < 4 ? 'guest' : 'crew'};${row % 7}\n`,
).join('')}`;

/** The studio with the rules of its server, and the shop in another tab, as Anke sees it: a member from Germany. */
async function start(t, size, more) {
  const { site, server } = await demo(t, { args: ['--people', '2000'], folder: (made) => made.studio });
  writeFileSync(join(site.home, 'customers.csv'), CUSTOMERS);
  const context = await own.context(t, { viewport: SIZES[size], ...more });
  const shop = await context.newPage();
  await shop.goto(server.shop);
  await shop.locator('.shelf').waitFor();
  const page = await context.newPage();
  await visit(page, server, 'audiences', '[data-segment="eurozone"][data-matches]');
  return { site, page, shop };
}

const said = (page, text) => page.getByText(text).first().waitFor();
const dialog = (page) => page.locator('[role="dialog"], [role="alertdialog"]');

/** One's own people, with the headers of another tool; what is not known is said, until a column is named. */
async function sizes({ page, hand, site, look }) {
  await hand.file('Choose another file', join(site.home, 'customers.csv'));
  await page.waitForSelector('[data-segment="eurozone"][data-unknown="1000"]');
  await look('unknown');
  await hand.choose('Land', 'country');
  await page.waitForSelector('[data-segment="eurozone"][data-matches="500"][data-unknown="0"]');
}

async function asksWhy({ page, hand, look }) {
  await hand.press('link', /^eurozone/);
  await page.waitForSelector('[data-size="segment"][data-matches="500"]');
  await hand.tab('People');
  await hand.fill('Find a person', 'c-2');
  await hand.press('button', 'Why is this person in or out?');
  await page.waitForSelector('[data-verdict="false"]');
  assert.match(await dialog(page).textContent(), /Not in Shoppers in the euro area.*country/s);
  await look('why');
  await hand.leave();
  await dialog(page).waitFor({ state: 'detached' });
}

async function builds({ page, hand, look }) {
  await hand.press('button', 'New segment');
  await hand.fill('Who they are', 'German members');
  await hand.press('button', 'Make it');
  await page.waitForSelector('[data-segment="german-members"]', { state: 'attached' });
  await hand.choose('What condition 1 asks for', 'country');
  await hand.choose('Operator of condition 1', 'is');
  await hand.pick('Value of condition 1', 'DE');
  await hand.press('button', 'Add a condition');
  await hand.choose('What condition 2 asks for', 'plan');
  await hand.choose('Operator of condition 2', 'is');
  await hand.pick('Value of condition 2', 'member');
  await page.waitForSelector('[data-size="segment"][data-matches="250"]');
  await look('segment');
}

/** Everybody of the segment, since a day that is past whenever this runs. */
async function ramps({ page, hand, look, isNarrow }) {
  if (isNarrow) await hand.press('link', /All flags and segments/);
  await hand.press('link', /^survey/);
  await page.waitForSelector('.flag .share');
  await hand.press('button', 'Add a rule');
  await hand.choose('It', 'ramps a variant up');
  await hand.choose('For', 'segment german-members');
  await hand.date('Step 1 begins at (UTC)', '2026-01-05T08:30');
  // A fiftieth of them is asked already.
  await page.waitForFunction(() => {
    const moved = Number(document.querySelector('[data-moved]')?.dataset.moved);
    return moved > 200 && moved <= 250;
  });
  assert.match(await page.locator('[data-moved]').textContent(), /of 1,000 .*would get something else\..*off → on/s);
  await look('moved');
}

async function saves({ page, hand, look }) {
  await hand.press('button', 'Save…');
  await dialog(page).waitFor();
  await look('save');
  await hand.press('button', 'Save to the server');
  await said(page, 'Saved. Pages change once it is released.');
}

/** A step of Releases: its dialog, its reason, its key, and what came of it. */
async function acts({ page, hand }, name, told, { why, key, confirm = name } = {}) {
  await hand.press('button', name);
  await dialog(page).waitFor();
  if (key) {
    await hand.file(/^(Choose .*pem|Another key)/, key);
    await dialog(page).getByText('You sign with').waitFor();
  }
  if (why) await hand.fill('Why (optional)', why);
  await hand.press('button', confirm);
  await page.locator('[data-said]', { hasText: told }).waitFor();
  await dialog(page).waitFor({ state: 'detached' });
}

async function releases(way, key) {
  const { page, hand, shop, look } = way;
  const asked = shop.getByText(SURVEY);
  await hand.press('link', 'Releases');
  await acts(way, 'Propose the server’s rules instead', 'Version 4 is proposed', { why: 'ask our German members' });
  assert.match(await page.textContent('[data-list="effect"]'), /survey/);
  await look('proposed');
  await acts(way, 'Approve version 4', 'Version 4 has your signature', { key: key('approver') });
  assert.equal(await asked.count(), 0, 'an approval changes nothing');
  await acts(way, 'Publish version 4', 'Version 4 is live');
  await asked.waitFor();
  await look('live');
}

async function reads({ page, hand, look }) {
  await hand.press('link', 'Results');
  await hand.file('Open a report', REPORT);
  await hand.press('link', /^call-to-action/);
  await said(page, 'Guardrail failed: do not roll it out');
  await look('guardrail');
}

async function takesBack(way) {
  const { page, hand, shop, look } = way;
  await hand.press('link', 'Releases');
  await hand.tab(/^History/);
  await look('history');
  await acts(way, 'Roll back to version 2', 'The rules of version 2 are proposed again', { why: 'too many answers' });
  await hand.tab('Now');
  await acts(way, 'Approve version 5', 'Version 5 has your signature');
  assert.ok(await shop.getByText(SURVEY).isVisible(), 'a proposal changes nothing');
  await acts(way, 'Publish version 5', 'Version 5 is live');
  await shop.getByText(SURVEY).waitFor({ state: 'detached' });
  await page.getByText('Nothing is proposed').waitFor();
}

async function turnsOff(way, key) {
  const { hand, shop, look, page } = way;
  await shop.locator('.banner').waitFor();
  await hand.choose('Flag', 'banner');
  await acts(way, 'Turn off banner', 'banner is off for everybody', { key: key('kill'), why: 'a wrong date in it' });
  await shop.locator('.banner').waitFor({ state: 'detached' });
  await page.locator('[data-killed="banner"]').waitFor();
  await look('killed');
}

/** By what, at which width, and whether each state is judged: once for a width. */
const WAYS = [
  ['pointer', 1440, true],
  ['keyboard', 390, true],
  ['pointer', 1024, true],
  ['keyboard', 1440, false],
  ['finger', 390, false],
  ['keyboard', 1024, false],
];
/** Whoever changes the studio may want one of them: WAYS="keyboard 390". */
const wanted = process.env.WAYS;
const chosen = WAYS.filter(([by, size]) => !wanted || wanted === `${by} ${size}`);
if (!chosen.length) throw new Error(`WAYS="${wanted}" is none of ${WAYS.map(([by, size]) => `"${by} ${size}"`).join(', ')}`);

for (const [by, size, judges] of chosen) {
  test(`from one's own file to a flag that is turned off, by ${by} at ${size}`, async (t) => {
    const touches = by === 'finger';
    const { site, page, shop } = await start(t, size, touches ? { hasTouch: true, isMobile: true } : {});
    const hand = by === 'keyboard' ? new Keyboard(page) : new Pointer(page, { touches });
    const look = async (state) => judges && judged(page, `journey-${size}-${state}`);
    const way = { site, page, shop, hand, look, isNarrow: size === 390 };
    const key = (role) => join(site.keys, `${role}.pem`);
    const took = [];
    try {
      for (const step of [sizes, asksWhy, builds, ramps, saves, releases, reads, takesBack, turnsOff]) {
        const started = performance.now();
        await step(way, key);
        took.push(`${step.name} ${((performance.now() - started) / 1_000).toFixed(1)}`);
      }
    } catch (error) {
      // Where it stands still is seen sooner than said.
      await picture(page, `journey-${size}-${by}-failed`, { fullPage: false });
      throw error;
    } finally {
      t.diagnostic(`seconds: ${took.join(', ')}`);
    }
  });
}
