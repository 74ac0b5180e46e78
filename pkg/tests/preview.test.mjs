// Preview tokens through the package: what a page is shown, until when, and what happens to one that is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../build/engine/engine.js';
import { createClient } from '../build/index.js';
import { preview } from '../build/preview.js';
import { clock, NOW, PREVIEW_TRUST, PREVIEWER, snapshot, storage, token, TRUST, waft } from './fixture.mjs';

const SNAPSHOT = snapshot();
const CONTEXT = { visitorId: 'v1', country: 'FR' };
const HOUR = 3_600_000;

const start = (options) => createClient({ snapshot: SNAPSHOT, trust: PREVIEW_TRUST, context: CONTEXT, ...options });

test('a token shows its variants until it expires', async () => {
  storage();
  const move = clock();
  const page = await start({
    preview: preview(token(SNAPSHOT, { 'on-in-germany': 'on' }, { expires: new Date(NOW + HOUR).toISOString() })),
  });
  const { reason, variant, value } = page.getBooleanDetails('on-in-germany', false);
  assert.deepEqual({ reason, variant, value }, { reason: 'STATIC', variant: 'on', value: true });
  assert.deepEqual(page.status(), { preview: NOW + HOUR, queued: 0, sent: 0, dropped: 0 });
  // Whoever it is.
  page.setContext({});
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  move(NOW + HOUR - 1);
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  move(NOW + HOUR);
  assert.equal(page.getBooleanValue('on-in-germany', false), false);
});

test('it is shown with every snapshot that is adopted, and after a trap', async (t) => {
  storage();
  clock();
  const page = await start({ preview: preview(token(SNAPSHOT, { 'on-in-germany': 'on' })) });
  assert.deepEqual(await page.load(snapshot({ version: 2 })), { ok: true, version: 2 });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  let traps = 1;
  const { evaluate } = Engine.prototype;
  t.mock.method(Engine.prototype, 'evaluate', function (...args) {
    if (traps-- > 0) throw new WebAssembly.RuntimeError('unreachable');
    return evaluate.apply(this, args);
  });
  page.setContext({ country: 'FR' });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  assert.equal(traps, -1);
});

test('a refused token shows nothing, says why, and stops nothing else', async () => {
  storage();
  clock();
  const good = token(SNAPSHOT, { 'on-in-germany': 'on' });
  const damaged = (at) => `${good.slice(0, at)}${good.at(at) === 'A' ? 'B' : 'A'}${good.slice(at + 1)}`;
  const cases = [
    [{ preview: damaged(-9) }, 'DIGEST_MISMATCH'],
    [{ preview: damaged(-70) }, 'BAD_SIGNATURE'],
    [{ preview: good.slice(0, -40) }, 'MALFORMED'],
    [{ preview: '*no base64*' }, 'MALFORMED'],
    [{ preview: 7 }, 'MALFORMED'],
    [{ preview: {} }, 'MALFORMED'],
    [{ preview: good, trust: TRUST }, 'UNKNOWN_KEY'],
    [{ preview: token(SNAPSHOT, { 'on-in-germany': 'on' }, { expires: '2026-01-31T23:00:00Z', now: NOW - 9 * HOUR }) }, 'EXPIRED'],
  ];
  for (const [{ preview: text, ...options }, code] of cases) {
    const page = await start({ ...options, preview: preview(text) });
    const told = [];
    page.on('error', (error) => told.push(error));
    await Promise.resolve();
    assert.equal(page.status().preview, code);
    assert.equal(page.status().code, undefined);
    assert.deepEqual(
      told.map((error) => error.code),
      [code],
    );
    assert.match(told[0].message, /^preview /);
    assert.equal(page.getBooleanValue('on-in-germany', true), false);
    page.setContext({ country: 'DE' });
    assert.equal(page.getBooleanValue('on-in-germany', false), true);
    page.close();
  }
  for (const text of [undefined, null, '', false]) {
    const page = await start({ preview: preview(text) });
    assert.equal('preview' in page.status(), false);
    page.close();
  }
});

test('a page that lists nobody for previews refuses a snapshot that only the key of a previewer signed', async () => {
  storage();
  clock();
  const page = await start({ snapshot: snapshot({ sign: [[PREVIEWER, 'approver']] }) });
  assert.equal(page.status().code, 'ROLE_MISSING');
});

test('a token lives for 30 days at most: waft makes no other, and a page takes none', async () => {
  storage();
  const day = 24 * HOUR;
  const until = (milli) => ({ expires: new Date(milli).toISOString() });
  const good = token(SNAPSHOT, { 'on-in-germany': 'on' }, until(NOW + 30 * day));
  const tooLong = ({ stderr }) => /--expires: .*at most 30 days/.test(stderr);
  for (const milli of [NOW + 30 * day + 1_000, NOW + 400 * day, Date.parse('9999-12-31T00:00Z')]) {
    assert.throws(() => token(SNAPSHOT, { 'on-in-germany': 'on' }, until(milli)), tooLong);
  }
  // To a clock that is two days behind, it is one that lives for longer.
  for (const [now, told] of [
    [NOW, NOW + 30 * day],
    [NOW - day, NOW + 30 * day],
    [NOW - 2 * day, 'TOO_LARGE'],
  ]) {
    clock(now);
    const page = await start({ preview: preview(good) });
    assert.equal(page.status().preview, told);
    assert.equal(page.getBooleanValue('on-in-germany', true), told !== 'TOO_LARGE');
    page.close();
  }
});

test('waft token says what is wrong, and eval shows what a token does', () => {
  const good = token(SNAPSHOT, { 'on-in-germany': 'on' });
  assert.match(good, /^[\w-]+$/);
  const fails = (shown, options, message) =>
    assert.throws(
      () => token(SNAPSHOT, shown, options),
      ({ stderr }) => message.test(stderr),
    );
  fails({ nobody: 'on' }, {}, /nobody=on: .* has /);
  fails({ 'on-in-germany': 'blue' }, {}, /on-in-germany has off, on/);
  fails({ 'on-in-germany': 'on' }, { expires: '2026-01-01T00:00Z' }, /in the future/);
  fails({ 'on-in-germany': 'on' }, { trust: TRUST }, /add \{"role":"preview"/);
  assert.throws(
    () => waft('token', 'x.waft', '--trust', 'a', '--key', 'b'),
    ({ stderr }) => /FLAG=VARIANT/.test(stderr),
  );
});
