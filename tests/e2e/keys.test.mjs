// A key is enrolled in the studio: the browser makes it and keeps it where no script can read it out; it signs once root has added it to the
// trust, at the command line or in the page. In Chromium; the screen also in Firefox and WebKit, where they are there.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inEngines } from './engines.mjs';
import { assemble, serve, waft } from './site.mjs';
import { demo, judged, SIZES, STUDIO, studio, visit } from './studio.mjs';

const own = studio();

async function start(t) {
  const { site, server } = await demo(t);
  const page = await own.tab(t);
  await visit(page, server, 'releases?tab=keys', '#enrol');
  return { site, server, page };
}

const dialog = (page) => page.locator('[role="dialog"], [role="alertdialog"]');
const button = (page, name) => page.getByRole('button', { name, exact: true });

async function enrol(page, holder) {
  await page.getByLabel('Your name').fill(holder);
  await button(page, 'Make the key').click();
  await page.locator('[data-key="approver"]').waitFor();
}

async function choose(page, file) {
  const chooser = page.waitForEvent('filechooser');
  await dialog(page)
    .getByRole('button', { name: /^(Choose .*pem|Another key)/ })
    .click();
  await (await chooser).setFiles(file);
  await dialog(page).getByText('You sign with').waitFor();
}

test('a key is enrolled, root adds it in the page, and it approves; it is there after a reload, and goes when its holder removes it', async (t) => {
  const { page, site, server } = await start(t);
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `keys-none-${name}`);
  }
  await page.setViewportSize(SIZES[1440]);
  await page.getByLabel('Your name').fill('anna:b=c');
  assert.ok(await button(page, 'Make the key').isDisabled());
  await enrol(page, 'anna');
  // Nothing can read it out.
  const extractable = await page.evaluate(async () => {
    const open = await new Promise((resolve) => {
      const request = indexedDB.open('waft-studio-kept');
      request.onsuccess = () => resolve(request.result);
    });
    const key = await new Promise((resolve) => {
      const request = open.transaction('key').objectStore('key').get('approver');
      request.onsuccess = () => resolve(request.result);
    });
    open.close();
    const readOut = await crypto.subtle.exportKey('pkcs8', key.secret).then(
      () => 'read out',
      (error) => error.name,
    );
    return [key.secret.extractable, readOut];
  });
  assert.deepEqual(extractable, [false, 'InvalidAccessError']);
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `keys-enrolled-${name}`);
  }
  await page.setViewportSize(SIZES[1440]);

  // It does not count yet, and the server says so.
  await page.getByText('does not count yet').waitFor();
  await page.getByRole('tab', { name: 'Now' }).click();
  await button(page, 'Approve version 3').click();
  await dialog(page).getByText('kept in this browser').waitFor();
  await button(dialog(page), 'Approve version 3').click();
  await dialog(page).getByText('It was not done').waitFor();
  await page.keyboard.press('Escape');

  // Root adds it, here.
  await page.getByRole('tab', { name: 'Your keys' }).click();
  await page.getByRole('button', { name: /^Propose it here/ }).click();
  await dialog(page)
    .getByRole('button', { name: /^Propose it here/ })
    .click();
  await page.locator('#trust-proposed', { hasText: 'waits for' }).waitFor();
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `keys-trust-proposed-${name}`);
  }
  await page.setViewportSize(SIZES[1440]);
  await page.getByRole('button', { name: /^Sign as root/ }).click();
  await choose(page, join(site.keys, 'root.pem'));
  await dialog(page)
    .getByRole('button', { name: /^Sign as root/ })
    .click();
  await page.getByRole('button', { name: /^Publish trust document/ }).click();
  await dialog(page)
    .getByRole('button', { name: /^Publish trust document/ })
    .click();
  await page.getByText('counts as anna').waitFor();

  await page.reload();
  await page.getByText('counts as anna').waitFor();
  await page.getByRole('tab', { name: 'Now' }).click();
  await button(page, 'Approve version 3').click();
  await dialog(page).getByText('anna').first().waitFor();
  await button(dialog(page), 'Approve version 3').click();
  await page.locator('[data-said]', { hasText: 'Version 3 has your signature' }).waitFor();
  await page.locator('[data-list="checks"]', { hasText: 'signed by anna' }).waitFor();

  await page.getByRole('tab', { name: 'Your keys' }).click();
  await button(page, 'Remove the key of anna').click();
  await dialog(page).getByText('nobody has a copy').waitFor();
  await button(dialog(page), 'Remove the key of anna').click();
  await page.getByText('You have no key at hand').waitFor();
  await page.reload();
  await page.getByText('You have no key at hand').waitFor();
  await server.stop();
});

/** The keys that this browser keeps: under which name, and which. */
const keptKeys = (page) =>
  page.evaluate(async () => {
    const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const open = await done(indexedDB.open('waft-studio-kept'));
    const keys = open.transaction('key').objectStore('key');
    const [names, all] = await Promise.all([done(keys.getAllKeys()), done(keys.getAll())]);
    open.close();
    return names.map((name, at) => [name, all[at].kid]);
  });

