// What is not adopted, with which code, and what goes on in its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { clock, hurry, key, PUBLISHER, server, snapshot, storage, TRUST, until } from './fixture.mjs';

const GOOD = snapshot({ version: 5 });
const OTHER = key();
const flipped = (bytes, at) => bytes.map((byte, index) => (index === (at + bytes.length) % bytes.length ? byte ^ 1 : byte));
const REFUSED = {
  MALFORMED: [GOOD.slice(1), GOOD.slice(0, -1), new Uint8Array(), new Uint8Array(1_000), 'x'.repeat(3).split(''), null, 7],
  TOO_LARGE: [new Uint8Array((64 << 20) + 1)],
  UNSIGNED: [snapshot({ version: 6, sign: [] })],
  UNKNOWN_KEY: [snapshot({ version: 6, sign: [[OTHER, 'publisher']] })],
  ROLE_MISSING: [snapshot({ version: 6, sign: [[PUBLISHER, 'approver']] })],
  WRONG_PROJECT: [snapshot({ version: 6, ruleset: (text) => text.replace('project: shop', 'project: shed') })],
  WRONG_ENVIRONMENT: [snapshot({ version: 6, environment: 'staging' })],
  ROLLED_BACK: [snapshot({ version: 4 })],
  VERSION_CONFLICT: [snapshot({ version: 5, ruleset: (text) => text.replace('always', 'never') })],
  VERSION_JUMP: [snapshot({ version: 1_000_006 })],
  NOT_YET_VALID: [snapshot({ version: 6, notBefore: '2026-03-01T00:00:00Z' })],
  EXPIRED: [snapshot({ version: 6, expires: '2026-01-31T00:00:00Z' })],
  DIGEST_MISMATCH: [flipped(GOOD, -1)],
};
const start = (options) => createClient({ snapshot: GOOD, trust: TRUST, context: { country: 'DE' }, ...options });

for (const [code, all] of Object.entries(REFUSED)) {
  test(`${code}: the last good rules go on`, async () => {
    clock();
    storage();
    const page = await start();
    const errors = [];
    page.on('error', (error) => errors.push(error));
    for (const bytes of all) {
      assert.deepEqual(await page.load(bytes), { ok: false, code });
      assert.equal(page.status().code, code);
      assert.equal(page.getBooleanValue('on-in-germany', false), true);
      assert.equal(page.snapshot.version, 5);
    }
    assert.deepEqual(
      errors.map((error) => error.code),
      all.map(() => code),
    );
    assert.ok(errors.every(({ message }) => message.startsWith(`${code}: `)));
    assert.deepEqual(await page.load(GOOD), { ok: true, version: 5 });
    assert.equal(page.status().code, undefined);
  });
}

test('BAD_SIGNATURE and no other code, wherever the signature is flipped', async () => {
  clock();
  storage();
  const page = await start();
  // The envelope ends with the 64 bytes of the signature; the body that follows is as long as in the unsigned snapshot.
  const bare = snapshot({ version: 5, sign: [] });
  const position = GOOD.findIndex((byte, index) => byte !== bare[index]);
  const codes = new Set();
  for (let at = position + 60; at < position + 140; at++) codes.add((await page.load(flipped(GOOD, at))).code ?? 'adopted');
  assert.ok(codes.has('BAD_SIGNATURE'));
  assert.ok(!codes.has('adopted'), [...codes].join());
});

test('no flipped bit and no truncation is adopted, and none stops the page', async () => {
  clock();
  storage();
  const page = await start();
  for (let at = 0; at < GOOD.length; at += 3) {
    assert.equal((await page.load(flipped(GOOD, at))).ok, false, `byte ${at}`);
    assert.equal((await page.load(GOOD.slice(0, at))).ok, false, `length ${at}`);
  }
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
});

