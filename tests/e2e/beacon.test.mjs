// A page's last chance, where `fetch` fails as it is left: a beacon to a collector on another origin, which is a real `waft serve`.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { startOrigin, until } from './origin.mjs';
import { serve } from './site.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test('a beacon passes the CORS of `waft serve --allow-origin`', async (t) => {
  const origin = await startOrigin(t);
  const folder = mkdtempSync(join(tmpdir(), 'waft-beacon-'));
  const site = { folder, database: join(folder, 'waft.db'), servers: new Set() };
  const collector = await serve(site, 0, '--allow-origin', origin.url);
  t.after(async () => {
    await collector.stop();
    rmSync(folder, { recursive: true });
  });
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  const exposures = { endpoint: `${collector.url}/v1/logs` };
  assert.equal(await page.evaluate((exposures) => globalThis.ask('start', { exposures }), exposures), undefined);
  await page.evaluate(() => {
    const { fetch } = globalThis;
    globalThis.fetch = (url, init) => (init?.method === 'POST' ? Promise.reject(new TypeError('keepalive quota')) : fetch(url, init));
    return globalThis.ask('meet', ['v1']);
  });
  const stored = async () => (await (await fetch(`${collector.url}/api/exposures`)).json()).total;
  assert.equal(await stored(), 0);
  await page.goto(`${origin.url}/empty.html`);
  await until(async () => (await stored()) === 1);
});
