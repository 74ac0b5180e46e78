// The main job, end to end: the demo decides what `waft eval` decides, refuses what was tampered with, and each exposure is
// in the database exactly once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contextOf, launch, ready, shown } from './browser.mjs';
import { assemble, decide, query, serve } from './site.mjs';

let site;
let browser;

before(async () => {
  site = assemble();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  site?.remove();
});

/** A page of a new visitor, whose errors fail the test. */
async function open(url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(url);
  await ready(page);
  return { page, context, errors };
}

/** Compares the table with the native engine and answers the ids of the exposures that reading all flags makes. */
async function check(page) {
  const context = await contextOf(page);
  const expected = decide(site, context);
  const rows = await shown(page);
  assert.deepEqual(Object.keys(rows).sort(), Object.keys(expected).sort());
  for (const [flag, { value, variant, reason }] of Object.entries(expected)) {
    assert.deepEqual(rows[flag], { value, variant, reason }, `${flag} for ${JSON.stringify(context)}`);
  }
  return Object.values(expected).flatMap(({ exposures = [] }) => exposures.map(({ id }) => id));
}

/** Chooses a persona and waits until the page decides for it. */
async function choose(page, selector) {
  const earlier = JSON.stringify(await contextOf(page));
  await page.click(selector);
  await page.waitForFunction((earlier) => {
    const now = document.querySelector('[data-context]')?.dataset.context ?? '{}';
    return JSON.stringify(JSON.parse(now)) !== earlier;
  }, earlier);
}

test('each decision is the native one, and each exposure is stored exactly once', async () => {
  const server = await serve(site);
  const { page, errors } = await open(server.url);
  const expected = new Set(await check(page));
  const personas = await page.$$eval('[id^="persona-"]', (buttons) => buttons.map(({ id }) => `#${id}`));
  assert.ok(personas.length >= 3, 'several personas');
  for (const persona of personas) {
    const pressed = await page.$eval(persona, (button) => button.getAttribute('aria-pressed'));
    if (pressed !== 'true') await choose(page, persona);
    for (const id of await check(page)) expected.add(id);
  }
  // The last ones are read a moment before the page goes: they leave with it.
  await choose(page, '#visitor-random');
  for (const id of await check(page)) expected.add(id);
  await page.goto(new URL('/about.html', server.url).href);
  // A second visit of the same browser sees the same people: nothing new is counted.
  await page.goto(server.url);
  await ready(page);
  for (const id of await check(page)) expected.add(id);
  await page.evaluate(() => window.waft.flush());
  await page.close();
  assert.equal(await server.stop(), 0);

  const rows = await query(site, 'SELECT id, receipts FROM exposures');
  assert.ok(expected.size >= 4, `${expected.size} exposures were made`);
  assert.deepEqual(rows.map(({ id }) => id).sort(), [...expected].sort());
  assert.deepEqual(errors, []);
});

test('a snapshot with one byte flipped is refused with its code, and the last good rules go on', async () => {
  const server = await serve(site);
  const { page } = await open(server.url);
  const earlier = await shown(page);
  await page.click('#tamper');
  await page.waitForSelector('#refusal[data-code]:not([data-code=""])');
  const code = await page.$eval('#refusal', ({ dataset }) => dataset.code);
  assert.match(code, /^(MALFORMED|BAD_SIGNATURE|DIGEST_MISMATCH|UNKNOWN_KEY|ROLE_MISSING)$/);
  assert.deepEqual(await shown(page), earlier);
  assert.equal(await page.evaluate(() => window.waft.snapshot.version), 2);
  await check(page);
  await page.context().close();
  await server.stop();
});

