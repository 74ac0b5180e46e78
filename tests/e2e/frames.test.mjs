// What an iframe made, handed to the client of the page around it: its classes are others.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { EVERYBODY, startOrigin } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const RULESET = {
  ...EVERYBODY,
  attributes: { visitorId: 'string', since: 'date', tags: 'list' },
  flags: {
    early: {
      type: 'boolean',
      whenOff: 'off',
      default: 'off',
      rules: [{ id: 'early', if: { all: [{ since: { before: '2026-02-01T00:00Z' } }, { tags: { hasAny: ['a'] } }] }, serve: 'on' }],
    },
  },
  experiments: {},
};

for (const kind of ['URL', 'module', 'bytes']) {
  test(`an iframe's Date and list, and its ${kind} of rules and engine`, async (t) => {
    const origin = await startOrigin(t, RULESET);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(origin.url);
    await page.waitForFunction(() => globalThis.ask);
    const decided = await page.evaluate(async (kind) => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      await new Promise((resolve) => Object.assign(frame, { src: '/empty.html', onload: resolve }));
      const there = frame.contentWindow;
      const bytes = async (path) => (await there.fetch(path)).arrayBuffer();
      const sources = {
        URL: async () => ['/snapshot.waft', '/engine.wasm'].map((path) => new there.URL(path, location.href)),
        module: async () => [await bytes('/snapshot.waft'), await there.WebAssembly.compile(await bytes('/engine.wasm'))],
        bytes: async () => [new there.Uint8Array(await bytes('/snapshot.waft')), await bytes('/engine.wasm')],
      };
      const [snapshot, engine] = await sources[kind]();
      const since = new there.Date('2026-01-31');
      if (since instanceof Date || snapshot instanceof Uint8Array) throw new Error('of the same classes');
      const code = await globalThis.ask('start', { snapshot, engine, context: { since, tags: there.Array.of('a') } });
      return [code, await globalThis.ask('call', 'getBooleanValue', 'early', false)];
    }, kind);
    assert.deepEqual(decided, [undefined, true]);
  });
}
