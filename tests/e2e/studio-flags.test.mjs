// Flags and experiments made and changed without their text: a flag, an experiment of it, a variant, a split of what runs, a new phase; each is undone again.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serveStatic } from './static.mjs';
import { accessible, SIZES, studio } from './studio.mjs';

const own = studio(serveStatic);

/** A place of the sample, whose people are counted. */
async function open(t, hash, before = undefined) {
  const page = await own.tab(t);
  if (before) await page.addInitScript(before);
  await page.goto(`${own.url}#${hash}`);
  await page.click('text=Try the sample');
  await page.waitForSelector('.whom .share', { timeout: 60_000 });
  return page;
}

const panel = (page, title) => page.locator('section.panel', { has: page.locator(`h2:has-text("${title}")`) });
/** What the editor below a flag has. */
const SHOWN = "(document.querySelector('.flag .text-editor textarea')?.value ?? '')";
const shownText = (page) => page.evaluate(SHOWN);
const textHas = (page, text) => page.waitForFunction(`${SHOWN}.includes(${JSON.stringify(text)})`);

async function judged(page, name, part = '.flag') {
  await accessible(page, `edit-${name}`, part);
  const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= shown, `${name}: ${wide} px on a page of ${shown}`);
}

async function atEachSize(page, name, part) {
  for (const size of [1440, 390]) {
    await page.setViewportSize(SIZES[size]);
    await judged(page, `${name}-${size}`, part);
  }
  await page.setViewportSize(SIZES[1440]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await judged(page, `${name}-dark`, part);
  await page.emulateMedia({ colorScheme: 'light' });
}

test('a flag and an experiment of it are made by keyboard, counted, and undone', async (t) => {
  const page = await open(t, 'audiences');
  await page.getByRole('button', { name: 'New flag' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New flag' });
  await dialog.waitFor();
  await atEachSize(page, 'new-flag', '.veil');
  // Whatever was looked at meanwhile, the first field has the focus.
  await page.waitForFunction(() => document.activeElement?.labels?.[0]?.textContent === 'Name');
  await page.keyboard.type('Gift message');
  await dialog.getByText('In the rules and in the code: gift-message').waitFor();
  await dialog.getByLabel('What it changes').fill('A line of text on the parcel');
  await dialog.getByText('Texts').click();
  await dialog.getByLabel('What it changes').press('Enter');
  await page.waitForSelector('.flag-title:has-text("gift-message")');
  await textHas(page, 'description: A line of text on the parcel');
  await page.waitForFunction(() => /20,000 control/.test(document.querySelector('.flag .share')?.textContent ?? ''));

  // The first rule of a flag that has none; and back.
  await panel(page, 'Rules').getByRole('button', { name: 'Add a rule' }).press('Enter');
  await page.waitForSelector('.flag-rule[data-rule="new-rule"]');
  await page.click('h1');
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => !document.querySelector('[data-rule]'));

  await panel(page, 'Variants').getByLabel('New variant').fill('long');
  await panel(page, 'Variants').getByRole('button', { name: 'Add variant' }).press('Enter');
  await textHas(page, 'long:');
  await page.waitForFunction(() => document.querySelectorAll('.flag-variant').length === 3);

  await panel(page, 'Rules').getByRole('button', { name: 'New experiment' }).press('Enter');
  const asked = page.getByRole('dialog', { name: 'New experiment of gift-message' });
  await asked.waitFor();
  await asked.getByLabel('Split: long').waitFor();
  assert.deepEqual(await asked.getByLabel(/^Split: /).evaluateAll((fields) => fields.map(({ value }) => value)), [
    '33.34',
    '33.33',
    '33.33',
  ]);
  // Another experiment has each part of the layer at the till.
  assert.match(await asked.getByLabel('Shares traffic with others').textContent(), /layer search, 80%-100% is free/);
  await asked.getByLabel('Hypothesis').fill('More words, more presents');
  await asked.getByLabel('For', { exact: true }).selectOption('newcomers');
  await atEachSize(page, 'new-experiment', '.veil');
  await asked.getByRole('button', { name: 'Make it' }).press('Enter');
  await page.waitForSelector('[data-phase="1"]');
  assert.match(await page.textContent('.flag-rule[data-rule="gift-message"]'), /If in segment newcomers: experiment gift-message/);
  // It begins tomorrow: nobody is taken yet, and then all of them. What is to come needs no new phase.
  assert.equal(await page.locator('[data-next-phase]').count(), 0);
  await page.waitForSelector('.flag-reached[data-taken="0"]');
  await page.click('.flag-time button:has-text("To ")');
  await page.waitForFunction(() => Number(document.querySelector('.flag-reached')?.dataset.taken) > 0);
  const told = await page.textContent('.flag-reached');
  assert.match(told, /planned 100\s%/);
  assert.match(told, /control 3\d(\.\d)?\s%, planned 33\.3\s%/);
  await page.getByText('A new flag: nobody had it before.').waitFor();
  await atEachSize(page, 'made');

  await page.click('h1');
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => !document.querySelector('[data-phase]'));
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => document.querySelectorAll('.flag-variant').length === 2);
  await page.keyboard.press('Control+z');
  await page.waitForSelector('text=No flag is called gift-message');
  await page.keyboard.press('Control+Shift+z');
  await page.waitForSelector('.flag-title:has-text("gift-message")');
});

