// What a page's engine makes of a signed table whose sections and names are as large as a file: memory that fits the limits, or a refusal.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClient } from '../dist/lean.js';
import { clock, ENGINE, folder, NOW, PUBLISHER, storage, TRUST, waft } from './fixture.mjs';

const MB = 1 << 20;
const sha = (bytes) => createHash('sha512').update(bytes).digest().subarray(0, 32);
const u32 = (...numbers) => Buffer.from(Uint32Array.from(numbers).buffer);

/** CBOR, as far as an envelope needs it. */
const head = (major, n) =>
  Buffer.from(
    n < 24
      ? [(major << 5) | n]
      : n < 256
        ? [(major << 5) | 24, n]
        : n < 65_536
          ? [(major << 5) | 25, n >> 8, n & 255]
          : [(major << 5) | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255],
  );
const cbor = (value) => {
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
  return value < 0 ? head(1, -1 - value) : head(0, value);
};

/** A snapshot of a body, signed by the publisher. */
function sealed(body, version = 1) {
  const claims = new Map([
    [1, 'shop'],
    [3, 'production'],
    [4, NOW / 1_000 + 3_600],
    [6, NOW / 1_000 - 3_600],
    [-65_538, version],
  ]);
  const header = cbor(
    new Map([
      [2, [15]],
      [3, 'application/vnd.waft.snapshot'],
      [15, claims],
    ]),
  );
  const chunks = [];
  for (let at = 0; at < body.length; at += MB) chunks.push(sha(body.subarray(at, at + MB)));
  const manifest = cbor(
    new Map([
      [1, 1],
      [2, body.length],
      [3, MB],
      [4, Buffer.concat(chunks)],
    ]),
  );
  const file = join(folder, `${Math.random()}.waft`);
  writeFileSync(file, Buffer.concat([Buffer.from([0xd8, 0x62, 0x84]), cbor(header), cbor(new Map()), cbor(manifest), cbor([]), body]));
  waft('sign', file, '--key', PUBLISHER.file, '--role', 'publisher');
  return new Uint8Array(readFileSync(file));
}

/** A table: sections by number, `[record size, records]`. */
function table(sections) {
  const entries = Object.entries(sections);
  let offset = 4 + 12 * entries.length;
  const directory = entries.map(([number, [size, records]]) => {
    const entry = Buffer.concat([u32(Number(number) | (size << 16)), u32(offset, records.length / size)]);
    offset += records.length;
    return entry;
  });
  return Buffer.concat([u32(entries.length), ...directory, ...entries.map(([, [, records]]) => records)]);
}

/** One text of a length, behind the empty one, at offset 1. */
function texts(length) {
  const leb = [];
  for (let rest = length; ; rest >>>= 7) {
    leb.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  return [1, Buffer.concat([Buffer.from([0, ...leb]), Buffer.alloc(length, 'n')])];
}
const repeat = (record, count) => Buffer.alloc(record.length * count, record);
const ATTRIBUTE = u32(1, 1);
const UNIT = u32(1, 0);
const FLAG = u32(1, 0, 0, 0, 0);
const SEGMENT = u32(1, 0, 0, 0);

/** How long it takes, and how many bytes of memory the wasm has, to adopt a snapshot, take a context and tell all names. */
async function exercise(body) {
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...args) {
      super(...args);
      if (this.exports.f) memories.push(this.exports.memory);
    }
  };
  try {
    storage();
    clock();
    const page = await createClient({
      snapshot: sealed(body),
      trust: TRUST,
      engine: await WebAssembly.compile(ENGINE),
      context: { visitorId: 'v1' },
    });
    page.setContext({ visitorId: 'v2' });
    const told = [page.status().code, page.getBooleanDetails('nobody', true).errorCode];
    page.close();
    return [...told, Math.max(0, ...memories.map((memory) => memory.buffer.byteLength))];
  } finally {
    WebAssembly.Instance = Instance;
  }
}

test('names of a megabyte that thousands of records share take no memory', async () => {
  const name = texts(MB);
  const sections = {
    1: name,
    3: [8, repeat(ATTRIBUTE, 4_096)],
    4: [8, repeat(UNIT, 32)],
    5: [20, repeat(FLAG, 65_535)],
    8: [16, repeat(SEGMENT, 4_096)],
  };
  const [code, errorCode, memory] = await exercise(table(sections));
  assert.deepEqual([code, errorCode], [undefined, 'FLAG_NOT_FOUND']);
  assert.ok(memory < 48 * MB, `${memory} bytes`);
});

test('a value of a megabyte that a thousand flags share is not read a thousand times to tell what has changed', async () => {
  const value = JSON.stringify('v'.repeat(MB));
  const length = value.length;
  const leb = [(length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14];
  const body = table({
    1: [1, Buffer.concat([Buffer.from([0, 1, 118, ...leb]), Buffer.from(value)])],
    // A flag of type string, enabled and without rules, whose only variant has the value.
    5: [20, repeat(u32(1, 0, 0, 0x01020100, 0), 1_000)],
    6: [8, u32(1, 3)],
  });
  storage();
  clock();
  const page = await createClient({ snapshot: sealed(body), trust: TRUST, engine: await WebAssembly.compile(ENGINE), context: {} });
  assert.equal(page.getStringValue('v', '').length, MB);
  page.on('configurationChanged', () => {});
  const { decode } = TextDecoder.prototype;
  let decoded = 0;
  TextDecoder.prototype.decode = function (bytes) {
    decoded += bytes.length;
    return decode.call(this, bytes);
  };
  try {
    assert.deepEqual(await page.load(sealed(body, 2)), { ok: true, version: 2 });
  } finally {
    TextDecoder.prototype.decode = decode;
  }
  page.close();
  assert.ok(decoded > 2 * 64 * MB && decoded < 2 * 66 * MB, `${decoded} bytes`);
});

test('a table of more records than a snapshot may have is refused', async () => {
  for (const [number, size, most] of [
    [3, 8, 4_096],
    [4, 8, 32],
    [5, 20, 65_535],
    [8, 16, 4_096],
    [12, 12, 65_535],
    [14, 8, 65_535],
    [15, 16, 4_096],
  ]) {
    const [code, , memory] = await exercise(table({ 1: texts(9), [number]: [size, Buffer.alloc(size * (most + 1))] }));
    assert.equal(code, 'TOO_LARGE', `section ${number}`);
    assert.ok(memory < 24 * MB, `section ${number}: ${memory} bytes`);
  }
});
