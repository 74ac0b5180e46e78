// A marketer's own file in the demo: what is found out, what is said of it, and that the page stays free and nothing leaves it.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { AXE, findings } from './axe.mjs';
import { launch, ready } from './browser.mjs';
import { assemble, serve, waft } from './site.mjs';

/** In every cell that must not leave. */
const SECRET = 'cell-of-somebody';

let site;
let browser;
let server;
let files;

before(async () => {
  site = assemble();
  files = mkdtempSync(join(tmpdir(), 'waft-audience-'));
  server = await serve(site);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  site?.remove();
  if (files) rmSync(files, { recursive: true });
});

async function open(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const requests = [];
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  context.on('request', (request) => requests.push(request));
  await page.goto(server.url);
  await ready(page);
  await page.evaluate(() => window.waft.flush());
  return { page, requests, errors };
}

/** Chooses a file and waits until it is read, or refused. */
async function choose(page, name, content) {
  const path = join(files, name);
  writeFileSync(path, content);
  await page.setInputFiles('#segments input[type=file]', path);
  await page.waitForFunction(
    (name) =>
      document.querySelector('#file-state')?.textContent.includes(name) &&
      !/^Reading/.test(document.querySelector('#file-state').textContent),
    name,
  );
}

const segment = (page, name) => page.$eval(`[data-segment="${name}"]`, ({ dataset, textContent }) => ({ ...dataset, text: textContent }));
const text = (page, selector) => page.$eval(selector, ({ textContent }) => textContent);

test('a file with wrong headers is matched, proposed, and changed by hand', async (t) => {
  const { page, errors } = await open(t);
  const rows = Array.from({ length: 50 }, (_, row) => `v${row};${row % 2 ? 'DE' : 'US'};member;${row},5;31.12.2025`);
  const csv = `Customers of May;;;;\nVisitor ID;Land;PLAN;orders total;Signed up at\n${rows.join('\n')}\nv50;DE\n`;
  await choose(page, 'kunden.csv', csv);
  assert.match(await text(page, '#file-written'), /CSV, UTF-8, separated by semicolons, 1 title row skipped \(“Customers of May”\)/);
  assert.match(await text(page, '#file-skipped'), /1 row skipped: 1 with too few fields/);
  assert.match(await text(page, '#file-skipped'), /Line 53: 2 fields, expected 5 as in the header v50 DE/);
  assert.equal(await page.isVisible('#file-stop'), false, 'nothing is being read');
  assert.match(await text(page, '#file-missing'), /country/);
  // Nobody has a country: that is not known, and no size of zero.
  assert.equal((await segment(page, 'eurozone')).unknown, '50');
  assert.match((await segment(page, 'eurozone')).text, /not known.*Not known of all: the file has no column country/);
  await page.selectOption('[data-column="Land"]', 'country');
  await page.waitForSelector('[data-segment="eurozone"][data-matched="25"][data-missed="25"]');
  await page.click('[data-propose="orders total"]');
  await page.waitForFunction(
    () =>
      /orders total/.test(document.querySelector('tr[data-matched="chosen"] + tr, tr[data-matched="chosen"]')?.textContent ?? '') ||
      document.querySelectorAll('tr[data-matched="chosen"]').length === 2,
  );
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(findings, '#segments'), []);
  assert.deepEqual(errors, []);
});

test('what is no file of people is refused with a remedy, and the page goes on', async (t) => {
  const { page } = await open(t);
  for (const [name, content, code] of [
    ['book.xlsx', Buffer.from('PK\x03\x04rest'), 'SPREADSHEET'],
    ['nothing.csv', '', 'EMPTY'],
    ['picture.csv', Buffer.from([0, 1, 2, 3, 0, 0, 200]), 'BINARY'],
  ]) {
    await choose(page, name, content);
    assert.equal(await page.getAttribute('#file-state [data-code]', 'data-code'), code);
    assert.equal(await page.$('[data-segment][data-rows]'), null);
  }
  await page.click('#sample');
  await page.waitForSelector('[data-segment][data-rows="5000"]');
});