test('INVALID_TRUST, however it is wrong', async () => {
  clock();
  const [kid] = Object.keys(TRUST.keys);
  const need = TRUST.require[0];
  const wrong = [
    undefined,
    null,
    7,
    'trust',
    {},
    { ...TRUST, project: undefined },
    { ...TRUST, environment: 5 },
    { ...TRUST, require: [] },
    { ...TRUST, require: undefined },
    { ...TRUST, keys: {} },
    { ...TRUST, keys: null },
    { ...TRUST, keys: { [kid]: '!' } },
    { ...TRUST, keys: { [kid]: 'AAAA' } },
    { ...TRUST, minVersion: -1 },
    { ...TRUST, minVersion: 1.5 },
    { ...TRUST, minVersion: '1' },
    { ...TRUST, require: [{ ...need, atLeast: 0 }] },
    { ...TRUST, require: [{ ...need, atLeast: 2 }] },
    { ...TRUST, require: [{ ...need, keys: [kid, kid] }] },
    { ...TRUST, require: [need, { ...need, role: 'approver' }] },
    { ...TRUST, require: [{ ...need, keys: ['constructor'] }] },
    { ...TRUST, require: [{ ...need, role: undefined }] },
    {
      get project() {
        throw new Error('mine');
      },
    },
  ];
  for (const [index, trust] of wrong.entries()) {
    storage();
    const page = await start({ trust });
    assert.equal(page.status().code, 'INVALID_TRUST', `number ${index}`);
    const { value, reason, errorCode } = page.getBooleanDetails('on-in-germany', false);
    assert.deepEqual([value, reason, errorCode], [false, 'ERROR', 'PROVIDER_FATAL']);
  }
});

test('INVALID_TRUST names the field that cannot be read, and none where each can', async () => {
  clock();
  const need = TRUST.require[0];
  for (const [wrong, field] of [
    [{ project: 5 }, 'project'],
    [{ environment: undefined }, 'environment'],
    [{ minVersion: -1 }, 'minVersion'],
    [{ maxJump: 'far' }, 'maxJump'],
    [{ require: 'all' }, 'require'],
    [{ require: [{ ...need, atLeast: 256 }] }, 'require'],
    [{ require: [{ ...need, keys: [need.keys[0], need.keys[0]] }] }, undefined],
  ]) {
    storage();
    const page = await start({ trust: { ...TRUST, ...wrong } });
    const told = [];
    page.on('error', ({ code, cause }) => told.push([code, cause]));
    const { code, cause } = page.status();
    await null;
    assert.deepEqual([[code, cause], ...told], Array(2).fill(['INVALID_TRUST', field]), JSON.stringify(wrong));
  }
});

test('trust.minVersion refuses what is older', async () => {
  clock();
  storage();
  assert.equal((await start({ trust: { ...TRUST, minVersion: 6 } })).status().code, 'ROLLED_BACK');
});

test('what signs trust documents, pointers and kill lists is not asked of a snapshot', async () => {
  clock();
  const keys = { ...TRUST.keys, [OTHER.kid]: OTHER.publicKey };
  for (const role of ['root', 'freshness', 'kill']) {
    storage();
    const trust = { ...TRUST, keys, number: 1, require: [...TRUST.require, { role, keys: [OTHER.kid] }] };
    assert.equal((await start({ trust })).status().code, undefined, role);
    storage();
    assert.equal((await start({ trust: { ...trust, require: [trust.require.at(-1)] } })).status().code, 'INVALID_TRUST', role);
  }
});

test('two roles need two keys', async () => {
  clock();
  const keys = { ...TRUST.keys, [OTHER.kid]: OTHER.publicKey };
  const trust = { ...TRUST, keys, require: [...TRUST.require, { role: 'approver', keys: [OTHER.kid], atLeast: 1 }] };
  storage();
  assert.equal((await start({ trust })).status().code, 'ROLE_MISSING');
  storage();
  const both = snapshot({
    sign: [
      [PUBLISHER, 'publisher'],
      [OTHER, 'approver'],
    ],
  });
  assert.equal((await start({ trust, snapshot: both })).status().code, undefined);
});

