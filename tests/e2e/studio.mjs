// What tests of the studio begin with: a browser and its tabs, and the studio as `waft serve` serves it beside the shop of one demo, on an origin of its
// own, with its rules and its releases.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AXE, findings } from './axe.mjs';
import { launch } from './browser.mjs';
import { picture } from './pictures.mjs';
import { assemble } from './site.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const STUDIO = join(root, 'studio/dist');

/** A browser for the tests of a file, and what `begin` starts for them: its members are the file's, and its `stop` ends it. */
export function studio(begin = () => undefined) {
  const own = {
    /** A browser context of a test, with options of its own. What its pages throw fails the test. */
    async context(t, options) {
      const context = await own.browser.newContext({ viewport: SIZES[1440], ...options });
      t.after(() => context.close());
      const errors = [];
      context.on('weberror', (error) => errors.push(String(error.error())));
      t.after(() => assert.deepEqual(errors, []));
      return context;
    },
    /** A page in a context of its own. */
    tab: async (t, options) => (await own.context(t, options)).newPage(),
  };
  before(async () => {
    own.browser = await launch();
    Object.assign(own, await begin());
  });
  after(async () => {
    await own.browser?.close();
    await own.stop?.();
  });
  return own;
}

/** The demo and its server: of one test, or of a file. `change` is given the site before it is served, and returns more options of the server. */
export async function demo(t, { folder, change, args = [] } = {}) {
  const site = assemble(...args);
  t?.after(() => site.remove());
  const more = change?.(site);
  return { site, server: await serveStudio(site, folder?.(site), more), stop: () => site.remove() };
}

/** Starts both, with more options, and returns their addresses. The demo's studio is told where its shop is. */
export async function serveStudio(site, folder = STUDIO, more = []) {
  const args = [
    ...['serve', '--dir', site.folder, '--port', '0', '--db', site.database, '--environment', 'production'],
    ...['--studio', folder, '--studio-port', '0', '--rules', site.rules],
    ...['--release-to', site.folder, '--trust', site.trust, '--records', site.records],
    // The server proposes; it cannot approve.
    ...['--publisher-key', join(site.keys, 'publisher.pem')],
    ...['--population', join(root, 'examples/shop/people.csv')],
    ...['--refresh-head', join(site.folder, 'head.waft'), '--key', join(site.keys, 'freshness.pem')],
    ...more,
  ];
  const child = spawn(join(root, 'target/release/waft'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  site.servers.add(child);
  const ended = new Promise((resolve) => child.on('exit', resolve)).finally(() => site.servers.delete(child));
  const lines = createInterface({ input: child.stdout });
  const found = await new Promise((resolve, reject) => {
    const urls = [];
    lines.on('line', (line) => {
      const [url] = /http:\/\/\S+/.exec(line) ?? [];
      if (url && urls.push(url) === 2) resolve(urls);
    });
    ended.then((code) => reject(new Error(`waft serve ended with ${code}`)));
  });
  const [shop, studio] = found;
  if (folder === site.studio) {
    const page = join(folder, 'index.html');
    writeFileSync(page, readFileSync(page, 'utf8').replaceAll('http://localhost:8787', new URL(shop).origin));
  }
  return {
    shop,
    studio,
    stop: async () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Goes to a place of the studio, and waits until it is drawn. */
export async function visit(page, server, hash, drawn) {
  await page.goto(new URL(`/#${hash}`, server.studio).href);
  await page.waitForSelector(drawn);
}

/** What axe finds in a state of the place, or in the dialog over it, and whether it needs sideways scrolling. */
export async function judged(page, name) {
  const part = (await page.locator('.veil').count()) > 0 ? '.veil' : 'main';
  await accessible(page, name, part);
  const [wide, shown] = await page.evaluate(() => {
    // A dialog is as wide as it is, whatever the page behind it may be; what is in it scrolls up and down alone.
    const within = [...document.querySelectorAll('.modal, .modal .content')].map(
      (part) => part.getBoundingClientRect().left + part.scrollWidth,
    );
    return [Math.max(document.documentElement.scrollWidth, ...within), innerWidth];
  });
  assert.ok(wide <= shown + 1, `${name}: ${wide} px on a page of ${shown}`);
}

/** axe finds nothing in a part of the page; the page is kept as a picture. */
export async function accessible(page, name, part = 'main') {
  // What moves into place is looked at once it is there. A cursor blinks for ever.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => playState !== 'running' || effect?.getComputedTiming().endTime === Infinity),
  );
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(findings, part), [], name);
  await picture(page, name);
}

export const SIZES = { 1440: { width: 1440, height: 900 }, 1024: { width: 1024, height: 768 }, 390: { width: 390, height: 844 } };
