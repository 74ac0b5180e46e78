// What is told of an error: code, address, status and cause, once in the console, so that a 404, a page in place of a snapshot, and a
// policy against WebAssembly are told apart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { createClient as createLean } from '../dist/lean.js';
import { clock, server, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const LINK = 'see waft/README.md#codes';
const start = (options) => createClient({ trust: TRUST, snapshot: SNAPSHOT, ...options });
let warn;
test.beforeEach((t) => {
  clock();
  storage();
  warn = t.mock.method(console, 'warn', () => {}).mock;
});

/** What is told to a handler that came later. */
async function told(page) {
  const heard = [];
  page.on('error', (error) => heard.push(error));
  await null;
  page.close();
  return heard;
}

for (const [what, answer, expected] of [
  [
    'a path that is not there',
    [404, 'no', { 'content-type': 'text/plain' }],
    { code: 'UNREACHABLE', httpStatus: 404, cause: 'text/plain' },
  ],
  [
    'the HTML of a single-page application',
    [200, '<!doctype html><div id="root"></div>', { 'content-type': 'text/html' }],
    { code: 'MALFORMED', httpStatus: 200, cause: 'text/html' },
  ],
  ['a file that says nothing of its type', [200, 'x'], { code: 'MALFORMED', httpStatus: 200, cause: null }],
]) {
  test(`${what}: code, address, status and content type, and one line in the console`, async (t) => {
    const url = `${await server(t, () => answer)}/s.waft`;
    const page = await start({ snapshot: url });
    const { queued, sent, dropped, ...status } = page.status();
    const error = { url, ...expected, message: `${expected.code}: ${LINK}` };
    assert.deepEqual(status, error);
    await page.load(url);
    assert.deepEqual(await told(page), [error]);
    assert.deepEqual(
      warn.calls.map(({ arguments: shown }) => shown),
      [['waft', error]],
    );
  });
}

test('no answer: what fetch threw', async () => {
  const page = await start({ snapshot: 'http://127.0.0.1:9/s.waft' });
  const { code, url, httpStatus, cause } = page.status();
  assert.deepEqual([code, url, httpStatus, cause.name], ['UNREACHABLE', 'http://127.0.0.1:9/s.waft', undefined, 'TypeError']);
  // Bytes have no address.
  await page.load(new Uint8Array(9));
  assert.deepEqual(await told(page), [{ code: 'MALFORMED', message: `MALFORMED: ${LINK}` }]);
  assert.equal(warn.callCount(), 2);
});

test('rules that come later: nothing is wrong any more', async () => {
  const page = await start({ snapshot: 'http://127.0.0.1:9/s.waft' });
  assert.deepEqual(await page.load(SNAPSHOT), { ok: true, version: 1 });
  assert.deepEqual(page.status(), { queued: 0, sent: 0, dropped: 0 });
  assert.deepEqual(await told(page), []);
});

test('a policy against WebAssembly: what the browser threw, and no address', async (t) => {
  const refused = new WebAssembly.CompileError("Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not allowed");
  for (const name of ['compile', 'instantiate']) t.mock.method(WebAssembly, name, () => Promise.reject(refused));
  const url = `${await server(t, () => [200, SNAPSHOT])}/s.waft`;
  const page = await createLean({ trust: TRUST, snapshot: url, engine: new Uint8Array(8) });
  assert.deepEqual(await told(page), [{ cause: refused, code: 'ENGINE_FAILED', message: `ENGINE_FAILED: ${LINK}` }]);
});

test('quiet: events and status alone', async () => {
  const page = await start({ snapshot: new Uint8Array(9), quiet: true });
  assert.deepEqual([page.status().code, warn.callCount()], ['MALFORMED', 0]);
  page.close();
});

for (const [option, value] of [
  ['preview', 'a token, as it was'],
  ['exposures', { endpoint: '/v1/logs' }],
  ['contxt', { country: 'DE' }],
  ['debug', true],
]) {
  test(`the option ${option}: ${JSON.stringify(value)} is told, and the client works without it`, async () => {
    const page = await start({ context: { country: 'DE' }, [option]: value });
    assert.equal(page.getBooleanValue('on-in-germany', false), true);
    assert.deepEqual([page.status().code, page.status().message], ['INVALID_OPTION', `INVALID_OPTION: ${option}`]);
    page.close();
  });
}

test('details have a message whatever is wrong', async () => {
  const page = await start({});
  assert.equal(page.getBooleanDetails('fixed', false).errorMessage, `TYPE_MISMATCH: ${LINK}`);
  assert.equal(page.getBooleanDetails('absent', false).errorMessage, `FLAG_NOT_FOUND: ${LINK}`);
  page.close();
});
