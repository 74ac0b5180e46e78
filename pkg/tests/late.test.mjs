// What comes late, never, or not at all: createClient resolves, and deciding waits for no recording.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { clock, ENGINE, folder, server, snapshot, storage, TRUST } from './fixture.mjs';

let pages = 0;
/** A page of its own, which has no engine yet. */
async function open(t, options) {
  const { createClient } = await import(`../dist/lean.js?${pages++}`);
  const page = await createClient({
    snapshot: snapshot(),
    trust: TRUST,
    engine: ENGINE,
    context: { visitorId: 'v1', accountId: 7 },
    ...options,
  });
  t.after(() => page.close());
  return page;
}
test.beforeEach(() => {
  clock();
  storage();
});

for (const held of ['engine.wasm', 's.waft', '.list', '/v1/logs']) {
  for (const how of ['never', 'heads', 'trickle']) {
    test(`${held}: a server that answers ${how === 'never' ? 'nothing' : how === 'heads' ? 'heads alone' : 'a byte at a time'} holds up nobody for ever`, async (t) => {
      // A deadline of 10 seconds passes in half a second.
      const { setTimeout: later } = globalThis;
      t.mock.method(globalThis, 'setTimeout', (work, delay, ...args) => later(work, delay >= 5_000 ? delay / 20 : delay, ...args));
      const url = await server(t, (_, request, response) => {
        if (request.url.endsWith(held)) {
          if (how === 'never') return [];
          response.writeHead(200, { 'content-length': 100_000 });
          response.flushHeaders();
          const timer = how === 'trickle' && setInterval(() => response.write('x'), 5);
          response.on('close', () => clearInterval(timer));
          return [];
        }
        if (request.url === '/engine.wasm') return [200, ENGINE];
        if (request.url === '/s.waft') return [200, LISTED];
        if (request.url.endsWith('.list')) return [200, readFileSync(join(folder, basename(request.url)))];
        return [200];
      });
      const began = performance.now();
      const page = await open(t, {
        snapshot: `${url}/s.waft`,
        engine: `${url}/engine.wasm`,
        exposures: recorder({ endpoint: `${url}/v1/logs` }),
      });
      const code = { 'engine.wasm': 'ENGINE_FAILED', 's.waft': 'UNREACHABLE' }[held];
      page.track('view');
      await page.flush();
      assert.ok(performance.now() - began < 5_000);
      assert.equal(page.status().code, code);
      // Events wait for the rules, which say what their units are.
      assert.deepEqual([page.status().queued, page.status().sent], code || held === '/v1/logs' ? [1, 0] : [0, 1]);
    });
  }
}
const LISTED = snapshot({
  ruleset: () =>
    JSON.stringify({
      project: 'shop',
      environments: { production: {} },
      attributes: { accountId: 'string' },
      units: { account: { attribute: 'accountId' } },
      lists: { vip: { attribute: 'accountId', ids: Array.from({ length: 5_000 }, (_, id) => `b${id}`), preload: true } },
      flags: { lounge: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'vip', if: { list: 'vip' }, serve: 'on' }] } },
    }),
});
