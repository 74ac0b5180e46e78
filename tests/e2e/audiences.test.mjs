// The studio's place for audiences, as a marketer goes through it: one's own file with wrong headers, why somebody is out, a segment that is built.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { serveStatic } from './static.mjs';
import { accessible, studio } from './studio.mjs';

/** In every cell that must not leave. */
const SECRET = 'cell-of-somebody';

const files = mkdtempSync(join(tmpdir(), 'waft-audiences-'));
after(() => rmSync(files, { recursive: true }));
const own = studio(serveStatic);

/** The place with the sample's rules, and its people counted. */
async function open(t, { width = 1440, height = 900, hash = '', ...more } = {}) {
  const page = await own.tab(t, { viewport: { width, height }, ...more });
  const requests = [];
  const errors = [];
  // A host of files has no server behind it: the page asks once, and goes on.
  page.on('console', (message) => message.type() === 'error' && !/404/.test(message.text()) && errors.push(message.text()));
  t.after(() => assert.deepEqual(errors, []));
  page.context().on('request', (request) => requests.push(request));
  await page.goto(`${own.url}#audiences${hash}`);
  await page.getByRole('button', { name: 'Try the sample' }).click();
  await page.waitForSelector('[data-segment="eurozone"][data-matches]');
  return { page, requests };
}

/** Chooses a file, and waits until it is read or refused. */
async function choose(page, name, content) {
  const path = join(files, name);
  writeFileSync(path, content);
  await page.setInputFiles('#people input[type=file]', path);
  await page.waitForFunction(
    (wanted) => document.querySelector('#people')?.textContent.includes(wanted) && !document.querySelector('#people [role=progressbar]'),
    name,
  );
}

const data = (page, selector) => page.$eval(selector, ({ dataset }) => ({ ...dataset }));
const text = (page, selector) => page.$eval(selector, ({ textContent }) => textContent);

/** axe finds nothing in the place as it is, or in the dialog over it; a picture of it is kept. */
const looked = (page, state, part) => accessible(page, `audiences-${state}`, part);

/** 50 people with headers of another tool: 25 of Germany, 25 of the United States, and a short row. */
const rows = Array.from({ length: 50 }, (_, row) => `v${row};${row % 2 ? 'DE' : 'US'};member;${row},5;31.12.2025`);
const WRONG_HEADERS = `Customers of May;;;;\nVisitor ID;Land;PLAN;orders total;Signed up at\n${rows.join('\n')}\nv50;DE\n`;

test('an audience is sized from a file with wrong headers, and what is unknown is said', async (t) => {
  const { page } = await open(t);
  await looked(page, '1440-sample');
  await choose(page, 'kunden.csv', WRONG_HEADERS);
  assert.match(await text(page, '[data-written]'), /CSV, UTF-8, separated by semicolons, 1 title row skipped \(“Customers of May”\)/);
  assert.match(await text(page, '[data-skipped]'), /1 row skipped: 1 with too few fields/);
  assert.match(await text(page, '[data-missing]'), /country/);
  // Nobody has a country: that is unknown, and no size of zero.
  await page.waitForSelector('[data-segment="eurozone"][data-unknown="50"]');
  await looked(page, '1440-wrong-headers');
  await page.getByLabel('Land').selectOption('country');
  await page.waitForSelector('[data-segment="eurozone"][data-matches="25"][data-others="25"][data-unknown="0"]');
  await page.locator('[data-column="orders total"]').getByRole('button', { name: 'Use it' }).click();
  await page.waitForSelector('[data-column="orders total"][data-matched="chosen"]');
});

