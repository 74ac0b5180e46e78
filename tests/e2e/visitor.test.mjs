// Ids of visitors in a browser's own jar: over reloads, folders and tabs, in private windows, and where cookies are refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { startOrigin } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

async function view(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.ask);
  return page;
}
const who = (frame, ...args) => frame.evaluate((args) => globalThis.ask('who', ...args), args);

test('an id lasts over reloads and tabs, and is another in another browser', async (t) => {
  const origin = await startOrigin(t);
  const contexts = [await browser.newContext(), await browser.newContext()];
  t.after(() => Promise.all(contexts.map((context) => context.close())));
  const page = await view(contexts[0], origin.url);
  for (const way of ['cookie', 'storage']) {
    const pending = await who(page, way, { consent: 'pending' });
    const id = await who(page, way);
    assert.equal(id, pending);
    await page.reload();
    await page.waitForFunction(() => globalThis.ask);
    assert.equal(await who(page, way), id);
    assert.equal(await who(await view(contexts[0], origin.url), way), id);
    assert.notEqual(await who(await view(contexts[1], origin.url), way), id);
    await who(page, way, { consent: 'denied' });
    assert.notEqual(await who(await view(contexts[0], origin.url), way), id);
  }
  const [kept] = await contexts[1].cookies();
  assert.deepEqual([kept.name, kept.path, kept.sameSite, kept.secure], ['waft-visitor', '/', 'Lax', false]);
  assert.ok(kept.expires * 1_000 > Date.now() + 399 * 86_400_000);
});

test('a sandboxed frame has an id for its page view', async (t) => {
  const origin = await startOrigin(t);
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${origin.url}/empty.html`);
  await page.evaluate(() => {
    const frame = Object.assign(document.createElement('iframe'), { sandbox: 'allow-scripts', src: '/' });
    return new Promise((resolve) => document.body.appendChild(Object.assign(frame, { onload: resolve })));
  });
  const frame = page.frames()[1];
  await frame.waitForFunction(() => globalThis.ask);
  const id = await who(frame, 'cookie');
  assert.match(id, /^[\w-]{22}$/);
  assert.equal(await who(frame, 'cookie'), id);
  assert.deepEqual((await who(frame, 'urlAttributes')).path, '/');
});
