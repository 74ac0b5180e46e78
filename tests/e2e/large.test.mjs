// A file of people that is larger than what a page may hold: it is read as a stream, so that the page's process never has more than its columns.
// LARGE=2000 reads one of 2,000 MB.
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { serveStatic } from './static.mjs';

const MB = 1_000_000;
const LARGE = Number(process.env.LARGE ?? 1_000) * MB;
/** What the page may hold at its peak: its columns, its own code and the browser's, and what it has read and not yet thrown away. */
const MOST = 400 * MB;

let site;
before(async () => {
  site = await serveStatic();
});
after(() => site?.stop());

/** The sample, counted, in a browser of its own: a process that had another page before has held what that held. */
async function open(t) {
  const browser = await launch();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${site.url}#audiences`);
  await page.getByRole('button', { name: 'Try the sample' }).click();
  await page.waitForSelector('[data-segment="eurozone"][data-matches]');
  return { browser, page, errors };
}

/** The most memory that a process of pages has held, in bytes. */
async function peak(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return Math.max(
    ...processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]) * 1_024),
  );
}

/** Chooses a file of so many bytes, made of one block again and again: the browser keeps that once. Returns how many people are in it. */
const choose = (page, bytes) =>
  page.evaluate((bytes) => {
    const rows = Array.from({ length: 10_000 }, (_, row) => `v${row},${row % 2 ? 'DE' : 'US'},member,${row % 50},${'x'.repeat(1_960)}\n`);
    const block = new Blob(rows);
    const blocks = Math.ceil(bytes / block.size);
    const file = new File(['visitorId,country,plan,orders,comment\n', ...Array(blocks).fill(block)], 'large.csv');
    const input = document.querySelector('#people input[type=file]');
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    return [blocks * rows.length, file.size];
  }, bytes);

test('a file larger than memory is read whole, and the page holds its columns alone', async (t) => {
  const { browser, page, errors } = await open(t);
  const started = performance.now();
  const [people, size] = await choose(page, LARGE);
  await page.waitForSelector(`[data-segment="eurozone"][data-matches="${people / 2}"]`, { timeout: 300_000 });
  const held = await peak(browser);
  t.diagnostic(
    `${Math.round(size / MB)} MB in ${((performance.now() - started) / 1_000).toFixed(1)} s, at most ${Math.round(held / MB)} MB held`,
  );
  assert.ok(size > 2.4 * MOST, `${size} bytes prove nothing`);
  assert.ok(held < MOST, `${Math.round(held / MB)} MB held for a file of ${Math.round(size / MB)} MB`);
  assert.match(await page.textContent('.opening .value'), new RegExp(`${people.toLocaleString('en-US')} people`));
  assert.deepEqual(errors, []);
});

/** Somebody's id in the form of a UUID: each is another. */
const id = (row) => {
  const mixed = (Math.imul(row, 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  return `${mixed}-${mixed.slice(4)}-4${mixed.slice(0, 3)}-8${mixed.slice(3, 6)}-${row.toString(16).padStart(12, '0')}`;
};

test('more people than memory has room for, each with another id: a sample of them, which is marked, and no more is held', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waft-large-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'people.csv');
  const file = openSync(path, 'w');
  const people = 4_000_000;
  writeSync(file, 'visitorId,accountId,country,plan,orders,signedUpAt\n');
  for (let row = 0; row < people; ) {
    let block = '';
    for (const end = row + 20_000; row < end; row++) {
      block += `${id(row)},a-${row >> 1},${row % 2 ? 'DE' : 'US'},member,${row % 50},2026-0${1 + (row % 9)}-1${row % 10}\n`;
    }
    writeSync(file, block);
  }
  closeSync(file);
  const { browser, page, errors } = await open(t);
  await page.setInputFiles('#people input[type=file]', path);
  await page
    .getByText(`a sample of ${people.toLocaleString('en-US')}`)
    .first()
    .waitFor({ timeout: 300_000 });
  // Every flag and segment is counted, of these people.
  await page.waitForFunction(
    () => document.querySelector('.whom [data-flag] .share') && !document.querySelector('.whom [data-counting]'),
    undefined,
    { timeout: 300_000 },
  );
  const held = await peak(browser);
  const rows = await page.textContent('.opening .value');
  t.diagnostic(`${rows} of ${people}, at most ${Math.round(held / MB)} MB held`);
  assert.ok(held < MOST, `${Math.round(held / MB)} MB held`);
  assert.ok(Number(rows.replace(/\D/g, '')) >= 400_000, `a sample of ${rows} is a small one`);
  assert.deepEqual(errors, []);
});