test('the first snapshot refused: defaults with its code, and a late handler hears it', async () => {
  clock();
  storage();
  const page = await start({ snapshot: REFUSED.UNSIGNED[0] });
  const { value, reason, errorCode, errorMessage } = page.getStringDetails('fixed', 'mine');
  assert.deepEqual([value, reason, errorCode], ['mine', 'ERROR', 'PROVIDER_FATAL']);
  assert.match(errorMessage, /^UNSIGNED: /);
  const heard = [];
  page.on('error', ({ code }) => heard.push(code));
  page.on('ready', ({ version }) => heard.push(version));
  await null;
  assert.deepEqual(await page.load(GOOD), { ok: true, version: 5 });
  assert.deepEqual(heard, ['UNSIGNED', 5]);
});

test('the last good snapshot of an earlier page is verified again and serves in place of a refused one', async () => {
  clock();
  const kept = storage();
  await start();
  await until(() => kept.keys('waft:good:').length && kept.keys('waft:seen:').length);
  const page = await start({ snapshot: REFUSED.DIGEST_MISMATCH[0] });
  assert.equal(page.status().code, 'DIGEST_MISMATCH');
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  assert.equal(page.snapshot.version, 5);
  // A kept one that somebody altered is worth nothing.
  const [name] = kept.keys('waft:good:');
  const text = kept.getItem(name);
  for (const altered of [
    text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    `${text.slice(0, 200)}`,
    'junk',
    ' ',
    `x ${'A'.repeat(99)}`,
  ]) {
    kept.setItem(name, altered);
    const other = await start({ snapshot: REFUSED.UNSIGNED[0] });
    assert.deepEqual([other.snapshot, other.status().code], [undefined, 'UNSIGNED']);
  }
});

test('the highest version seen outlives the page, per epoch', async () => {
  clock();
  const kept = storage();
  await start();
  await until(() => kept.keys('waft:seen:').length);
  assert.equal((await start({ snapshot: REFUSED.VERSION_CONFLICT[0] })).status().code, 'VERSION_CONFLICT');
  assert.equal((await start({ snapshot: REFUSED.ROLLED_BACK[0] })).status().code, 'ROLLED_BACK');
  const fresh = await start({ snapshot: REFUSED.ROLLED_BACK[0], trust: { ...TRUST, epoch: 2 } });
  assert.deepEqual([fresh.status().code, fresh.snapshot.version], [undefined, 4]);
  for (const junk of ['', 'x', '5', '5 zz', '-1 ab', `NaN ${'a'.repeat(64)}`, `1e999 ${'a'.repeat(64)}`, `5.5 ${'a'.repeat(64)}`]) {
    kept.setItem(kept.keys('waft:seen:')[0], junk);
    assert.equal((await start()).status().code, undefined, junk);
  }
});

test('of two snapshots that are adopted at a time, the higher is the last good one', async () => {
  clock();
  for (const snapshots of [
    [GOOD, REFUSED.ROLLED_BACK[0]],
    [REFUSED.ROLLED_BACK[0], GOOD],
  ]) {
    const kept = storage();
    for (const snapshot of snapshots) await start({ snapshot });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [seen, good] = ['waft:seen:', 'waft:good:'].map((name) => kept.getItem(kept.keys(name)[0]));
    assert.equal(seen, `5 ${good.slice(0, 64)}`);
  }
});

test('a storage that throws costs memory of the past, nothing else', async () => {
  clock();
  storage().refuse = true;
  const page = await start();
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  assert.deepEqual(await page.load(REFUSED.ROLLED_BACK[0]), { ok: false, code: 'ROLLED_BACK' });
});

