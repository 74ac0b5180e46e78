// The queue's machine really traps, wherever it is: another takes over what waits, each record arrives, and after the last one it is told.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { collector, ids } from './collector.mjs';
import { clock, snapshot, storage, TRUST, until } from './fixture.mjs';
import { functionsOf, fused, instances } from './fuse.mjs';

const SNAPSHOT = snapshot();
const BYTES = new Uint8Array(readFileSync(new URL('../queue/queue.wasm', import.meta.url)));
const queue = fused(BYTES);
const names = (it) => new Set(it.records.map((record) => record['waft.event.name']));
const open = async (t, endpoint, options = {}) => {
  const page = await createClient({
    snapshot: SNAPSHOT,
    trust: TRUST,
    context: { visitorId: 'v1' },
    exposures: recorder({ endpoint, queue, ...options }),
  });
  t.after(() => page.close());
  await page.flush();
  return page;
};

test('a trap anywhere: all records arrive, nothing is left in storage, and what was counted is', async (t) => {
  clock();
  const it = await collector(t);
  const made = instances(t);
  let traps = 0;
  for (let at = 0; at < 400; at += at < 60 ? 1 : 13) {
    const kept = storage();
    made.length = it.records.length = 0;
    const page = await open(t, it.url);
    page.track('before');
    await page.flush();
    made[0].exports.fuse.value = at;
    for (let event = 0; event < 5; event++) {
      page.track(`event-${event}`);
      await null;
    }
    await page.flush();
    await until(() => page.status().queued === 0);
    assert.deepEqual(names(it), new Set(['before', ...Array.from({ length: 5 }, (_, event) => `event-${event}`)]), String(at));
    assert.equal(page.status().code, undefined);
    assert.ok(page.status().sent >= 6 || made.length > 1, `${at}: ${page.status().sent}`);
    assert.deepEqual(kept.keys('waft:q:'), []);
    traps += made.length - 1;
    page.close();
  }
  assert.ok(traps > 40, `${traps} traps`);
});

for (const name of functionsOf(BYTES)) {
  test(`a machine whose ${name}() always traps: told, bounded, and the next page sends what this one stored`, async (t) => {
    clock();
    const kept = storage();
    const it = await collector(t);
    let at = -1;
    const made = instances(t, ({ exports: { fuse } }) => (fuse.value = at));
    const page = await open(t, it.url, { queue: fused(BYTES, name) });
    at = 0;
    for (const { exports } of made) exports.fuse.value = 0;
    const heard = [];
    page.on('error', ({ code }) => heard.push(code));
    page.track('one');
    page.getStringValue('cta', '');
    await page.flush();
    page.track('two');
    await page.flush();
    page.status();
    page.exposures.status();
    assert.ok(made.length <= 5, `${made.length} instances`);
    const { code, lost = 0 } = page.exposures.status();
    assert.deepEqual([code, heard], page.status().code ? ['RECORDER_FAILED', ['RECORDER_FAILED']] : [undefined, []], name);
    page.close();
    at = -1;
    const next = await open(t, it.url);
    await until(() => kept.keys('waft:q:').length === 0);
    assert.equal(new Set(ids(it)).size + lost, 3, `${name}: ${[...names(it)]}`);
    next.close();
  });
}