/** Which key of a role this browser signs with, by its id. */
const signsWith = async (page, role) => (await keptKeys(page)).find(([name]) => name === role)?.[1];

/** Presses a button, and the one of the dialog that it opens. */
async function act(page, name) {
  await page.getByRole('button', { name }).first().click();
  await dialog(page).getByRole('button', { name }).click();
}

test('another key takes the place of none: it is asked for, the old one signs until the new one counts, and stays until it is removed', async (t) => {
  const { page, site, server } = await start(t);
  await enrol(page, 'anna');
  const old = await signsWith(page, 'approver');
  // A tab that sees nothing of what comes.
  const other = await page.context().newPage();
  await visit(other, server, 'releases?tab=keys', '#enrol');
  await other.locator('[data-key="approver"]', { hasText: old }).waitFor();
  // A file that was read for this page is beside it, and puts it away for nobody.
  await page.getByRole('tab', { name: 'Now' }).click();
  await button(page, 'Approve version 3').click();
  await choose(page, join(site.keys, 'approver.pem'));
  await dialog(page).getByText('read for this page alone').waitFor();
  await judged(page, 'keys-file-beside-kept');
  await dialog(page).getByRole('button', { name: 'Use the key of anna, which this browser keeps' }).click();
  await dialog(page).getByText('kept in this browser').waitFor();
  await choose(page, join(site.keys, 'approver.pem'));
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'Your keys' }).click();
  await page.locator('[data-key="approver"]', { hasText: 'approver.pem' }).waitFor();
  await page.locator('[data-key="approver"]', { hasText: 'anna' }).waitFor();

  await page.getByText('Approve releases', { exact: true }).click();
  await page.locator('#enrol', { hasText: 'This browser keeps a key for that: of anna' }).waitFor();
  assert.match(await page.textContent('#enrol'), new RegExp(`Its id is ${old}, and it is not enrolled yet`));
  await page.getByLabel('Your name').fill('anna-2');
  await judged(page, 'keys-another');
  await page.getByRole('button', { name: 'Make another key for anna-2' }).click();
  await dialog(page).getByText(`The key ${old} of anna stays, and signs until the new one counts`).waitFor();
  await judged(page, 'keys-another-asked');
  await dialog(page).getByRole('button', { name: 'Make another key for anna-2' }).click();
  const beside = page.locator('[data-key="approver beside"]');
  await beside.filter({ hasText: 'anna-2' }).waitFor();
  assert.equal(await signsWith(page, 'approver'), old);
  const kid = await beside.locator('[data-kid]').textContent();

  await act(page, /^Propose it here: trust anna-2/);
  await page.getByRole('button', { name: /^Sign as root/ }).click();
  await choose(page, join(site.keys, 'root.pem'));
  await dialog(page)
    .getByRole('button', { name: /^Sign as root/ })
    .click();
  await page.getByRole('button', { name: /^Publish trust document/ }).waitFor();
  assert.equal(await signsWith(page, 'approver'), old, 'the new one does not count yet');
  await act(page, /^Publish trust document/);
  await page.getByText('The new key of anna-2 counts, and signs from now on').first().waitFor();
  assert.equal(await signsWith(page, 'approver'), kid);
  assert.equal(await page.locator('.toast', { hasText: 'The new key of anna-2' }).count(), 1, 'it is said once');
  await beside.filter({ hasText: 'signs nothing here' }).filter({ hasText: old }).waitFor();
  for (const [name, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    await judged(page, `keys-taken-over-${name}`);
  }
  await page.setViewportSize(SIZES[1440]);
  await page.reload();
  await beside.filter({ hasText: old }).waitFor();
  // The tab that was open all along removes the key that its holder sees there, though another signs by now.
  await other.locator('[data-key="approver"]', { hasText: old }).waitFor();
  await act(other, /^Remove the key of anna$/);
  await other.locator('[data-key]', { hasText: old }).waitFor({ state: 'detached' });
  assert.deepEqual(await keptKeys(page), [['approver', kid]]);
  await page.reload();
  await page.locator('[data-key="approver"]', { hasText: kid }).waitFor();
  assert.equal(await beside.count(), 0);
  await server.stop();
});

