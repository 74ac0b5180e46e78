// `waft/vite` in Chromium: rules are reloaded into the page that is open, lint's errors are in the overlay, and a build's page asks for its
// snapshot once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build, createServer, preview } from 'vite';
import waft from 'waft/vite';
import { launch } from './browser.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const RULESET = join(root, 'examples/shop');
const BUTTON = 'flags/call-to-action.yaml';
const MAIN = `
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
import rules from 'virtual:waft';

const client = await createClient({ ...rules, context: { visitorId: 'v1' }, exposures: recorder({ endpoint: '/v1/logs' }) });
const show = () => (document.title = client.status().code ?? client.getStringValue('call-to-action', ''));
client.on('configurationChanged', show);
client.on('error', show);
// If the page is loaded anew.
window.loaded = false;
show();
`;

let browser;
let folder;
before(async () => {
  browser = await launch();
  mkdirSync(join(root, 'target'), { recursive: true });
  folder = mkdtempSync(join(root, 'target/vite-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'pkg'), join(folder, 'node_modules/waft'));
  cpSync(RULESET, join(folder, 'ruleset'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><html><body><script type="module" src="/main.js"></script></body></html>');
  writeFileSync(join(folder, 'main.js'), MAIN);
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const config = (plugin) => ({ root: folder, configFile: false, logLevel: 'silent', plugins: [waft({ ruleset: 'ruleset', ...plugin })] });
const titled = (page, title) => page.waitForFunction((expected) => document.title === expected, title);

/** A snapshot in `public`, and the trust of its publisher. */
function release() {
  const [publicFolder, trust, key] = ['public', 'trust.json', 'key.pem'].map((name) => join(folder, name));
  const snapshot = join(publicFolder, 'snapshot.waft');
  for (const path of [publicFolder, key]) rmSync(path, { recursive: true, force: true });
  const command = (...line) =>
    execFileSync(process.execPath, [join(root, 'pkg/bin/waft.mjs'), ...line], { encoding: 'utf8', stdio: 'pipe' });
  const { kid, publicKey } = JSON.parse(command('keygen', '--out', key));
  command('build', RULESET, '--environment', 'production', '--version', '1', '--out', snapshot);
  command('sign', snapshot, '--key', key, '--role', 'publisher');
  const require = [{ role: 'publisher', keys: [kid] }];
  writeFileSync(trust, JSON.stringify({ project: 'shop', environment: 'production', keys: { [kid]: publicKey }, require }));
  return { trust, snapshot };
}

async function open(t, url) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(url);
  return { page, asked };
}

test('a change of the ruleset reaches the open page, its client and its queue', async (t) => {
  const watch = { usePolling: true, interval: 50 };
  const server = await createServer({ ...config({}), server: { host: '127.0.0.1', port: 0, watch } });
  t.after(() => server.close());
  await server.listen();
  const { page } = await open(t, server.resolvedUrls.local[0]);
  await page.waitForFunction(() => document.title !== '');
  await page.evaluate(() => (window.loaded = true));
  const text = readFileSync(join(folder, 'ruleset', BUTTON), 'utf8');
  const change = (next) => writeFileSync(join(folder, 'ruleset', BUTTON), next);

  change(text.replace('Shop the collection', 'Come aboard').replace('Set sail today', 'Come aboard'));
  await titled(page, 'Come aboard');

  change(text.replace('type: string', 'type: sting'));
  const overlay = page.locator('vite-error-overlay');
  await overlay.waitFor();
  assert.match(await overlay.evaluate((element) => element.shadowRoot.textContent), /call-to-action\.yaml:\d+:\d+: error\[/);
  assert.equal(await page.title(), 'Come aboard');

  change(text.replace('Shop the collection', 'Welcome').replace('Set sail today', 'Welcome'));
  await titled(page, 'Welcome');
  await overlay.waitFor({ state: 'detached' });
  assert.ok(await page.evaluate(() => window.loaded));
  change(text);
});

test('the page of a build asks for its snapshot once, or has it', async (t) => {
  for (const html of ['preload', 'inline']) {
    const options = { ...config({ ...release(), html }), build: { target: 'es2022' } };
    await build(options);
    const server = await preview({ ...options, preview: { host: '127.0.0.1', port: 0 } });
    t.after(() => server.close());
    const { page, asked } = await open(t, server.resolvedUrls.local[0]);
    await page.waitForFunction(() => document.title !== '');
    assert.match(await page.title(), /^(?:Shop the collection|Set sail today)$/);
    assert.equal(asked.filter((url) => url.endsWith('/snapshot.waft')).length, html === 'inline' ? 0 : 1, html);
  }
});
