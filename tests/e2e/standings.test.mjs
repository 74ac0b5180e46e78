// The table of docs/snapshot-format.md, section 14, in pages of three engines: what a page does with its rules, by what is served as its head, by where
// the rules are from, and by the clock. tests/vectors/standings.json has it, which the core and the package in Node play as well.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { begin, ROLES } from './attacked.mjs';
import { inEngines } from './engines.mjs';
import { Party } from './party.mjs';
import { startShop } from './suite.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const { heads: EXPECTED, clocks } = JSON.parse(readFileSync(new URL('../vectors/standings.json', import.meta.url)));
/** By how much each clock is ahead of the right one. */
const AHEAD = [0, 2 * DAY, -2 * DAY, 730 * DAY, -730 * DAY];

/** The shop's rules, with a folder for each head: all keep flags that nobody reads from being on. */
async function startFolders(t) {
  const origin = await startShop(t);
  const shop = new Party().init(ROLES);
  t.after(() => shop.remove());
  origin.files['/trust.json'] = JSON.stringify(shop.trust);
  const rules = shop.release(1, 'Ours', ['publisher'], '--expires', '2040-01-01T00:00Z');
  const signed = Math.floor(Date.now() / 1_000) * 1_000;
  shop.kill('test');
  const expired = shop.refresh(rules, '--expires', new Date(signed + HOUR).toISOString());
  const fresh = shop.refresh(rules);
  const other = shop.elsewhere({});
  t.after(() => other.remove());
  other.kill('test');
  const list = other.kill('gone');
  const incomplete = other.refresh(rules).subarray(list.length);
  const served = {
    fresh,
    expired,
    incomplete,
    'too large': Buffer.concat([fresh, Buffer.alloc(16_384)]),
    absent: undefined,
    blocked: undefined,
  };
  for (const [head, bytes] of Object.entries(served)) {
    Object.assign(origin.files, { [`/${encodeURI(head)}/snapshot.waft`]: rules, [`/${encodeURI(head)}/head.waft`]: bytes });
  }
  origin.held = (url) => (url === '/blocked/head.waft' || url.startsWith('/offline/') ? 'cut' : undefined);
  return [origin, signed];
}

/** What becomes of a page, a clock after the other, whose head is in a folder. */
async function outcomes(folder, from, signed, ahead) {
  const { createClient } = globalThis.waft;
  const { head } = await import('/waft/head.js');
  const until = async (condition) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const has = (what) => Object.keys(localStorage).some((key) => key.startsWith(`waft:${what}:`));
  const hour = 3_600_000;
  const right = signed + 2 * hour;
  const open = (moment, folder, more) => {
    Date.now = () => moment;
    return createClient(
      globalThis.optionsOf({ snapshot: `/${folder}/snapshot.waft`, head: head(), exposures: false, timeout: 30_000, ...more }),
    );
  };
  const found = [];
  for (const clock of ahead) {
    localStorage.clear();
    if (from === 'kept' || from === 'offline') {
      const earlier = await (from === 'kept' ? open(signed + hour / 2, 'expired') : open(right, folder));
      if (earlier.snapshot) await until(() => has('good') && has('seen'));
      earlier.close();
    }
    const url = `/${folder}/head.waft`;
    const bytes = from === 'inlined' && (await (await fetch(`/${folder}/snapshot.waft`)).arrayBuffer());
    const page = await open(right + clock, from === 'offline' ? 'offline' : folder, bytes ? { snapshot: bytes, head: head({ url }) } : {});
    const state = () => page.peek('headline').reason;
    // Its bytes decide before their head is asked for.
    if (bytes) await until(() => page.status().code || state() !== 'STALE');
    const what = { ERROR: 'defaults', STALE: 'stale' }[state()] ?? 'fresh';
    found.push(`${what} ${page.status().code ?? ''}`.trim());
    page.close();
  }
  return found;
}

inEngines({
  async 'heads, origins and clocks: each decides as the table says'(t, engine) {
    assert.equal(clocks.length, AHEAD.length);
    const [origin, signed] = await startFolders(t);
    const [tab] = await begin(t, engine, origin, { snapshot: '/fresh/snapshot.waft' });
    await tab.evaluate(() => globalThis.client.close());
    for (const [served, rows] of Object.entries(EXPECTED)) {
      for (const [from, expected] of Object.entries(rows)) {
        const found = await tab.evaluate(outcomes, encodeURI(served), from, signed, AHEAD);
        assert.deepEqual(found, expected, `a head that is ${served}, rules that are ${from}`);
      }
    }
  },
});