test('why somebody is out is told, by an id or by a row', async (t) => {
  const { page } = await open(t);
  await choose(page, 'people.csv', 'visitorId,country,plan,orders\nanke,DE,member,1\nbea,US,member,9\ncem,,crew,4\n');
  await page.click('[data-segment="eurozone"] a');
  await page.waitForSelector('[data-size="segment"][data-matches="1"][data-others="1"][data-unknown="1"]');
  await page.getByRole('tab', { name: 'People' }).click();
  await page.getByLabel('Find a person').fill('bea');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-verdict="false"]');
  assert.match(await text(page, '[role=dialog]'), /Not in Shoppers in the euro area.*country/s);
  await looked(page, '1440-why', '[role=dialog]');
  await page.keyboard.press('Escape');
  await page.getByText('Unknown', { exact: true }).last().click();
  await page.getByRole('button', { name: 'cem' }).click();
  await page.waitForSelector('[data-verdict="null"]');
  assert.match(await text(page, '[role=dialog]'), /missing/);
});

test('a segment is built by pointer, and its text says what was built', async (t) => {
  const { page } = await open(t);
  await page.getByRole('button', { name: 'New segment' }).click();
  await page.getByLabel('Who they are').fill('German regulars');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.waitForSelector('[data-segment="german-regulars"][data-matches]');
  const builder = page.getByRole('region', { name: 'Who is in it: conditions' });
  await builder.getByLabel('What condition 1 asks for').selectOption('country');
  await builder.getByLabel('Operator of condition 1').selectOption({ label: 'is one of' });
  await builder.getByRole('combobox', { name: 'Values of condition 1' }).click();
  await page.getByRole('option', { name: /^DE/ }).click();
  await builder.getByRole('button', { name: 'Add', exact: true }).click();
  await builder.getByRole('button', { name: 'Add a condition' }).click();
  await builder.getByLabel('What condition 2 asks for').selectOption({ label: 'Segment' });
  await builder.getByLabel('Segment of condition 2').selectOption('regulars');
  await page.waitForSelector('[data-size="condition 1"][data-matches]');
  await page.waitForSelector('[data-size="condition 2"][data-matches]');
  // Both hold: no more people than for either of them.
  await page.waitForFunction(() => {
    const [one, two, both] = ['condition 1', 'condition 2', 'segment'].map((name) =>
      Number(document.querySelector(`[data-size="${name}"]`).dataset.matches),
    );
    return both > 0 && both < Math.min(one, two);
  });
  await page.getByText(/^The rules text/).click();
  assert.match(await page.inputValue('.text-editor textarea'), /german-regulars:.*country: \{ in: \[DE\] \}.*segment: regulars/s);
  await looked(page, '1440-built');
});

