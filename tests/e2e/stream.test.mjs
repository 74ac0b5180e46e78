// Open pages follow a release: `waft serve` tells that a snapshot has changed, and `stream()` takes it.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';
import { EVERYBODY, prepare, until } from './origin.mjs';
import { Party } from './party.mjs';
import { serve, waft } from './site.mjs';

const PAGE = `
  import { createClient } from '/waft/index.js';
  import { stream } from '/waft/updates.js';
  const trust = await (await fetch('/trust.json')).json();
  const updates = stream({ url: '/api/changes/snapshot.waft' });
  const client = await createClient({ snapshot: '/snapshot.waft', trust, context: { visitorId: 'v1' }, updates, quiet: true });
  globalThis.versions = [client.snapshot?.version];
  client.on('configurationChanged', ({ version }) => globalThis.versions.push(version));
  globalThis.variant = () => client.peek('test', false).variant;
`;
const { rules: _, ...flag } = EVERYBODY.flags.test;
const later = ['on', 'off', 'on'].map((variant) => ({ ...EVERYBODY, experiments: {}, flags: { test: { ...flag, default: variant } } }));

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A folder that is to be served, with the package in it, and a page by its script. */
function startSite(t, script) {
  const home = mkdtempSync(join(tmpdir(), 'waft-stream-'));
  const site = { home, folder: join(home, 'site'), database: join(home, 'waft.db'), servers: new Set() };
  mkdirSync(site.folder);
  site.write = (path, bytes) => writeFileSync(join(site.folder, path), bytes);
  site.write('index.html', '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>');
  site.write('page.js', script);
  cpSync(fileURLToPath(new URL('../../pkg/dist', import.meta.url)), join(site.folder, 'waft'), { recursive: true });
  t.after(() => rmSync(home, { recursive: true }));
  return site;
}

test('a page takes each release while it is open, and what came while the server was away', async (t) => {
  const site = startSite(t, PAGE);
  const { '/': _page, ...files } = await prepare(EVERYBODY, { later });
  for (const [path, bytes] of Object.entries(files)) site.write(path, bytes);
  /** As a deploy does it: at once. */
  const release = (version) => {
    writeFileSync(join(site.home, 'new.waft'), files[`/snapshot-${version}.waft`]);
    renameSync(join(site.home, 'new.waft'), join(site.folder, 'snapshot.waft'));
  };
  let server = await serve(site);
  t.after(() => server.stop());
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(server.url);
  const versions = () => page.evaluate(() => globalThis.versions ?? []);
  await until(async () => (await versions()).length === 1);

  release(2);
  await until(async () => (await versions()).at(-1) === 2);
  assert.equal(await page.evaluate(() => globalThis.variant()), 'on');
  release(3);
  await until(async () => (await versions()).at(-1) === 3);
  assert.equal(await page.evaluate(() => globalThis.variant()), 'off');

  const { port } = server;
  await server.stop();
  release(4);
  server = await serve(site, port);
  await until(async () => (await versions()).at(-1) === 4, 20);
  assert.deepEqual(await versions(), [1, 2, 3, 4]);
});

const ROOTED = `
  import * as documents from '/waft/documents.js';
  import { head } from '/waft/head.js';
  import { createClient } from '/waft/index.js';
  import { stream } from '/waft/updates.js';
  const trust = await (await fetch('/trust.json')).json();
  const updates = stream({ url: '/api/changes/flags/head.waft' });
  const context = { visitorId: 'v1', country: 'DE' };
  const client = await createClient({ snapshot: '/flags/snapshot.waft', trust, context, head: head({ documents }), updates, quiet: true });
  const errors = [];
  client.on('error', ({ code, url }) => errors.push(code + ' ' + url.replace(/.*[/]/, '')));
  globalThis.seen = () => [client.status().trustNumber ?? 0, client.peek('headline', 'default').value, client.snapshot?.version ?? 0];
  globalThis.errors = errors;
`;

test('keys rotate while two pages are open: each takes the trust document that a streamed head asks for', async (t) => {
  const site = startSite(t, ROOTED);
  const shop = new Party().init(['publisher', 'freshness', 'kill']);
  const thief = shop.robbedOf('publisher', 'freshness');
  t.after(() => [shop, thief].forEach((party) => party.remove()));
  const trust = join(site.folder, 'trust.json');
  site.write('trust.json', JSON.stringify(shop.trust));
  const flags = join(site.folder, 'flags');
  /** As `docs/releases.md` has it: what is live, its head, and the documents that lead to whose keys these are. */
  const publish = (snapshot, ...documents) => {
    const head = shop.refresh(snapshot);
    writeFileSync(shop.at('head.waft'), head);
    const more = documents.length ? ['--trust-documents', ...documents.map(shop.at)] : [];
    waft('publish', shop.at('live.waft'), '--head', shop.at('head.waft'), '--trust', trust, '--to', flags, ...more);
  };
  publish(shop.release(1, 'Ours'));
  const server = await serve(site);
  t.after(() => server.stop());
  const context = await browser.newContext();
  t.after(() => context.close());
  const pages = [await context.newPage(), await context.newPage()];
  const seen = (page) => page.evaluate(() => globalThis.seen?.());
  const all = async (...expected) => {
    for (const page of pages) {
      await until(async () => `${await seen(page)}` === `${expected}`).catch(async () => assert.deepEqual(await seen(page), expected));
    }
  };
  for (const page of pages) await page.goto(server.url);
  await all(0, 'Ours', 1);

  shop.rotate(['publisher', 'freshness']);
  publish(shop.release(2, 'By the next key'), 'trust-0001.waft');
  await all(1, 'By the next key', 2);
  // Who has the old keys, and the server, is heard no more.
  const stolen = thief.release(3, 'Stolen');
  writeFileSync(join(flags, 'snapshot.waft'), stolen);
  writeFileSync(join(flags, 'head.waft'), thief.refresh(stolen));
  await until(async () => (await pages[0].evaluate(() => globalThis.errors)).includes('UNKNOWN_KEY head.waft'));
  await all(1, 'By the next key', 2);

  // Two more at once, under a new epoch, in which versions begin again.
  shop.rotate(['publisher', 'freshness'], undefined, '--new-epoch');
  shop.rotate(['kill']);
  const documents = [1, 2, 3].map((number) => `trust-000${number}.waft`);
  const again = shop.release(1, 'Ours again');
  shop.kill('test');
  rmSync(join(flags, 'head.waft'));
  publish(again, ...documents);
  await all(3, 'Ours again', 1);
});
