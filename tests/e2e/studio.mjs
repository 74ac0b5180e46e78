// The studio beside the shop of one demo, each on an origin of its own.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AXE, findings } from './axe.mjs';
import { serve } from './site.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const STUDIO = join(root, 'studio/dist');

/** Starts both, and returns their addresses. */
export async function serveStudio(site) {
  const shop = await serve(site);
  const studio = await serve(
    { ...site, folder: STUDIO, database: `${site.database}-studio` },
    0,
    ...['--release-to', site.folder, '--trust', site.trust, '--records', site.records],
    ...['--population', join(root, 'examples/shop/people.csv')],
    ...['--refresh-head', join(site.folder, 'head.waft'), '--key', join(site.keys, 'freshness.pem')],
  );
  return { shop: shop.url, studio: studio.url, stop: () => Promise.all([studio.stop(), shop.stop()]) };
}

/** Goes to a place of the studio, and waits until it is drawn. */
export async function visit(page, server, hash, drawn) {
  await page.goto(new URL(`/#${hash}`, server.studio).href);
  await page.waitForSelector(drawn);
}

/** What axe finds in a state of the place, or in the dialog over it, and whether it needs sideways scrolling. WAFT_SHOTS=FOLDER keeps a picture. */
export async function judged(page, name) {
  const part = (await page.locator('.veil').count()) > 0 ? '.veil' : 'main';
  // What moves into place is looked at once it is there.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(findings, part), [], name);
  const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= shown, `${name}: ${wide} px on a page of ${shown}`);
  if (process.env.WAFT_SHOTS) await page.screenshot({ path: `${process.env.WAFT_SHOTS}/${name}.png`, fullPage: true });
}

export const SIZES = { 1440: { width: 1440, height: 900 }, 1024: { width: 1024, height: 768 }, 390: { width: 390, height: 844 } };