test('a segment is built by keyboard alone', async (t) => {
  const { page } = await open(t);
  /** Goes on by Tab until something has the focus. */
  async function tabTo(name, most = 60) {
    for (let at = 0; at < most; at++) {
      const told = await page.evaluate(() => {
        const { activeElement: it } = document;
        return it?.getAttribute('aria-label') || it?.labels?.[0]?.textContent || it?.textContent || '';
      });
      if (told.trim() === name) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${name}`);
  }
  await tabTo('New segment');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Not ours');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-segment="not-ours"][data-matches]');
  await tabTo('What condition 1 asks for', 120);
  await page.keyboard.type('plan');
  await tabTo('Operator of condition 1');
  // Letters that come slowly are a new search each: arrows reach it however busy the machine is.
  const chosen = () => page.evaluate(() => document.activeElement.selectedOptions?.[0]?.textContent);
  await page.keyboard.press('Home');
  for (let at = 0; at < 20 && (await chosen()) !== 'is not'; at++) await page.keyboard.press('ArrowDown');
  await tabTo('Value of condition 1');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('crew');
  await page.keyboard.press('Escape');
  await tabTo('Add a condition');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-spot="1"]');
  // The new condition has the focus.
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-spot]')?.dataset.spot), '1');
  await page.keyboard.type('newsletter');
  await page.waitForFunction(() =>
    /plan: \{ isNot: crew \}, newsletter: \{ is: true \}/.test(localStorage.getItem('waft-studio.draft') ?? ''),
  );
  await page.waitForSelector('[data-size="segment"][data-matches]');
  // Whoever opens the list sees the other values, too.
  await page.getByRole('button', { name: /^Values of Value of condition 1/ }).click();
  await page.getByRole('option', { name: /^member/ }).waitFor();
});

/** The first option was of what had been looked up before, and was taken: a segment of guests in the place of one of members. */
test('what is typed is what the first option is, also while it is still being looked up', async (t) => {
  const { page } = await open(t);
  await page.getByRole('button', { name: 'New segment' }).click();
  await page.getByLabel('Who they are').fill('Ours');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.waitForSelector('[data-segment="ours"][data-matches]');
  await page.getByLabel('What condition 1 asks for').selectOption('plan');
  const value = page.getByRole('combobox', { name: 'Value of condition 1' });
  await value.click();
  // All of them, those with most people first.
  await page.getByRole('option', { name: /^crew\D+\d/ }).waitFor();
  const [first] = await page.getByRole('option').allTextContents();
  assert.doesNotMatch(first, /^crew/);
  // The answer to what is typed is late.
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype;
    const held = [];
    Worker.prototype.postMessage = function (...message) {
      held.push(() => postMessage.apply(this, message));
    };
    window.letGo = () => {
      Worker.prototype.postMessage = postMessage;
      for (const post of held) post();
    };
  });
  await page.keyboard.press('Control+A');
  await page.keyboard.type('Crew');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await value.inputValue(), 'crew');
  await page.evaluate(() => window.letGo());
  await page.waitForFunction(() => /if: \{ plan: \{ is: crew \} \}/.test(localStorage.getItem('waft-studio.draft') ?? ''));
});

test('columns that are chosen while the file is still being read all count, and none moves meanwhile', async (t) => {
  const { page } = await open(t);
  await choose(page, 'tarife.csv', 'Visitor ID;Land;Tarif;Bestellungen\nv1;DE;member;3\nv2;US;guest;1\n');
  // What nobody could guess is in view by itself.
  await page.getByLabel('Tarif').waitFor();
  const columns = () => page.$$eval('[data-column]', (all) => all.map(({ dataset }) => dataset.column));
  const before = await columns();
  const shown = await page.evaluate(() => {
    const choices = { Bestellungen: 'orders', Tarif: 'plan' };
    for (const [name, value] of Object.entries(choices)) {
      const list = document.querySelector(`[data-column="${name}"] select`);
      list.value = value;
      list.dispatchEvent(new Event('change', { bubbles: true }));
    }
    return Object.keys(choices).map((name) => document.querySelector(`[data-column="${name}"] select`).value);
  });
  assert.deepEqual(shown, ['orders', 'plan'], 'before the file is read');
  for (const name of ['Bestellungen', 'Tarif']) await page.waitForSelector(`[data-column="${name}"][data-matched="chosen"]`);
  assert.deepEqual(await columns(), before);
});

test('Tab stops at one row of a table, and arrow keys go on from there', async (t) => {
  const { page } = await open(t, { hash: '?segment=eurozone' });
  await page.getByRole('tab', { name: 'People' }).click();
  const rows = page.locator('[aria-label="People of eurozone"] .open');
  await rows.first().waitFor();
  await page.getByRole('columnheader').last().getByRole('button').focus();
  await page.keyboard.press('Tab');
  for (let down = 0; down < 3; down++) await page.keyboard.press('ArrowDown');
  const at = () => page.evaluate(() => document.activeElement.closest('[data-index]')?.dataset.index);
  assert.equal(await at(), '3');
  await page.keyboard.press('Tab');
  assert.equal(await at(), undefined);
  await page.keyboard.press('Shift+Tab');
  assert.equal(await at(), '3');
  // Elsewhere, it stops at a row also when that one is out of view, and no longer drawn.
  await page.keyboard.press('Tab');
  await page.locator('[aria-label="People of eurozone, scrolls"]').evaluate((box) => box.scrollTo(0, 9_000));
  await page.waitForFunction(() => !document.querySelector('[data-index="3"]'));
  assert.equal(await page.locator('[aria-label="People of eurozone"] .open[tabindex="0"]').count(), 1);
});

test('a column of a spreadsheet is pasted as values', async (t) => {
  const { page } = await open(t, { hash: '?segment=eurozone' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const values = Array.from({ length: 500 }, (_, index) => `c${index}`);
  await page.evaluate((text) => navigator.clipboard.writeText(text), `US\r\n${values.join('\r\n')}\r\n`);
  await page.getByRole('combobox', { name: 'Values of condition 1' }).focus();
  await page.keyboard.press('Control+V');
  await page.getByText('And 411 more, which are in the rules text.').waitFor();
  const kept = await page.waitForFunction(() => {
    const text = JSON.parse(localStorage.getItem('waft-studio.draft') ?? '{}').files?.['segments.yaml'] ?? '';
    return text.includes('c499') && text;
  });
  assert.match(await kept.jsonValue(), /- PT\n\s+- US\n\s+- c0\n/);
  await page.waitForSelector('[data-size="segment"][data-matches]');
});

test('what is typed in the text is in the builder, and an error is marked where it is', async (t) => {
  const { page } = await open(t, { hash: '?segment=crew' });
  await page.getByText(/^The rules text/).click();
  await page.locator('.text-behind').getByText('is: crew').first().waitFor();
  /** Types in place of a line. */
  const retype = async (line, now) => {
    await page.locator('.text-editor textarea').evaluate((area, wanted) => {
      const at = area.value.indexOf(wanted);
      area.focus();
      area.setSelectionRange(area.value.lastIndexOf('\n', at) + 1, area.value.indexOf('\n', at));
    }, line);
    await page.keyboard.insertText(now);
  };
  await retype('is: crew', '    if: { plan: { is: member }, country: { is: DE } }');
  await page.waitForSelector('[data-size="condition 2"][data-matches]');
  assert.equal(await page.getByLabel('What condition 2 asks for').inputValue(), 'country');
  const before = await data(page, '[data-size="segment"]');
  await retype('country: { is: DE }', '    if: { plan: { iss: member } }');
  await page.waitForSelector('.text-editor [data-mark=error]');
  assert.match(await text(page, '.findings'), /iss/);
  await looked(page, '1440-error');
  // What was counted last stays.
  assert.deepEqual(await data(page, '[data-size="segment"]'), before);
});

test('what is no file of people is refused with a remedy, and the people in hand stay', async (t) => {
  const { page } = await open(t);
  const people = await text(page, '.opening .value');
  for (const [name, content, code] of [
    ['book.xlsx', Buffer.from('PK\x03\x04rest'), 'SPREADSHEET'],
    ['nothing.csv', '', 'EMPTY'],
    ['picture.csv', Buffer.from([0, 1, 2, 3, 0, 0, 200]), 'BINARY'],
  ]) {
    await choose(page, name, content);
    await page.locator('#people .error-note', { hasText: code }).waitFor();
    assert.equal(await text(page, '.opening .value'), people);
  }
  await looked(page, '1440-refused');
  // Cells are text, whatever they look like; of 500 columns those that are used come first.
  const wide = Array.from({ length: 500 }, (_, index) => `c${index}`);
  const odd = `visitorId,country,${wide}\n"<img src=x onerror=alert(1)>",=1+1,${wide}\n"open,DE,${wide}\nv3,DE,${wide}\n`;
  await choose(page, 'odd.csv', odd);
  await page.waitForSelector('[data-report]');
  assert.equal(await page.$('[data-report] img'), null);
  assert.match(await text(page, '[data-report]'), /Columns: 2 used, 500 not/);
  assert.match(await text(page, '[data-skipped]'), /quote that is not closed/);
  // Visits, and not people.
  await choose(page, 'visits.csv', 'Visitor ID,country\nv1,DE\nv2,DE\nv1,DE\nv1,FR\n');
  assert.match(await text(page, '[data-repeated="2"]'), /2 rows with an id that is in an earlier row, in the column Visitor ID/);
  await looked(page, '1440-visits');
});

test('a large file says how far it is, leaves the page free, and can be stopped', async (t) => {
  const { page } = await open(t);
  await page.evaluate(() => {
    globalThis.long = [];
    new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  const row = (number) => `v${number},DE,member,${number % 50},true,2025-01-01,3.1.0,somebody-${number}@shop.example\n`;
  const csv = `visitorId,country,plan,orders,newsletter,signedUpAt,appVersion,email\n${Array.from({ length: 600_000 }, (_, number) => row(number)).join('')}`;
  const path = join(files, 'large.csv');
  writeFileSync(path, csv);
  // It is there for a second or less, so the page itself presses.
  await page.evaluate(() => {
    new MutationObserver((_, watched) => {
      const bar = document.querySelector('#people [role=progressbar]');
      if (!bar) return;
      watched.disconnect();
      globalThis.inBar = bar.querySelectorAll('button').length;
      bar.parentElement.querySelector('button').click();
    }).observe(document.querySelector('#people'), { subtree: true, childList: true });
  });
  await page.setInputFiles('#people input[type=file]', path);
  // A bar holds nothing that can be pressed: the button is beside it.
  await page.waitForFunction(() => globalThis.inBar === 0);
  await page.waitForSelector('#people [role=progressbar]', { state: 'detached' });
  // The people in hand stay.
  assert.match(await text(page, '.opening .value'), /20,000 people/);
  await page.setInputFiles('#people input[type=file]', path);
  await page.waitForFunction(() => /600,000 people/.test(document.querySelector('.opening .value').textContent), undefined, {
    timeout: 30_000,
  });
  await page.waitForSelector('[data-segment="eurozone"][data-matches="600000"]', { timeout: 30_000 });
  const long = await page.evaluate(() => globalThis.long);
  // Reading it takes seconds, none of them in the page's thread. How long its tasks are is for `make bench-studio` to say.
  assert.ok(Math.max(0, ...long) < 1_000, `tasks of ${long.map(Math.round)} ms`);
});

test('a list that was not opened with the rules is asked for, and another is refused by name', async (t) => {
  const page = await own.tab(t);
  const rules = `project: x
environments: { production: {} }
attributes: { id: string, plan: string }
units: { visitor: { attribute: id } }
lists: { vip: { file: lists/vip.csv, attribute: id } }
segments:
  vips: { list: vip }
flags: {}
`;
  const files = { 'waft.yaml': rules };
  // As a draft of last time.
  await page.addInitScript(
    (kept) => localStorage.setItem('waft-studio.draft', kept),
    JSON.stringify({ source: { kind: 'files', name: 'x' }, base: files, files }),
  );
  await page.goto(`${own.url}#audiences`);
  await page.locator('#lists', { hasText: 'lists/vip.csv' }).waitFor();
  await looked(page, 'list-missing');
  const list = (name, content) =>
    page.setInputFiles('#lists input[type=file]', { name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  await list('other.csv', 'v1');
  await page.locator('#lists', { hasText: 'Not a list of these rules: other.csv' }).waitFor();
  await list('vip.csv', 'v1\nv3\n');
  await page.waitForSelector('#people');
  assert.equal(await page.$('#lists'), null);
  await choose(page, 'people.csv', 'id,plan\nv1,a\nv2,a\nv3,b\n');
  await page.waitForSelector('[data-segment="vips"][data-matches="2"][data-others="1"]');
});

test('no cell leaves the machine, nothing is kept unless it is asked for, and a CSV runs no formula', async (t) => {
  const { page, requests } = await open(t);
  const before = requests.length;
  const line = (number) => `${SECRET}-${number},DE,member,${number % 50},true,2025-01-01,3.1.0,${SECRET}@shop.example\n`;
  const csv = `visitorId,country,plan,orders,newsletter,signedUpAt,appVersion,email\n=${SECRET},DE,member,1,true,2025-01-01,3.1.0,\n${Array.from({ length: 100_000 }, (_, number) => line(number)).join('')}`;
  await choose(page, 'secret.csv', csv);
  await page.click('[data-segment="eurozone"] a');
  await page.waitForSelector('[data-size="segment"][data-matches="100001"]');
  for (const name of ['Overlap', 'People']) await page.getByRole('tab', { name }).click();
  await page.getByRole('button', { name: `${SECRET}-7`, exact: true }).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^Download/ }).click()]);
  const exported = readFileSync(await file.path(), 'utf8').split('\r\n');
  assert.equal(exported.length, 100_003);
  assert.match(exported[1], new RegExp(`^'=${SECRET},`));
  const kept = () =>
    page.evaluate(async () => {
      const databases = await indexedDB.databases();
      return JSON.stringify([
        { ...localStorage },
        { ...sessionStorage },
        location.href,
        databases.map(({ name }) => name),
        await caches.keys(),
      ]);
    });
  assert.ok(!(await kept()).includes(SECRET) && !(await kept()).includes('waft-studio-people'), await kept());
  for (const request of requests.slice(before)) {
    assert.equal(request.method(), 'GET', request.url());
    assert.ok(request.url().startsWith(own.url) || request.url().startsWith('blob:'), request.url());
    assert.ok(!request.url().includes(SECRET), request.url());
  }
  // Kept on request: it is there after a reload, and gone when that is taken back.
  await page.goto(`${own.url}#audiences`);
  await page.getByText('Keep this file in this browser').click();
  await page.getByRole('checkbox', { name: /^Keep this file/, checked: true }).waitFor();
  for (let reload = 0; reload < 2; reload++) {
    await page.reload();
    await page.waitForSelector('[data-segment="eurozone"][data-matches="100001"]');
    assert.ok((await kept()).includes('waft-studio-people'), 'it is kept until that is taken back');
  }
  await page.getByText('Keep this file in this browser').click();
  await page.waitForFunction(async () => !(await indexedDB.databases()).some(({ name }) => name === 'waft-studio-people'));
});

test('on a phone the list comes first, and what is chosen takes its place', async (t) => {
  for (const [width, height] of [
    [390, 844],
    [1024, 768],
  ]) {
    const { page } = await open(t, { width, height });
    await looked(page, `${width}-list`);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      true,
      `${width}: the page scrolls sideways`,
    );
    await page.click('[data-segment="winter-mailing"] a');
    await page.waitForSelector('[data-size="condition 1"][data-matches]');
    await looked(page, `${width}-segment`);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      true,
      `${width}: a segment scrolls sideways`,
    );
  }
});