test('what is tampered with is what the choice says', async () => {
  const server = await serve(site);
  const { page } = await open(server.url);
  /** Of what the bytes are, by their refusals: the header is read before signatures are, the rest of the manifest is not. */
  const codes = {
    'the rules': /^DIGEST_MISMATCH$/,
    'a signature': /^BAD_SIGNATURE$/,
    'the manifest': /^BAD_SIGNATURE$/,
    'the header': /^(BAD_SIGNATURE|MALFORMED)$/,
  };
  for (const [part, expected] of Object.entries(codes)) {
    await page.selectOption('#tamper-part', part);
    // Bytes are chosen by chance.
    for (let times = 0; times < 6; times++) {
      await page.evaluate(() => document.querySelector('#refusal').replaceChildren());
      await page.click('#tamper');
      await page.waitForFunction(() => document.querySelector('#refusal').childElementCount > 0);
      assert.match(await page.getAttribute('#refusal', 'data-code'), expected, `${part}: ${await page.textContent('#refusal')}`);
    }
  }
  await page.context().close();
  await server.stop();
});

test('typing a visitor counts nobody, until somebody says so', async () => {
  const server = await serve(site);
  const { page } = await open(server.url);
  await page.evaluate(() => window.waft.flush());
  const made = () => page.evaluate(() => window.waft.status().sent + window.waft.status().queued);
  const earlier = await made();
  await page.click('#visitor summary');
  await page.fill('#attribute-visitorId', 'typed-by-hand');
  assert.equal((await contextOf(page)).visitorId, 'typed-by-hand');
  await check(page);
  assert.equal(await page.isChecked('#counts'), false);
  assert.equal(await made(), earlier);
  await page.check('#counts');
  await page.waitForFunction((earlier) => window.waft.status().sent + window.waft.status().queued > earlier, earlier);
  await page.context().close();
  await server.stop();
});

test('exposures made while the collector is away are sent by the next page', async () => {
  const server = await serve(site);
  const { page, context } = await open(server.url);
  await page.evaluate(() => window.waft.flush());
  await server.stop();
  await choose(page, '#visitor-random');
  const made = await check(page);
  await page.close();

  const again = await serve(site, server.port);
  const next = await context.newPage();
  await next.goto(new URL('/', again.url).href);
  await ready(next);
  await next.evaluate(() => window.waft.flush());
  await context.close();
  await again.stop();
  const stored = new Set((await query(site, 'SELECT id FROM exposures')).map(({ id }) => id));
  for (const id of made) assert.ok(stored.has(id), `${id} was lost`);
});

test('the segments of the sample are counted, everybody once', async () => {
  const server = await serve(site);
  const { page } = await open(server.url);
  await page.click('#sample');
  await page.waitForSelector('[data-segment][data-rows="5000"]');
  const counts = await page.$$eval('[data-segment]', (rows) =>
    rows.map(({ dataset }) => [dataset.segment, Number(dataset.matched), Number(dataset.missed), Number(dataset.unknown)]),
  );
  assert.ok(counts.length >= 4);
  for (const [name, matched, missed, unknown] of counts) {
    assert.equal(matched + missed + unknown, 5_000, name);
    assert.ok(matched > 0, `nobody is in ${name}`);
  }
  await page.context().close();
  await server.stop();
});

test('results come live, with the state of the sample ratio, and the whole report is a page', async () => {
  const server = await serve(site);
  const { page, errors } = await open(server.url);
  await check(page);
  await page.evaluate(() => window.waft.flush());
  // Sums of the panel are those of the collector.
  const report = await (await fetch(new URL('/api/report', server.url))).json();
  const met = report.studies.filter(({ arrival }) => arrival.exposures > 0);
  assert.ok(met.length >= 2, 'an experiment and the holdout were met');
  for (const { name, arms, sampleRatio } of met) {
    for (const { variant, units } of arms) {
      await page.waitForFunction(
        ([count, units]) => document.querySelector(`[data-count="${count}"]`)?.textContent === String(units),
        [`${name}/${variant}`, units],
      );
    }
    assert.equal(await page.getAttribute(`[data-split="${name}"]`, 'data-alarm'), String(sampleRatio.alarm));
  }
  await page.click('#results a');
  await page.waitForSelector('article h2');
  assert.equal(await page.title(), 'Results of shop/production');
  assert.deepEqual(errors, []);
  await page.context().close();
  await server.stop();
});