test('a split of a phase that runs is a finding, and a new phase with it is none', async (t) => {
  const page = await open(t, 'audiences?flag=call-to-action');
  const experiment = panel(page, 'Experiment call-to-action');
  await experiment.locator('[data-phase="2"]').waitFor();
  assert.match(
    await experiment.locator('[data-phase="1"]').textContent(),
    /over.*2026-10-01 to 2026-10-20, 10% of people: control 50%, bold 50%/,
  );
  const running = experiment.locator('[data-phase="2"]');
  assert.match(await running.textContent(), /running/);
  const field = (name) => running.getByLabel(`Split: ${name}`);
  // Not 100 %: the compiler says what to add, beside it.
  await field('bold').fill('30');
  await field('bold').press('Enter');
  await running.locator('[data-code="SPLIT_SUM"]').waitFor();
  assert.match(await running.textContent(), /split weights sum to 80%, expected 100%: add 20% to one variant/);
  await judged(page, 'split-sum-wide');
  await field('control').fill('70');
  await field('control').press('Enter');
  await experiment.locator('.error-note:has-text("PHASE_NEEDED")').waitFor();
  assert.match(
    await experiment.locator('.error-note').textContent(),
    /the split of phase 2 of the experiment `call-to-action` changed after it started.*end the phase and append a new one/s,
  );
  await page.waitForSelector('.flag-warning:has-text("the split of phase 2 changes")');
  await atEachSize(page, 'split-of-running');

  await experiment.getByRole('button', { name: 'Make this phase 3' }).press('Enter');
  await experiment.locator('[data-phase="3"]').waitFor();
  await page.waitForFunction(() => !document.querySelector('.error-note'));
  assert.deepEqual(
    await experiment
      .locator('[data-phase="2"], [data-phase="3"]')
      .getByLabel(/^Split: /)
      .evaluateAll((fields) => fields.map(({ value }) => value)),
    ['50', '50', '70', '30'],
  );
  const text = await shownText(page);
  assert.match(text, /# The words on the big button/);
  await page.waitForSelector('[data-anew="3"]');
  assert.match(await page.textContent('[data-anew="3"]'), /Phase 3 of call-to-action divides people anew.*get another value/s);
  await atEachSize(page, 'new-phase');

  // One change is one step back.
  await page.click('h1');
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => !document.querySelector('[data-phase="3"]'));
  await page.waitForSelector('.error-note:has-text("PHASE_NEEDED")');
});

test('whom an experiment takes is told against what its rule and layer plan', async (t) => {
  const page = await open(t, 'audiences?flag=call-to-action');
  await page.waitForSelector('.flag-reached');
  const { admitted, taken } = await page.$eval('.flag-reached', ({ dataset }) => dataset);
  const told = await page.textContent('.flag-reached');
  // Our crew is served before, and the layer has another experiment in two fifths.
  assert.match(told, /an earlier rule or a target decides/);
  assert.match(told, /planned 60\s%.*control.*planned 50\s%.*bold.*planned 50\s%/s);
  assert.ok(Math.abs(taken / admitted - 0.6) < 0.02, `${taken} of ${admitted}`);
  assert.ok(Number(admitted) < 20_000);
});

