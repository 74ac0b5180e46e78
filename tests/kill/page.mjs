// A page that follows heads, in Chromium: a client of the package as a site has it.
import { cpSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch } from '../e2e/browser.mjs';

const script = (updates) => `
import { createClient } from './waft/index.js';
import { head } from './waft/head.js';
import { poll, stream } from './waft/updates.js';
const trust = await (await fetch('trust.json')).json();
const client = await createClient({ snapshot: 'snapshot.waft', trust, context: { id: 'u1' }, head: head(), updates: ${updates} });
// When the flag was what, as the page saw it.
globalThis.seen = [[Date.now(), client.getBooleanValue('new', false)]];
client.on('configurationChanged', () => globalThis.seen.push([Date.now(), client.getBooleanValue('new', false)]));
`;

/** Opens it, with the `updates` of its client -> { until, close }: `until` waits until the flag is on or off, and returns when that was, in milliseconds since 1970. */
export async function openPage(folder, trust, url, updates) {
  writeFileSync(`${folder}/trust.json`, trust);
  writeFileSync(`${folder}/page.js`, script(updates));
  writeFileSync(`${folder}/page.html`, '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>');
  cpSync(fileURLToPath(new URL('../../pkg/dist', import.meta.url)), `${folder}/waft`, { recursive: true });
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(`${url}/page.html`);
  const until = async (isOn) => {
    const seen = await page.waitForFunction((isOn) => globalThis.seen?.at(-1)?.[1] === isOn && globalThis.seen.at(-1), isOn, {
      timeout: 30_000,
    });
    return (await seen.jsonValue())[0];
  };
  await until(true);
  return { until, close: () => browser.close() };
}