test('each state is accessible, in the dark and with forced colours, too', async (t) => {
  for (const look of [{ colorScheme: 'dark' }, { forcedColors: 'active' }]) {
    const [name] = Object.values(look);
    const { page } = await open(t, { hash: '?segment=winter-mailing', ...look });
    await page.waitForSelector('[data-size="condition 1"][data-matches]');
    for (const tab of ['Overlap', 'People', 'Breakdown']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.waitForSelector(
        { Overlap: '[data-both]', People: '[aria-label="People of winter-mailing"]', Breakdown: '[aria-label^="winter-mailing by"]' }[tab],
      );
      await looked(page, `${name}-${tab.toLowerCase()}`);
    }
    await page.getByRole('button', { name: 'More for winter-mailing' }).click();
    await page.getByRole('menuitem', { name: 'Remove it' }).click();
    await looked(page, `${name}-removing`, '[role=alertdialog]');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More for winter-mailing' }).click();
    await page.getByRole('menuitem', { name: /^Rename it/ }).click();
    await page.getByLabel('Name in the rules').fill('winter-letter');
    await looked(page, `${name}-renaming`, '[role=dialog]');
    await page.keyboard.press('Enter');
    // Whatever uses it has the new name, so there is still nothing wrong with the rules.
    await page.waitForSelector('[data-segment="winter-letter"][data-matches]');
    assert.equal(await page.$('.findings'), null);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForSelector('[data-segment="winter-mailing"][data-matches]');
    await looked(page, `${name}-gone`);
  }
});
