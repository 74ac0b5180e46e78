// The examples, built and opened in Chromium: each shows its flags, exposes on mount, and again for another visitor.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { launch } from './browser.mjs';
import { recordsOf, until } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const rootOf = (name) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const HEADLINES = { control: 'Welcome to the harbour', bold: 'Set sail today' };

for (const name of ['vite-react', 'vue', 'svelte', 'openfeature']) {
  test(name, async (t) => {
    const root = rootOf(name);
    const outDir = mkdtempSync(join(tmpdir(), 'waft-example-'));
    t.after(() => rmSync(outDir, { recursive: true }));
    execFileSync(process.execPath, ['../sign.mjs'], { cwd: root });
    const options = { root, logLevel: 'warn', build: { outDir, emptyOutDir: true } };
    await build(options);
    const server = await preview({ ...options, preview: { host: '127.0.0.1', port: 0 } });
    t.after(() => server.close());
    const { mock } = t.mock.method(console, 'log', () => {});

    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    const [errors, exposed] = [[], []];
    page.on('pageerror', (error) => errors.push(error));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('request', (request) => request.method() === 'POST' && exposed.push(...recordsOf(request.postData())));
    await page.goto(server.resolvedUrls.local[0]);

    await page.getByText('Free shipping').waitFor();
    const shown = await page.textContent('h1');
    await until(() => exposed.length === 1);
    await page.getByRole('button').click();
    await page.getByText('Shipping: 4.90').waitFor();
    await until(() => exposed.length === 2);
    const variants = exposed.map((record) => record['feature_flag.result.variant']);
    assert.deepEqual(
      [shown, await page.textContent('h1')],
      variants.map((variant) => HEADLINES[variant]),
    );
    assert.equal(new Set(exposed.map((record) => record['feature_flag.context.id'])).size, 2);
    await until(() => mock.calls.filter(({ arguments: [line] }) => line?.startsWith('exposed: ')).length === 2);
    assert.deepEqual(errors, []);
  });
}

test('flags for Vue and Svelte are 30 lines at most, to copy', () => {
  for (const file of ['vue/src/flag.js', 'svelte/src/flag.svelte.js']) {
    assert.ok(readFileSync(rootOf(file), 'utf8').trimEnd().split('\n').length <= 30, file);
  }
});

test('node-server: what the server decided is there before the rules, does not move, and is exposed at once, and once', async (t) => {
  const root = rootOf('node-server');
  execFileSync(process.execPath, ['../sign.mjs'], { cwd: root });
  await build({ root });
  const server = spawn(process.execPath, ['server.mjs', '0'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill());
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const { value: url } = await lines.next();

  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.shifts = [];
    const observer = new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().map(({ value }) => value)));
    observer.observe({ type: 'layout-shift', buffered: true });
  });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/snapshot.waft', async (route) => {
    await held;
    await route.continue();
  });
  const [asked, exposed] = [[], []];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  page.on('request', (request) => request.method() === 'POST' && exposed.push(...recordsOf(request.postData())));
  await page.goto(url);
  await page.getByText('Free shipping').waitFor();
  const shown = await page.textContent('h1');
  assert.ok(Object.values(HEADLINES).includes(shown));
  // The rules do not come yet.
  await until(() => exposed.length === 1);
  release();
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('waft:good')));
  assert.equal(HEADLINES[exposed[0]['feature_flag.result.variant']], shown);
  const [{ value: visitor }] = await context.cookies();
  assert.equal(exposed[0]['feature_flag.context.id'], visitor);
  assert.deepEqual(
    [await page.textContent('h1'), await page.textContent('p'), await page.evaluate(() => globalThis.shifts)],
    [shown, 'Free shipping', []],
  );
  assert.equal(exposed.length, 1);
  // What the head asks for ahead is what the client asks for.
  assert.deepEqual(asked.sort(), ['/', '/page.js', '/snapshot.waft', '/v1/logs']);
  const { value: told } = await lines.next();
  assert.match(told, /^exposed: /);
});

test('script-tag: a static page decides, hides its flags until then, and exposes for two visitors', async (t) => {
  const root = rootOf('script-tag');
  execFileSync(process.execPath, ['../sign.mjs'], { cwd: root });
  const server = spawn(process.execPath, ['server.mjs', '0'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill());
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const { value: url } = await lines.next();

  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const [problems, exposed] = [[], []];
  page.on('pageerror', (error) => problems.push(error));
  page.on('console', (message) => /^(error|warning)$/.test(message.type()) && problems.push(message.text()));
  page.on('request', (request) => request.method() === 'POST' && exposed.push(...recordsOf(request.postData())));
  await page.goto(url);
  await page.getByText('Free shipping').waitFor();
  const shown = await page.textContent('h1');
  await until(() => exposed.length === 1);
  assert.equal(await page.locator('style[data-waft]').count(), 0);
  await page.getByRole('button').click();
  await page.getByText('Shipping: 4.90').waitFor();
  await until(() => exposed.length === 2);
  assert.deepEqual(
    [shown, await page.textContent('h1')],
    exposed.map((record) => HEADLINES[record['feature_flag.result.variant']]),
  );
  const { value: told } = await lines.next();
  assert.match(told, /^exposed: /);
  assert.deepEqual(problems, []);
});

test('service-worker: pages have their flags in the HTML, decided in the worker, which exposes them', async (t) => {
  const root = rootOf('service-worker');
  const outDir = mkdtempSync(join(tmpdir(), 'waft-example-'));
  t.after(() => rmSync(outDir, { recursive: true }));
  execFileSync(process.execPath, ['../sign.mjs'], { cwd: root });
  const options = { root, logLevel: 'warn', build: { outDir, emptyOutDir: true } };
  await build(options);
  await build({ root, mode: 'worker', logLevel: 'warn', build: { outDir } });
  const server = await preview({ ...options, preview: { host: '127.0.0.1', port: 0 } });
  t.after(() => server.close());
  const { mock } = t.mock.method(console, 'log', () => {});
  const told = () => mock.calls.map(({ arguments: [line] }) => /^exposed: .*result.variant=(\w+)/.exec(line)?.[1]).filter(Boolean);

  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const [url] = server.resolvedUrls.local;
  await page.goto(url);
  assert.equal(await page.textContent('h1'), 'Welcome');
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const html = await (await page.goto(url)).text();
  await until(() => told().length === 1);
  const shown = HEADLINES[told()[0]];
  assert.deepEqual([await page.textContent('h1'), await page.textContent('p')], [shown, 'Free shipping']);
  assert.ok(html.includes(shown) && html.includes('Free shipping'));
  await page.reload();
  assert.deepEqual([await page.textContent('h1'), errors, told().length], [shown, [], 1]);
});
