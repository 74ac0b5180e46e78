// Rules are opened and saved in the studio, in Chromium: from a folder that the page may write into, from one that it may only read, and from
// `waft serve --rules`. Whoever saves second sees what was opened, what is theirs and what is there beside each other, and chooses.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { demo, judged, SIZES, studio, visit } from './studio.mjs';

const SHOP = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const BANNER = 'flags/banner.yaml';
const own = studio(demo);

async function start(t, init) {
  const context = await own.context(t);
  if (init) await context.addInitScript(init);
  return tab(context);
}

/** Another tab of the same browser. */
async function tab(context) {
  const page = await context.newPage();
  await visit(page, own.server, 'releases', '.files-bar');
  return page;
}

const dialog = (page) => page.locator('[role="dialog"]');
const source = (page, text) => page.locator('[data-files-source]', { hasText: text }).waitFor();

/** Changes the draft as it is kept: the page takes it up again after a reload. */
async function draft(page, changes) {
  await page.waitForFunction(() => localStorage.getItem(sessionStorage.getItem('waft-studio.tab')));
  await page.waitForTimeout(0);
  await page.evaluate((all) => {
    // Once the page has written what it knows: as it is left, too.
    addEventListener('pagehide', () => {
      const place = sessionStorage.getItem('waft-studio.tab');
      const kept = JSON.parse(localStorage.getItem(place));
      for (const [path, text] of Object.entries(all)) {
        if (text === null) delete kept.files[path];
        else kept.files[path] = Array.isArray(text) ? kept.files[path].replace(...text) : text;
      }
      localStorage.setItem(place, JSON.stringify(kept));
    });
  }, changes);
  await page.reload();
  await page.waitForSelector('.files-bar');
}

async function openServed(page) {
  await page.getByRole('button', { name: 'Open…' }).click();
  await dialog(page).getByRole('button', { name: 'Open the server’s rules' }).click();
  await source(page, 'Rules of this server');
}

