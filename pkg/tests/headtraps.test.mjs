// Engines that really trap while a page takes a trust document, a head and rules: it is done again, and all of it holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as documents from '../build/documents.js';
import { head } from '../build/head.js';
import { createClient } from '../build/lean.js';
import { clock, ENGINE, key, PUBLISHER, server, settled, snapshot, storage } from './fixture.mjs';
import { fused, instances } from './fuse.mjs';
import { Publisher, publicOf, rooted } from './heads.mjs';

const BEGIN = Math.floor(Date.now() / 1_000) * 1_000;
const CI = key();
const made = (version, ...sign) =>
  snapshot({ version, issued: new Date(BEGIN).toISOString(), expires: '2040-01-01T00:00Z', sign: sign.map((by) => [by, 'publisher']) });
const OLD = made(1, PUBLISHER);
const NEW = made(2, CI);
const TRUST = rooted();
const FUSED = fused(ENGINE);

test('a trap anywhere while keys are replaced: the page ends where it would have', async (t) => {
  const publisher = new Publisher(TRUST);
  publisher.kill('theme');
  const before = publisher.refresh(OLD);
  const [killer, refresher] = [key(), key()];
  const rotated = [`publisher=${publicOf(CI)}`, `kill=${publicOf(killer)}`, `freshness=${publicOf(refresher)}`, '--new-epoch'];
  const document = publisher.change('rotate', rotated);
  publisher.clear();
  Object.assign(publisher, { killer, refresher });
  publisher.kill('fixed');
  const after = publisher.refresh(NEW);
  let files;
  const url = await server(t, (_body, request) => (files[request.url] ? [200, files[request.url]] : [404, 'none']));
  const instancesMade = instances(t);
  t.mock.method(console, 'warn', () => {});

  /** One page that has the old rules, and is handed the new ones; whose first engine traps after so many steps. */
  async function rotate(steps) {
    clock(BEGIN + 7_200_000);
    storage();
    files = { '/s.waft': OLD, '/head.waft': before };
    instancesMade.length = 0;
    const engine = new Uint8Array(FUSED);
    const context = { visitorId: 'v4', country: 'DE' };
    const page = await createClient({ snapshot: `${url}/s.waft`, trust: TRUST, context, head: head({ documents }), engine, quiet: true });
    const [instance] = instancesMade;
    assert.equal(page.peek('theme').flagMetadata.killed, true);
    files = { '/s.waft': NEW, '/head.waft': after, '/trust-0001.waft': document };
    instance.exports.fuse.value = steps;
    let loaded = await page.load(`${url}/s.waft`);
    const left = instance.exports.fuse.value;
    // What traps while it is adopted is refused. Rules whose key is revoked are not what the page goes back to.
    if (loaded.code === 'GENERAL') {
      assert.equal(page.snapshot, undefined);
      loaded = await page.load(`${url}/s.waft`);
    }
    const killed = ['theme', 'fixed'].map((flag) => page.peek(flag).flagMetadata.killed);
    const found = [loaded, killed, page.status().trustNumber, page.snapshot?.version];
    await settled();
    const seen = localStorage
      .keys('waft:seen')
      .sort()
      .map((name) => `${name.at(-1)} ${localStorage.getItem(name)[0]}`);
    page.close();
    return [left, [...found, seen]];
  }

  const [left, right] = await rotate(-1);
  assert.deepEqual(right, [{ ok: true, version: 2 }, [undefined, true], 1, 2, ['0 1', '1 2']]);
  const all = -1 - left;
  let trapped = 0;
  for (let at = 0; at < all; at += Math.ceil(all / 60)) {
    const [left, found] = await rotate(at);
    if (left === 0) trapped++;
    assert.deepEqual(found, right, `${at} of ${all}`);
  }
  assert.ok(trapped > 40, `${trapped} traps`);
});