test('a list file that is not here is asked for, and only the signed one is believed', async (t) => {
  const own = assemble();
  t.after(() => own.remove());
  const rules = join(files, 'rules');
  cpSync(fileURLToPath(new URL('../../examples/shop', import.meta.url)), rules, { recursive: true });
  const ids = Array.from({ length: 5_000 }, (_, id) => `v${id}`);
  writeFileSync(
    join(rules, 'early.yaml'),
    JSON.stringify({ lists: { early: { attribute: 'visitorId', ids } }, segments: { early: { list: 'early' } } }),
  );
  rmSync(own.snapshot);
  waft('build', rules, '--environment', 'production', '--version', '1', '--out', own.snapshot);
  for (const role of ['publisher', 'approver']) waft('sign', own.snapshot, '--key', join(own.keys, `${role}.pem`), '--role', role);
  const list = readdirSync(own.folder, { recursive: true }).find((name) => name.endsWith('.list') || name.includes('lists/'));
  const server = await serve(own);
  t.after(() => server.stop());
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(server.url);
  await ready(page);
  await choose(page, 'early.csv', 'visitorId\nv1\nv4999\nv5000\n');
  assert.match((await segment(page, 'early')).text, /not known.*Not known of all: the list early is not here/);
  const input = '#file-lists input[type=file]';
  await page.setInputFiles(input, join(files, 'early.csv'));
  await page.waitForFunction(() => /Not a list of these rules: early.csv/.test(document.querySelector('#file-lists').textContent));
  await page.setInputFiles(input, join(own.folder, list));
  await page.waitForSelector('[data-segment="early"][data-matched="2"][data-missed="1"][data-unknown="0"]');
  assert.equal(await page.$('#file-lists'), null);
});

test('a large file leaves the page free, tells how far it is, can be stopped, and no cell leaves', async (t) => {
  const { page, requests, errors } = await open(t);
  await page.evaluate(() => {
    globalThis.long = [];
    new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
    globalThis.said = [];
    new MutationObserver(() => globalThis.said.push(document.querySelector('#file-state').textContent)).observe(
      document.querySelector('#file-state'),
      { childList: true },
    );
  });
  const row = (number) => `${SECRET}-${number},DE,member,${number % 50},true,2025-01-01,3.1.0,${SECRET}@shop.example\n`;
  const csv = `visitorId,country,plan,orders,newsletter,signedUpAt,appVersion,email\n${Array.from({ length: 500_000 }, (_, number) => row(number)).join('')}`;
  const before = requests.length;
  await choose(page, 'large.csv', csv);
  await page.waitForSelector('[data-segment][data-rows="500000"]');
  const said = await page.evaluate(() => globalThis.said);
  assert.ok(
    said.some((line) => /people read, \d+ % of the file/.test(line)),
    said.join('\n'),
  );
  const long = await page.evaluate(() => globalThis.long);
  // A table of results is laid out once; what reads the file is elsewhere. Two seconds is what it took in the page.
  assert.ok(Math.max(0, ...long) < 200, `tasks of ${long} ms`);

  // It is there for a second or less, so the page itself clicks.
  await page.evaluate(() => {
    const watched = new MutationObserver(() => {
      const stop = document.querySelector('#file-stop');
      if (stop.checkVisibility()) stop.click();
    });
    watched.observe(document.querySelector('#segments'), { subtree: true, attributes: true, childList: true });
  });
  await page.setInputFiles('#segments input[type=file]', join(files, 'large.csv'));
  await page.waitForFunction(() => /Stopped/.test(document.querySelector('#file-state').textContent));
  assert.equal(await page.isVisible('#file-stop'), false);

  const sent = requests.slice(before);
  for (const request of sent) {
    assert.ok(request.method() === 'GET' || !String(request.postData()).includes(SECRET), `${request.method()} ${request.url()}`);
    assert.ok(!request.url().includes(SECRET) && request.url().startsWith(new URL(server.url).origin), request.url());
  }
  // Nor is it kept.
  const kept = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, databases.map(({ name }) => name), await caches.keys()]);
  });
  assert.ok(!kept.includes(SECRET), kept);
  assert.deepEqual(errors, []);
});