test('of two keys that come to count at once the newer signs, and all stay', async (t) => {
  const { page, site, server } = await start(t);
  await enrol(page, 'anna');
  const kids = [await signsWith(page, 'approver')];
  for (const holder of ['anna-2', 'anna-3']) {
    await page.getByLabel('Your name').fill(holder);
    await act(page, new RegExp(`^Make another key for ${holder}$`));
    const row = page.locator('[data-key="approver beside"]', { hasText: holder });
    kids.push(await row.locator('[data-kid]').textContent());
  }
  const add = await page.locator('[data-key="approver beside"]').evaluateAll((rows) =>
    rows.map((row) => ({
      role: 'approver',
      holder: row.querySelector('strong').textContent,
      publicKey: row.querySelectorAll('dd')[1].textContent,
    })),
  );
  assert.equal(add.length, 2);
  // Whoever holds root may add both in one document.
  const proposed = await page.evaluate(async (add) => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch('/api/releases/trust/propose', { method: 'POST', headers, body: JSON.stringify({ add }) });
    return answer.ok ? '' : answer.text();
  }, add);
  assert.equal(proposed, '');
  await page.reload();
  await page.getByRole('button', { name: /^Sign as root/ }).click();
  await choose(page, join(site.keys, 'root.pem'));
  await dialog(page)
    .getByRole('button', { name: /^Sign as root/ })
    .click();
  await act(page, /^Publish trust document/);
  await page.getByText('The new key of anna-3 counts, and signs from now on').first().waitFor();
  const [first, second, third] = kids;
  const expected = [['approver', third], ...[first, second].map((kid) => [`approver ${kid}`, kid]).sort()];
  assert.deepEqual(await keptKeys(page), expected);
  assert.equal(await page.locator('.toast', { hasText: 'The new key of anna-2' }).count(), 0);
  await server.stop();
});

test('a key that another tab made is not replaced', async (t) => {
  const { page, server } = await start(t);
  const other = await page.context().newPage();
  await visit(other, server, 'releases?tab=keys', '#enrol');
  await other.getByText('You have no key at hand').waitFor();
  await enrol(page, 'anna');
  const kid = await signsWith(page, 'approver');
  await other.getByLabel('Your name').fill('bea');
  await button(other, 'Make the key').click();
  await other.locator('[data-key="approver beside"]', { hasText: 'bea' }).waitFor();
  await other.locator('[data-key="approver"]', { hasText: 'anna' }).waitFor();
  assert.equal(await signsWith(other, 'approver'), kid);
  await server.stop();
});

test('the public half of an enrolled key is what waft trust add-key takes', async (t) => {
  const { page, site } = await start(t);
  await enrol(page, 'bea');
  const kid = await page.textContent('[data-kid]');
  const download = page.waitForEvent('download');
  await button(page, 'Download bea.json').click();
  const home = join(site.folder, '..');
  const file = join(home, 'bea.json');
  await (await download).saveAs(file);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).kid, kid);
  // A trust of its own, with the root key of `waft keygen`.
  writePublic(home, 'root');
  writePublic(home, 'ci');
  waft(
    'trust',
    'init',
    '--project',
    'shop',
    '--environment',
    'production',
    '--out',
    home,
    '--add',
    `publisher:ci=${home}/ci.json`,
    '--add',
    `root:root=${home}/root.json`,
  );
  const root = join(home, 'root.pem');
  waft('sign', join(home, 'trust-0001.waft'), '--role', 'root', '--key', root);
  waft('trust', 'add-key', join(home, 'trust-0001.waft'), '--add', `approver:bea=${file}`, '--key', root);
  assert.match(waft('trust', 'show', join(home, 'trust-0002.waft')), /bea/);
});

/** A key of `waft keygen`, and its public half beside it. */
function writePublic(home, name) {
  const printed = waft('keygen', '--out', join(home, `${name}.pem`));
  writeFileSync(join(home, `${name}.json`), printed);
}

/** The key that the browser keeps: whether it can be read out, and whether what it signs is genuine. */
async function judgeKept() {
  const open = await new Promise((resolve) => {
    const request = indexedDB.open('waft-studio-kept');
    request.onsuccess = () => resolve(request.result);
  });
  const key = await new Promise((resolve) => {
    const request = open.transaction('key').objectStore('key').get('approver');
    request.onsuccess = () => resolve(request.result);
  });
  open.close();
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  const message = new TextEncoder().encode('a release');
  const signature = await crypto.subtle.sign('Ed25519', key.secret, message);
  const open25519 = await crypto.subtle.importKey('raw', bytes(key.publicKey), 'Ed25519', false, ['verify']);
  return [key.secret.extractable, await crypto.subtle.verify('Ed25519', open25519, signature, message)];
}

inEngines({
  async 'a key is made where no script can read it out, kept, and there after a reload'(t, engine) {
    const site = assemble();
    t.after(() => site.remove());
    const { url } = await serve({ ...site, folder: STUDIO });
    const tab = await engine.open();
    t.after(() => tab.close());
    await tab.goto(new URL('/#releases', url).href);
    await tab.until(() => document.querySelector('#enrol input.input') !== null);
    await tab.evaluate(() => {
      const input = document.querySelector('#enrol input.input');
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, 'anna');
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await tab.until(() => {
      const make = document.querySelector('#enrol button[type="submit"]');
      if (make.disabled) return false;
      make.click();
      return true;
    });
    const kid = await tab.until(() => document.querySelector('[data-kid]')?.textContent);
    assert.deepEqual(await tab.evaluate(judgeKept), [false, true]);
    await tab.goto(new URL('/?again#releases', url).href);
    assert.equal(await tab.until(() => document.querySelector('[data-kid]')?.textContent), kid);
  },
});
