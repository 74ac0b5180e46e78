// Open pages follow a release: `waft serve` tells that a snapshot has changed, and `stream()` takes it.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';
import { EVERYBODY, prepare, until } from './origin.mjs';
import { serve } from './site.mjs';

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

test('a page takes each release while it is open, and what came while the server was away', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'waft-stream-'));
  const site = { folder: join(home, 'site'), database: join(home, 'waft.db'), servers: new Set() };
  mkdirSync(site.folder);
  const { '/': _page, ...files } = await prepare(EVERYBODY, { later });
  for (const [path, bytes] of Object.entries(files)) writeFileSync(join(site.folder, path), bytes);
  writeFileSync(
    join(site.folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
  );
  writeFileSync(join(site.folder, 'page.js'), PAGE);
  cpSync(fileURLToPath(new URL('../../pkg/dist', import.meta.url)), join(site.folder, 'waft'), { recursive: true });
  /** As a deploy does it: at once. */
  const release = (version) => {
    writeFileSync(join(home, 'new.waft'), files[`/snapshot-${version}.waft`]);
    renameSync(join(home, 'new.waft'), join(site.folder, 'snapshot.waft'));
  };
  let server = await serve(site);
  t.after(async () => {
    await server.stop();
    rmSync(home, { recursive: true });
  });
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