test('eligible units a day are counted by a date of the file, and what is typed counts again', async (t) => {
  const page = await open(t, 'audiences?flag=call-to-action');
  const plan = panel(page, 'How long');
  await plan.getByLabel('or counted by a date').selectOption('signedUpAt');
  await plan.locator('[data-inflow]').waitFor();
  const perDay = Number(await plan.locator('[data-inflow]').getAttribute('data-inflow'));
  assert.ok(perDay > 0);
  assert.equal(await plan.getByLabel('Eligible visitors a day').inputValue(), String(Math.round(perDay)));
  assert.match(
    await plan.locator('[data-inflow]').textContent(),
    /a day by signedUpAt, over 28 days from 20\d\d-\d\d-\d\d: [\d,]+ to [\d,]+ on one day; [\d,]+ have no date/,
  );
  await judged(page, 'inflow-wide');
  await plan.getByLabel('Eligible visitors a day').fill('4000');
  await plan.locator('text=2,400 visitors enter a day').or(plan.locator('text=Needs the rate today')).first().waitFor();
  assert.equal(await plan.getByLabel('or counted by a date').inputValue(), '');
});

const OWN = `project: shop
environments: { production: {}, staging: {} }
attributes: { visitorId: string }
units: { visitor: { attribute: visitorId } }
flags:
  footer:
    type: boolean
    whenOff: off
    rules: # everywhere else
      - { id: ramp, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-11-16T08:00Z }, { to: 20%, after: 14d }] }
    default: off
    in:
      production:
        rules:
          - { id: ramp, ramp: on, unit: visitor, steps: [{ to: 40%, at: 2026-11-02T08:00Z }] } # of our own
`;

test('an environment that has rules of its own is drawn, counted and changed by those', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waft-own-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'waft.yaml'), OWN);
  const page = await open(t, 'audiences', () => {
    delete window.showDirectoryPicker;
  });
  await page.getByRole('button', { name: 'Open…' }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('dialog').getByRole('button', { name: 'Choose a folder…' }).click();
  await (await chooser).setFiles(folder);
  await page.click('li[data-flag="footer"] a');
  await page.waitForSelector('[data-replaced]');
  assert.match(await page.textContent('[data-replaced]'), /In production it has its own rules: changes here are for production alone/);
  await page.click('.flag-rule[data-rule="ramp"] .flag-told');
  assert.match(await page.getAttribute('.flag-ramp', 'aria-label'), /^Share over time: 40\s% from 2026-11-02$/);
  // Of the people in hand, four in ten: as it is drawn.
  await page.waitForSelector('.flag-reached');
  const { admitted, taken } = await page.$eval('.flag-reached', ({ dataset }) => dataset);
  assert.ok(Math.abs(taken / admitted - 0.4) < 0.02, `${taken} of ${admitted}`);
  assert.match(await page.textContent('.flag-reached'), /planned 40\s%/);
  await judged(page, 'own-wide');
  // What is changed is the environment's.
  await page.getByLabel('Step 1: share').fill('45');
  await page.getByLabel('Step 1: share').press('Enter');
  await textHas(page, 'to: 45%');
  const text = await shownText(page);
  assert.match(text, /to: 5%, at: 2026-11-16T08:00Z .*to: 20%, after: 14d/);
  assert.match(text, /to: 45%, at: 2026-11-02T08:00Z.*# of our own/);
  await page.waitForFunction(() => /45\s% from 2026-11-02/.test(document.querySelector('.flag-ramp')?.getAttribute('aria-label') ?? ''));
});

test('a flag whose text has an error keeps its last figures apart, and says what is wrong', async (t) => {
  const page = await open(t, 'audiences?flag=gift-wrap');
  await page.click('.flag-rule[data-rule="ramp"] .flag-told');
  await page.getByLabel('Step 2: share').fill('5');
  await page.getByLabel('Step 2: share').press('Enter');
  // In place, where it is written.
  await page.locator('.flag-rule[data-rule="ramp"] [data-code="RAMP_FALLS"]').waitFor();
  assert.match(await page.textContent('.flag-rule[data-rule="ramp"] .flag-found'), /a ramp only rises/);
  await judged(page, 'error-wide');
});