test('a snapshot by URL: adopted; not found, redirected, cut or hung is UNREACHABLE', async (t) => {
  clock();
  storage();
  const url = await server(t, (_, request, response) => {
    switch (request.url) {
      case '/good':
        return [200, GOOD];
      case '/moved':
        return [302, '', { location: '/good' }];
      case '/cut':
        response.writeHead(200, { 'content-length': GOOD.length });
        response.write(GOOD.slice(0, 100), () => response.destroy());
        return;
      case '/hung':
        response.writeHead(200);
        response.write(GOOD.slice(0, 100));
        return;
      default:
        return [404];
    }
  });
  const page = await start({ snapshot: `${url}/good` });
  assert.equal(page.snapshot.version, 5);
  for (const path of ['/absent', '/moved', '/cut']) {
    assert.deepEqual(await page.load(url + path), { ok: false, code: 'UNREACHABLE' }, path);
  }
  assert.deepEqual(await page.load('no:url'), { ok: false, code: 'UNREACHABLE' });
  hurry(t, 50);
  assert.deepEqual(await page.load(new URL('/hung', url)), { ok: false, code: 'UNREACHABLE' });
  assert.equal(page.getBooleanValue('on-in-germany', false), true);

  storage();
  const lost = await start({ snapshot: `${url}/absent` });
  assert.equal(lost.getBooleanDetails('on-in-germany', false).errorCode, 'PROVIDER_NOT_READY');
  assert.equal(lost.status().code, 'UNREACHABLE');
});

test('a large snapshot is checked chunk by chunk: damage that nobody met brings back the last good rules', async () => {
  clock();
  storage();
  const page = await createClient({ snapshot: snapshot(), trust: TRUST, context: { country: 'DE' } });
  await until(() => localStorage.getItem('waft:seen:shop/production/0')?.startsWith('1 '));
  const heard = [];
  page.on('error', ({ code }) => heard.push(code));
  page.on('configurationChanged', ({ version, flagsChanged }) => heard.push(version, flagsChanged.includes('on-in-germany')));
  const flag = (index) => `  flag-${index}: { type: string, variants: { a: "text ${index} ${'x'.repeat(60)}" }, whenOff: a, default: a }\n`;
  const flags = Array.from({ length: 9_000 }, (_, index) => flag(index)).join('');
  const large = snapshot({ version: 2, ruleset: (text) => text.replace('flags:\n', `flags:\n${flags}`) });
  assert.ok(large.length > 512 << 10, 'it has several chunks');

  const damaged = large.slice();
  damaged[damaged.length - 9] ^= 1;
  assert.deepEqual(await page.load(damaged), { ok: true, version: 2 });
  let met = 0;
  for (let index = 0; index < 9_000; index += 100) {
    const { value, errorCode } = page.getStringDetails(`flag-${index}`, 'default');
    if (errorCode) met++;
    assert.equal(errorCode ? value : value.slice(0, 6 + String(index).length), errorCode ? 'default' : `text ${index} `);
  }
  assert.ok(met > 0, 'a decision met the damage');
  assert.equal(localStorage.getItem('waft:seen:shop/production/0')?.startsWith('1 '), true, 'version 2 is not seen yet');
  await until(() => heard.includes('DIGEST_MISMATCH'));
  assert.equal(page.snapshot.version, 1);
  assert.equal(page.getBooleanValue('on-in-germany', false), true);
  assert.deepEqual(heard.slice(-2), [1, true]);

  // Again, and where adoption itself meets the damage.
  heard.length = 0;
  assert.deepEqual(await page.load(damaged), { ok: true, version: 2 });
  await until(() => heard.includes('DIGEST_MISMATCH'));
  const early = large.slice();
  early[4_000] ^= 1;
  assert.deepEqual(await page.load(early), { ok: false, code: 'DIGEST_MISMATCH' });
  assert.equal(page.snapshot.version, 1);
  assert.equal(page.getBooleanValue('on-in-germany', false), true);

  assert.deepEqual(await page.load(large), { ok: true, version: 2 });
  await until(() => localStorage.getItem('waft:seen:shop/production/0')?.startsWith('2 '));
  assert.equal(page.getStringValue('flag-8999', '').startsWith('text 8999 '), true);
});