test('rules of the server are opened, changed and saved; who saves second chooses', async (t) => {
  const [mine, other] = [await start(t), await start(t)];
  await openServed(mine);
  await openServed(other);
  await draft(other, { [BANNER]: ['20 % off everything woollen', '15 % off everything woollen'], 'flags/new.yaml': 'flags: {}\n' });
  await source(other, '2 changed files');
  await other.getByRole('button', { name: 'Save…' }).click();
  assert.match(await dialog(other).textContent(), /15 % off/);
  await judged(other, 'files-save');
  await dialog(other).getByRole('button', { name: 'Save to the server' }).click();
  await dialog(other).waitFor({ state: 'detached' });
  await other.getByText(/Saved/).first().waitFor();
  const onDisk = (path) => readFileSync(join(own.site.rules, path), 'utf8');
  assert.match(onDisk(BANNER), /15 % off/);
  assert.equal(onDisk('flags/new.yaml'), 'flags: {}\n');

  const segments = onDisk('segments.yaml');
  await draft(mine, {
    [BANNER]: ['20 % off everything woollen', '30 % off everything woollen'],
    'segments.yaml': ['\n', '\n# Seen by marketing.\n'],
  });
  await mine.getByRole('button', { name: 'Save…' }).click();
  await dialog(mine).getByRole('button', { name: 'Save to the server' }).click();
  await mine.getByText('The rules on the server have changed since you opened them').waitFor();
  assert.match(onDisk(BANNER), /15 % off/, 'nothing is overwritten');
  assert.equal(onDisk('segments.yaml'), segments);
  const conflict = mine.locator(`[data-file="${BANNER}"] [data-kind="conflict"]`);
  assert.deepEqual(
    (await conflict.locator('pre').allTextContents()).map((text) => /\d+ %/.exec(text)?.[0]),
    ['20 %', '30 %', '15 %'],
  );
  for (const [name, size] of Object.entries(SIZES)) {
    await mine.setViewportSize(size);
    await judged(mine, `files-conflict-${name}`);
  }
  await mine.setViewportSize(SIZES[1440]);
  const save = dialog(mine).getByRole('button', { name: 'Save the result' });
  assert.ok(await save.isDisabled(), 'before it is chosen');
  await conflict.getByText('Mine', { exact: true }).last().click();
  // A click beside it throws no choice away.
  await mine.mouse.click(2, 2);
  await save.click();
  await dialog(mine).waitFor({ state: 'detached' });
  assert.ok(await mine.getByRole('button', { name: 'Undo', exact: true }).isDisabled(), 'nothing takes back what the other did');
  assert.match(onDisk(BANNER), /30 % off/);
  assert.match(onDisk('segments.yaml'), /# Seen by marketing/);
  assert.equal(onDisk('flags/new.yaml'), 'flags: {}\n', 'what the other added stays');
  assert.ok(await mine.getByRole('button', { name: 'Save…' }).isDisabled(), 'nothing is left to save');
});

test('what was saved while its answer was lost is no conflict with somebody else', async (t) => {
  const page = await start(t);
  await openServed(page);
  const text = () => readFileSync(join(own.site.rules, 'flags/pricing.yaml'), 'utf8');
  const save = async () => {
    await page.getByRole('button', { name: 'Save…' }).click();
    await dialog(page).getByRole('button', { name: 'Save to the server' }).click();
    await dialog(page).getByText('The server does not answer').waitFor();
  };
  // The server does what it is asked, and nobody hears of it; nor of what it has by now.
  const lose = async (route) => {
    if (route.request().method() === 'PUT') await route.fetch();
    await route.abort();
  };
  await page.route('**/api/rules', lose);
  await draft(page, { 'flags/pricing.yaml': ['flags:', '# Prices of May\nflags:'] });
  await save();
  assert.match(text(), /# Prices of May/);
  await page.unroute('**/api/rules', lose);
  await dialog(page).getByRole('button', { name: 'Save to the server' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.ok(await page.getByRole('button', { name: 'Save…' }).isDisabled(), 'it is saved');

  // Whoever does not save again is told so, too.
  await page.route('**/api/rules', lose);
  await draft(page, { 'flags/pricing.yaml': ['# Prices of May', '# Prices of June'] });
  await save();
  assert.match(text(), /# Prices of June/);
  await page.keyboard.press('Escape');
  await page.unroute('**/api/rules', lose);
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.waitForFunction(() => !/changed file/.test(document.querySelector('[data-files-source]').textContent));
  assert.equal(await page.locator('[data-moved]').count(), 0);
});

/** A folder of the browser's own file system stands for the one that the picker would give: it has the same handles. */
const PICKER = () => {
  window.showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('rules', { create: true });
};

/** Writes or reads files of that folder. */
const put = (page, files) =>
  page.evaluate(async (all) => {
    const top = await window.showDirectoryPicker();
    for (const [path, text] of Object.entries(all)) {
      const names = path.split('/');
      let folder = top;
      for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name, { create: true });
      const writable = await (await folder.getFileHandle(names.at(-1), { create: true })).createWritable();
      await writable.write(text);
      await writable.close();
    }
  }, files);
const got = (page, path) =>
  page.evaluate(async (names) => {
    let folder = await window.showDirectoryPicker();
    for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
    return (await (await folder.getFileHandle(names.at(-1))).getFile()).text();
  }, path.split('/'));

test('a folder is opened, and what changed in it is written; the folder comes back after a reload', async (t) => {
  const page = await start(t, PICKER);
  await put(page, {
    'waft.yaml': 'project: shop\nlists: { vip: { file: lists/vip.csv, attribute: id } }\n',
    'flags/a.yaml': 'flags: {}\r\n',
    'flags/gone.yaml': 'flags: {}\n',
    'lists/vip.csv': 'id\n1\n',
    'people.csv': 'id,email\n1,a@example.com\n',
    'node_modules/x/y.yaml': 'no: rules\n',
  });
  await page.getByRole('button', { name: 'Open…' }).click();
  await judged(page, 'files-open');
  await dialog(page).getByRole('button', { name: 'Choose a folder…' }).click();
  await source(page, 'Folder rules');
  // Only rules are kept: neither the lists that they name, nor a file of people that lies beside them.
  await page.waitForFunction(() => localStorage.getItem('waft-studio.draft')?.includes('flags/a.yaml'));
  for (const name of ['base', 'files']) {
    const paths = await page.evaluate((part) => Object.keys(JSON.parse(localStorage.getItem('waft-studio.draft'))[part]), name);
    assert.deepEqual(paths.sort(), ['flags/a.yaml', 'flags/gone.yaml', 'waft.yaml'], name);
  }

  await draft(page, { 'flags/a.yaml': ['{}', '{ }'], 'flags/gone.yaml': null, 'more/b.yaml': 'flags: {}\n' });
  await source(page, '3 changed files');
  await page.getByRole('button', { name: 'Save…' }).click();
  await dialog(page).getByRole('button', { name: 'Save into the folder rules' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await got(page, 'flags/a.yaml'), 'flags: { }\r\n');
  assert.equal(await got(page, 'more/b.yaml'), 'flags: {}\n');
  await assert.rejects(got(page, 'flags/gone.yaml'), /NotFound|could not be found/);

  // Somebody else writes into it meanwhile.
  await draft(page, { 'flags/a.yaml': 'flags: { mine: {} }\n' });
  await put(page, { 'flags/a.yaml': 'flags: { theirs: {} }\n' });
  await page.getByRole('button', { name: 'Save…' }).click();
  await dialog(page).getByRole('button', { name: 'Save into the folder rules' }).click();
  await page.getByText('The rules in the folder have changed since you opened them').waitFor();
  assert.equal(await got(page, 'flags/a.yaml'), 'flags: { theirs: {} }\n', 'nothing is overwritten');
  assert.ok(await dialog(page).getByRole('button', { name: 'Save the result' }).isDisabled(), 'before it is chosen');
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `files-conflict-${name}`);
  }
  await page.getByRole('button', { name: 'All theirs in flags/a.yaml' }).click();
  await dialog(page).getByRole('button', { name: 'Save the result' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await got(page, 'flags/a.yaml'), 'flags: { theirs: {} }\n');

  // After a reload the list is in the folder alone: saving neither stumbles over it nor removes it.
  await draft(page, { 'flags/a.yaml': 'flags: { again: {} }\n' });
  await page.waitForFunction(() => localStorage.getItem('waft-studio.draft')?.includes('again'));
  await page.reload();
  await source(page, '1 changed file');
  await page.getByRole('button', { name: 'Save…' }).click();
  await dialog(page).getByRole('button', { name: 'Save into the folder rules' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await got(page, 'flags/a.yaml'), 'flags: { again: {} }\n');
  assert.equal(await got(page, 'lists/vip.csv'), 'id\n1\n');
});

test('where the page may not write, a folder is read, and git takes the patch', async (t) => {
  const page = await start(t, () => {
    delete window.showDirectoryPicker;
  });
  const folder = mkdtempSync(join(tmpdir(), 'waft-rules-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(SHOP, folder, { recursive: true });
  await page.getByRole('button', { name: 'Open…' }).click();
  const chooser = page.waitForEvent('filechooser');
  await dialog(page).getByRole('button', { name: 'Choose a folder…' }).click();
  await (await chooser).setFiles(folder);
  await source(page, 'Folder waft-rules-');
  await draft(page, { [BANNER]: ['20 % off', '25 % off'], 'flags/season.yaml': null, 'flags/new.yaml': 'flags: {}' });
  await source(page, '3 changed files');
  await page.getByRole('button', { name: 'Save…' }).click();
  assert.equal(await dialog(page).getByRole('button', { name: /^Save/ }).count(), 0);
  await judged(page, 'files-download');
  const download = page.waitForEvent('download');
  await dialog(page).getByRole('button', { name: 'Download the patch' }).click();
  execFileSync('git', ['init', '-q'], { cwd: folder });
  await (await download).saveAs(join(folder, 'waft.patch'));
  execFileSync('git', ['apply', 'waft.patch'], { cwd: folder });
  assert.match(readFileSync(join(folder, BANNER), 'utf8'), /25 % off/);
  assert.equal(readFileSync(join(folder, 'flags/new.yaml'), 'utf8'), 'flags: {}');
  assert.ok(!existsSync(join(folder, 'flags/season.yaml')));
});

test('what cannot be opened is told, with what to do', async (t) => {
  const page = await start(t, () => {
    delete window.showDirectoryPicker;
  });
  const folder = mkdtempSync(join(tmpdir(), 'waft-rules-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'readme.md'), 'nothing');
  const choose = async () => {
    const chooser = page.waitForEvent('filechooser');
    await dialog(page).getByRole('button', { name: 'Choose a folder…' }).click();
    await (await chooser).setFiles(folder);
  };
  await page.getByRole('button', { name: 'Open…' }).click();
  await choose();
  await dialog(page).getByText('choose the folder that has waft.yaml in it').waitFor();
  await judged(page, 'files-refused');
  writeFileSync(join(folder, 'waft.yaml'), 'project: shop\n');
  writeFileSync(join(folder, 'latin.yaml'), Buffer.from('name: Gr\xf6\xdfe\n', 'latin1'));
  await choose();
  await dialog(page).getByText('latin.yaml: not UTF-8; save it as UTF-8 to change it here').waitFor();
  await source(page, 'Folder waft-rules-');
});

/** What a tab keeps of a file, as it was opened and as it is drafted. */
const kept = (page, part, path) =>
  page.evaluate(([part, path]) => JSON.parse(localStorage.getItem(sessionStorage.getItem('waft-studio.tab')))?.[part][path], [part, path]);
const keeps = (page, part, path, text) =>
  page.waitForFunction(
    ([part, path, text]) => JSON.parse(localStorage.getItem(sessionStorage.getItem('waft-studio.tab')))?.[part][path]?.includes(text),
    [part, path, text],
  );
/** As if somebody came back to the tab. */
const comesBack = (page) => page.evaluate(() => dispatchEvent(new Event('focus')));

test('a draft in which nothing was changed is as the server has it; a changed one says that the server has others', async (t) => {
  const page = await start(t);
  await source(page, 'Rules of this server');
  const onDisk = (path) => join(own.site.rules, path);
  const note = (path, text) => writeFileSync(onDisk(path), `${readFileSync(onDisk(path), 'utf8')}# ${text}\n`);
  await page.waitForFunction(() => localStorage.getItem(sessionStorage.getItem('waft-studio.tab')));

  note(BANNER, 'from the office');
  await page.reload();
  await keeps(page, 'files', BANNER, '# from the office');
  note(BANNER, 'from home');
  await comesBack(page);
  await keeps(page, 'files', BANNER, '# from home');
  await page.getByText('The server has other rules by now').first().waitFor();
  assert.ok(await page.getByRole('button', { name: 'Save…' }).isDisabled(), 'nothing is changed');

  await draft(page, { 'segments.yaml': ['\n', '\n# mine\n'] });
  await source(page, '1 changed file');
  assert.equal(await page.locator('.files-bar [data-moved]').count(), 0);
  // The lists that the rules name are the server's, too.
  await page.locator('#draft', { hasText: 'no errors' }).waitFor();
  note(BANNER, 'from the train');
  await comesBack(page);
  await page.locator('[data-moved]', { hasText: 'the server has other rules by now' }).waitFor();
  assert.doesNotMatch(await kept(page, 'base', BANNER), /from the train/, 'what it was made of stays');
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `files-moved-${name}`);
  }
  await page.setViewportSize(SIZES[1440]);
  await page.getByRole('button', { name: 'Compare…' }).click();
  await dialog(page).locator(`[data-file="${BANNER}"]`, { hasText: 'changed by somebody else' }).waitFor();
  await judged(page, 'files-moved-compared');
  await dialog(page).getByRole('button', { name: 'Go on with the result' }).click();
  await page.locator('.files-bar [data-moved]').waitFor({ state: 'detached' });
  await source(page, '1 changed file');
  await keeps(page, 'base', BANNER, '# from the train');
  assert.doesNotMatch(readFileSync(onDisk('segments.yaml'), 'utf8'), /# mine/, 'it is a draft still');
  await page.getByRole('button', { name: 'Save…' }).click();
  await dialog(page).getByRole('button', { name: 'Save to the server' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.match(readFileSync(onDisk('segments.yaml'), 'utf8'), /# mine/);
  assert.match(readFileSync(onDisk(BANNER), 'utf8'), /# from the train/);
});

test('while somebody types, or has undone changes, what they write is not put over what a colleague saved', async (t) => {
  const page = await start(t);
  await source(page, 'Rules of this server');
  const onDisk = (path) => readFileSync(join(own.site.rules, path), 'utf8');
  const note = (text) => writeFileSync(join(own.site.rules, BANNER), `${onDisk(BANNER)}# ${text}\n`);
  const moved = page.locator('.files-bar [data-moved]');
  await visit(page, own.server, 'flags?flag=banner', '.text-editor textarea');
  const area = page.locator('.text-editor textarea');
  await keeps(page, 'base', BANNER, 'Welcome aboard');

  await area.focus();
  note('of a colleague');
  await comesBack(page);
  await moved.waitFor();
  assert.doesNotMatch(await area.inputValue(), /# of a colleague/);
  await area.evaluate((it) => it.setSelectionRange(0, 0));
  await page.keyboard.insertText('# mine\n');
  await source(page, '1 changed file');
  await area.blur();

  // Going back to where it began is no reason to lose the way forward.
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.waitForFunction(() => !document.querySelector('[data-files-source]').textContent.includes('changed'));
  const asked = page.waitForResponse('**/api/rules');
  await comesBack(page);
  await asked;
  await page.getByRole('button', { name: 'Redo', exact: true }).click();
  await source(page, '1 changed file');
  await judged(page, 'files-moved-typing');

  await page.getByRole('button', { name: 'Compare…' }).click();
  await dialog(page).getByRole('button', { name: 'Go on with the result' }).click();
  await moved.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save…' }).click();
  await dialog(page).getByRole('button', { name: 'Save to the server' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.match(onDisk(BANNER), /^# mine\n.*# of a colleague\n$/s);
});

test('lists that come late are read for the environment that is chosen', async (t) => {
  const page = await start(t, () => {
    // What the worker is asked to compile, and for which environment.
    window.asked = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...more) {
      if (message.lists) window.asked.push('lists');
      if (message.member === 'compile') window.asked.push(message.args[1].environment ?? 'the first');
      return post.call(this, message, ...more);
    };
  });
  await source(page, 'Rules of this server');
  await page.waitForFunction(() => window.asked.at(-1) === 'production' && window.asked.includes('lists'));
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  await page.route('**/api/rules/lists/**', async (route) => {
    await gate;
    await route.continue();
  });
  await page.evaluate(() => window.asked.splice(0));
  writeFileSync(join(own.site.rules, 'segments.yaml'), `${readFileSync(join(own.site.rules, 'segments.yaml'), 'utf8')}# others\n`);
  await comesBack(page);
  await page.waitForFunction(() => window.asked.length > 0);
  go();
  await page.waitForFunction(() => window.asked.includes('lists') && window.asked.at(-1) !== 'lists');
  assert.deepEqual(new Set(await page.evaluate(() => window.asked)), new Set(['production', 'lists']));
});

test('two tabs have drafts of their own, and what a closed one left is offered', async (t) => {
  const first = await start(t);
  await source(first, 'Rules of this server');
  await draft(first, { 'segments.yaml': ['\n', '\n# of the first\n'] });
  await source(first, '1 changed file');
  await keeps(first, 'files', 'segments.yaml', '# of the first');

  // It begins with a copy, and says so.
  const second = await tab(first.context());
  await second.getByText('This tab has a draft of its own').first().waitFor();
  await source(second, '1 changed file');
  await judged(second, 'files-copy');
  await draft(second, { [BANNER]: ['\n', '\n# of the second\n'] });
  await source(second, '2 changed files');
  await first.reload();
  await source(first, '1 changed file');
  assert.doesNotMatch(await kept(first, 'files', BANNER), /# of the second/);
  await second.reload();
  await source(second, '2 changed files');

  await second.close();
  await first.getByRole('button', { name: 'Open…' }).click();
  await dialog(first).getByText('Drafts that were not saved').waitFor();
  await judged(first, 'files-left');
  await dialog(first)
    .getByRole('button', { name: /^Go on with it: Rules of this server/ })
    .click();
  await source(first, '2 changed files');
  await keeps(first, 'files', BANNER, '# of the second');
  await first.reload();
  await source(first, '2 changed files');
});

test('over plain HTTP, where there are no locks: what is open is copied, and what a closed tab left is taken up in its place', async (t) => {
  const first = await start(t, () => delete Navigator.prototype.locks);
  await source(first, 'Rules of this server');
  await draft(first, { 'segments.yaml': ['\n', '\n# of the first\n'] });
  await source(first, '1 changed file');
  const placeOf = (page) => page.evaluate(() => sessionStorage.getItem('waft-studio.tab'));
  const second = await tab(first.context());
  await second.getByText('This tab has a draft of its own').first().waitFor();
  assert.notEqual(await placeOf(second), await placeOf(first));

  const left = new Set([await placeOf(first), await placeOf(second)]);
  for (const page of [first, second]) await page.goto('about:blank');
  const third = await tab(first.context());
  await source(third, '1 changed file');
  await third.waitForFunction(() => sessionStorage.getItem('waft-studio.tab'));
  assert.ok(left.has(await placeOf(third)), 'none of its own, as every new tab had once');
  assert.equal(await third.getByText('This tab has a draft of its own').count(), 0);
});
