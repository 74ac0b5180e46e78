// Answers that are no yes, and texts that are none, in Chromium: pkg/tests/strange.test.mjs has more of them, in Node.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { recordsOf, startOrigin } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A page with a client. */
async function openPage(t, origin, options) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  await page.evaluate((options) => globalThis.ask('start', options), options);
  return page;
}

const stored = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('waft:q:')).length);

for (const [what, answer, waiting] of [
  ['redirects', (response) => response.writeHead(307, { location: '/elsewhere' }).end(), 1],
  ['redirects to another site', (response) => response.writeHead(308, { location: 'http://127.0.0.1:9/elsewhere' }).end(), 1],
  ['answers 200 with a page in HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Welcome'), 1],
  ['answers 200 with bytes that are no UTF-8', (response) => response.writeHead(200).end(Buffer.from([0x22, 0xff, 0xfe])), 1],
  ['answers 204', (response) => response.writeHead(204).end(), 0],
]) {
  test(`an endpoint that ${what}: ${waiting ? 'kept, and the next page sends it' : 'done'}`, async (t) => {
    const origin = await startOrigin(t);
    const page = await openPage(t, origin);
    origin.answer = answer;
    const reason = await page.evaluate(() =>
      globalThis.ask('call', 'setContext', { visitorId: 'v1' }).then(() => globalThis.ask('buy', 'purchase')),
    );
    assert.equal(reason, 'SPLIT');
    const status = await page.evaluate(() => globalThis.ask('status'));
    assert.deepEqual([status.waiting, status.sent, await stored(page)], [2 * waiting, 2 - 2 * waiting, waiting]);
    assert.ok(
      origin.requests.every(({ url, method }) => method === 'GET' || url === '/v1/logs'),
      'nothing goes elsewhere',
    );
    origin.answer = 200;
    await page.goto(`${origin.url}/empty.html`);
    await page.goto(origin.url);
    await page.waitForFunction(() => globalThis.ask);
    await page.evaluate(() => globalThis.ask('start'));
    await page.waitForFunction(() => globalThis.ask('status').then(({ waiting }) => waiting === 0));
    await page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith('waft:q:')));
    const events = new Set(origin.records.map((record) => record['waft.exposure.id'] ?? record['waft.event.id']));
    assert.equal(events.size, 2 * waiting);
  });
}

test('a unit with a lone surrogate is sent as UTF-8; events of 1 MB and strange data under our keys cost nothing else', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin, { exposures: { endpoint: '/v1/logs', robot: true } });
  await page.evaluate(() => {
    localStorage.setItem('waft:q:\ud800:1', '["\ud800"]');
    localStorage.setItem(
      'waft:q:theirs:1',
      JSON.stringify([{ project: 'shop', event: 'waft.track', time: 1, attributes: { theirs: 'x'.repeat(1 << 20) } }]),
    );
    localStorage.setItem('waft:q:theirs:2', '[{"project":"shop","event":"waft.track","time":"today","attributes":{"a":{"b":1}}}]');
  });
  await page.evaluate(() => globalThis.ask('start'));
  await page.evaluate(async () => {
    await globalThis.ask('call', 'track', 'x'.repeat(1 << 20));
    await globalThis.ask('call', 'setContext', { visitorId: 'v\ud800' });
    await globalThis.ask('buy', '\udfff', { text: '\ud800' });
  });
  await page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith('waft:q:')));
  const bodies = origin.requests
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'latin1')));
  const [exposure, event, ...more] = bodies.flatMap(recordsOf);
  assert.deepEqual(
    [exposure['feature_flag.context.id'], event['waft.event.name'], event['waft.event.properties'], more],
    ['v\ufffd', '\ufffd', '{"text":"\ufffd"}', []],
  );
  assert.equal((await page.evaluate(() => globalThis.ask('status'))).leftOut, 1);
});
