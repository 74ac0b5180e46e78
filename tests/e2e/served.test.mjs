// The studio as `waft serve` serves it, in Chromium: the lists that the server's rules name are there without any config, and with
// --release-token-file the page asks for the token, says that a wrong one is wrong, and keeps none.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { demo, judged, studio, visit } from './studio.mjs';

const TOKEN = 'c1b7-a-token-of-this-test-that-nobody-guesses';

const own = studio();

const start = async (t, change) => ({ ...(await demo(t, { change })), page: await own.tab(t) });

/** A segment of a list, written in a folder of its own, and the two that the shop has. */
const SEGMENTS = `lists:
  guests: { file: lists/guests.csv, attribute: accountId }
  partners: { file: lists/partners/guests.csv, attribute: accountId }
segments:
  crews: { if: { list: regatta-crews } }
  invited: { if: { list: guests } }
  partners: { if: { list: partners } }
`;

function withLists(site) {
  writeFileSync(join(site.rules, 'lists/guests.csv'), 'a-1\na-2\n');
  // Another of the same name: it is told by its folder.
  mkdirSync(join(site.rules, 'lists/partners'));
  writeFileSync(join(site.rules, 'lists/partners/guests.csv'), 'a-9\na-1\na-3001\n');
  writeFileSync(join(site.rules, 'guests.yaml'), SEGMENTS);
}

const PEOPLE = 'visitorId,accountId\nv1,a-3001\nv2,a-3002\nv3,a-1\nv4,a-9\n';

/** Opens the place with those people. */
async function count(page, server) {
  await visit(page, server, 'audiences', '#people');
  await page.setInputFiles('#people input[type=file]', { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(PEOPLE) });
}

test('segments of lists are counted by the lists that the server has, and by those that are saved later', async (t) => {
  const { site, server, page } = await start(t, withLists);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await count(page, server);
  await page.waitForSelector('[data-segment="crews"][data-matches="2"][data-others="2"][data-unknown="0"]');
  await page.waitForSelector('[data-segment="invited"][data-matches="1"][data-others="3"][data-unknown="0"]');
  await page.waitForSelector('[data-segment="partners"][data-matches="3"][data-others="1"][data-unknown="0"]');
  await judged(page, 'served-lists');
  assert.ok(asked.some((url) => url.endsWith('/api/rules/lists/lists/guests.csv')));
  // Ids are of people: nothing keeps them.
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!kept.includes('a-3001'), kept);
  // A reload takes up the draft, and has the lists again.
  await page.reload();
  await count(page, server);
  await page.waitForSelector('[data-segment="invited"][data-matches="1"][data-unknown="0"]');
  assert.ok(readFileSync(join(site.rules, 'guests.yaml'), 'utf8') === SEGMENTS);
});

test('lists are there, too, where the draft was saved before a reload and the answer to that was lost', async (t) => {
  const { site, server, page } = await start(t, withLists);
  await count(page, server);
  await page.waitForSelector('[data-segment="invited"][data-matches="1"][data-unknown="0"]');
  await page.waitForFunction(() => localStorage.getItem(sessionStorage.getItem('waft-studio.tab')));
  // As such a save leaves it: a draft that differs from what was opened, and the same on the server.
  const saved = `${SEGMENTS}# of May\n`;
  await page.evaluate((text) => {
    addEventListener('pagehide', () => {
      const place = sessionStorage.getItem('waft-studio.tab');
      const kept = JSON.parse(localStorage.getItem(place));
      kept.files['guests.yaml'] = text;
      localStorage.setItem(place, JSON.stringify(kept));
    });
  }, saved);
  await page.goto('about:blank');
  writeFileSync(join(site.rules, 'guests.yaml'), saved);
  await count(page, server);
  await page.waitForSelector('[data-segment="invited"][data-matches="1"][data-unknown="0"]');
});

test('a list file that the server cannot give is said, with what to do', async (t) => {
  const { site, server, page } = await start(t, withLists);
  rmSync(join(site.rules, 'lists/guests.csv'));
  await visit(page, server, 'audiences', 'main');
  await page
    .getByText(/The server does not give a list that its rules name: lists\/guests\.csv\. Put it into the folder/)
    .first()
    .waitFor();
  await judged(page, 'served-list-missing');
});

test('a server with tokens: a wrong one is said, a right one shows and approves, and the page keeps none', async (t) => {
  const tokens = (site) => {
    const file = join(site.keys, 'tokens');
    writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
    return ['--release-token-file', file];
  };
  const { site, server, page } = await start(t, tokens);
  await visit(page, server, 'releases', '[data-releases="refusing"]');
  const main = page.locator('main');
  await main.getByText('a token is needed', { exact: false }).waitFor();
  const field = main.getByLabel('Token of this server');
  await judged(page, 'token-asked');
  await field.fill('wrong');
  await main.getByRole('button', { name: 'Look' }).click();
  await main.getByText('the token is not known', { exact: false }).waitFor();
  await judged(page, 'token-wrong');
  assert.equal(await page.locator('#proposed').count(), 0);
  await field.fill(` ${TOKEN} `);
  await field.press('Enter');
  await page.waitForSelector('[data-releases="here"] #proposed');
  assert.equal(await field.count(), 0);

  await page.getByRole('button', { name: 'Approve version 3' }).click();
  const dialog = page.locator('[role="dialog"]');
  const chooser = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: /^Choose .*pem/ }).click();
  await (await chooser).setFiles(join(site.keys, 'approver.pem'));
  await dialog.getByText('approver.pem').first().waitFor();
  await dialog.getByRole('button', { name: 'Approve version 3' }).click();
  await page.locator('[data-said]', { hasText: 'Version 3 has your signature' }).waitFor();

  // Its rules are there now, too.
  await page.evaluate(() => {
    location.hash = 'audiences';
  });
  await main.getByText('Our own crew').first().waitFor();

  const kept = await page.evaluate(async () => {
    const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie, location.href];
    for (const { name } of await indexedDB.databases()) {
      const base = await new Promise((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      for (const store of base.objectStoreNames) {
        const rows = await new Promise((resolve, reject) => {
          const reading = base.transaction(store).objectStore(store).getAll();
          reading.onsuccess = () => resolve(reading.result);
          reading.onerror = () => reject(reading.error);
        });
        found.push(JSON.stringify(rows));
      }
      base.close();
    }
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) found.push(request.url);
    return found.join('\n');
  });
  assert.ok(!kept.includes(TOKEN), kept);
  await page.evaluate(() => {
    location.hash = 'releases';
  });
  await page.reload();
  await page.waitForSelector('[data-releases="refusing"]');
  assert.equal(await main.getByLabel('Token of this server').inputValue(), '');
});
