/**
 * A signed file (docs/snapshot-format.md, section 1): who signed it, whether the signatures are genuine, and one more of them.
 *
 *     D8 62 84 | bstr header | A0 | bstr payload | array of signatures | body
 */

import { base64url, bytesOf, type Key, signBytes, verify } from '../keys/key.js';

type Bytes = Uint8Array<ArrayBuffer>;
export type Cbor = number | string | Bytes | readonly Cbor[] | ReadonlyMap<Cbor, Cbor>;

export interface Signature {
  readonly role: string;
  readonly kid: string;
  /** The signer's protected header, and the 64 bytes. */
  readonly header: Bytes;
  readonly signature: Bytes;
}

export interface Envelope {
  readonly bytes: Bytes;
  /** `snapshot`, `trust`, ...: what the content type says. */
  readonly kind: string;
  readonly project: string;
  readonly environment: string;
  readonly version: number;
  /** Seconds since 1970. */
  readonly made: number;
  readonly ends: number;
  readonly signatures: readonly Signature[];
  readonly header: Bytes;
  readonly payload: Bytes;
  /** Of the array of signatures: where it begins, and where it ends. */
  readonly from: number;
  readonly to: number;
}

const PROJECT = 1;
const ENVIRONMENT = 3;
const ENDS = 4;
const MADE = 6;
const VERSION = -65538;
const ROLE = -65537;
const MOST = 16; // signatures

class Damaged extends Error {
  constructor() {
    super('The file is damaged, or is no signed file of waft: choose a .waft file as waft build, or the folder of releases, has it.');
  }
}

/** Reads it. Nothing is verified. */
export function readEnvelope(bytes: Bytes): Envelope {
  const reader = new Reader(bytes);
  if (bytes[0] !== 0xd8 || bytes[1] !== 0x62 || bytes[2] !== 0x84) throw new Damaged();
  reader.at = 3;
  const header = reader.value();
  reader.value();
  const payload = reader.value();
  const from = reader.at;
  const signatures = reader.value();
  if (!(header instanceof Uint8Array && payload instanceof Uint8Array && Array.isArray(signatures))) throw new Damaged();
  const fields = mapOf(new Reader(header).value());
  const claims = mapOf(fields.get(15));
  const text = (key: number): string => String(claims.get(key) ?? '');
  const number = (key: number): number => Number(claims.get(key) ?? 0);
  return {
    bytes,
    kind: String(fields.get(3) ?? '').replace('application/vnd.waft.', ''),
    project: text(PROJECT),
    environment: text(ENVIRONMENT),
    version: number(VERSION),
    made: number(MADE),
    ends: number(ENDS),
    signatures: (signatures as readonly Cbor[]).map(signatureOf),
    header,
    payload,
    from,
    to: reader.at,
  };
}

function signatureOf(value: Cbor): Signature {
  if (!Array.isArray(value)) throw new Damaged();
  const [header, , signature] = value as readonly Cbor[];
  if (!(header instanceof Uint8Array && signature instanceof Uint8Array)) throw new Damaged();
  const fields = mapOf(new Reader(header).value());
  const kid = fields.get(4);
  if (!(kid instanceof Uint8Array)) throw new Damaged();
  return { role: String(fields.get(ROLE) ?? ''), kid: base64url(kid), header, signature };
}

/** Whether a signature is genuine, by the public key that a trust has under its id. */
export const isGenuine = (envelope: Envelope, { header, signature }: Signature, publicKey: string): Promise<boolean> =>
  verify(publicKey, signature as Bytes, message(envelope, header));

/** Whether the body is the one that was signed: each chunk has the digest that the manifest lists. */
export async function isWhole({ kind, bytes, to, payload }: Envelope): Promise<boolean> {
  if (kind !== 'snapshot') return true;
  const manifest = mapOf(new Reader(payload).value());
  const [length, chunk, digests] = [manifest.get(2), manifest.get(3), manifest.get(4)];
  const body = bytes.subarray(to);
  if (typeof length !== 'number' || typeof chunk !== 'number' || !(digests instanceof Uint8Array) || body.length !== length) return false;
  for (let index = 0; index * chunk < length; index++) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', body.slice(index * chunk, (index + 1) * chunk)));
    if (!digest.subarray(0, 32).every((byte, at) => byte === digests[index * 32 + at])) return false;
  }
  return true;
}

/** The file with one more signature. */
export async function signed(envelope: Envelope, key: Key): Promise<Bytes> {
  const { signatures, bytes, from, to } = envelope;
  if (signatures.some(({ kid }) => kid === key.kid)) throw new Error('This key has signed the file already.');
  if (signatures.length >= MOST) throw new Error(`The file has ${MOST} signatures, which is the most that it can have.`);
  const role = new TextEncoder().encode(key.role);
  // A map of 1: -8 (EdDSA), 2: [-65537], 4: kid, -65537: role.
  const header = Uint8Array.from([
    0xa4,
    1,
    0x27,
    2,
    0x81,
    0x3a,
    0,
    1,
    0,
    0,
    4,
    ...bstr(bytesOf(key.kid)),
    0x3a,
    0,
    1,
    0,
    0,
    0x60 + role.length,
    ...role,
  ]);
  const signature = await signBytes(key, message(envelope, header));
  const all = [...signatures, { role: key.role, kid: key.kid, header, signature }];
  // In ascending order of kid, by bytes.
  const ordered = all.map((one) => ({ one, kid: bytesOf(one.kid) })).sort((a, b) => compare(a.kid, b.kid));
  const entries = ordered.flatMap(({ one }) => [0x83, ...bstr(one.header), 0xa0, ...bstr(one.signature)]);
  const array = Uint8Array.from([0x80 + ordered.length, ...entries]);
  const whole = new Uint8Array(from + array.length + (bytes.length - to));
  whole.set(bytes.subarray(0, from));
  whole.set(array, from);
  whole.set(bytes.subarray(to), from + array.length);
  return whole;
}

/** What a signature is over: RFC 9052's Sig_structure. */
const message = ({ header, payload }: Envelope, signer: Bytes): Bytes =>
  Uint8Array.from([0x85, 0x69, ...new TextEncoder().encode('Signature'), ...bstr(header), ...bstr(signer), 0x40, ...bstr(payload)]);

function bstr(bytes: Uint8Array): number[] {
  const { length } = bytes;
  const head = length < 24 ? [0x40 + length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 0xff];
  return [...head, ...bytes];
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}

function mapOf(value: Cbor | undefined): ReadonlyMap<Cbor, Cbor> {
  if (value instanceof Map) return value;
  throw new Damaged();
}

/** Deterministic CBOR of whole numbers, texts, bytes, arrays and maps: what the format has. */
class Reader {
  at = 0;
  constructor(private readonly bytes: Bytes) {}

  value(depth = 0): Cbor {
    const first = this.byte();
    const [major, info] = [first >> 5, first & 0x1f];
    const count = this.number(info);
    if (depth > 8) throw new Damaged();
    if (major === 0) return count;
    if (major === 1) return -1 - count;
    if (major === 2) return this.slice(count);
    if (major === 3) return new TextDecoder().decode(this.slice(count));
    if (major === 4) return Array.from({ length: this.items(count) }, () => this.value(depth + 1));
    if (major !== 5) throw new Damaged();
    return new Map(Array.from({ length: this.items(count) }, () => [this.value(depth + 1), this.value(depth + 1)] as const));
  }

  /** More items than bytes are left are a lie. */
  private items(count: number): number {
    if (count > this.bytes.length - this.at) throw new Damaged();
    return count;
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Damaged();
    return byte;
  }

  private number(info: number): number {
    if (info < 24) return info;
    const length = { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
    if (!length) throw new Damaged();
    let value = 0;
    for (let index = 0; index < length; index++) value = value * 256 + this.byte();
    if (!Number.isSafeInteger(value)) throw new Damaged();
    return value;
  }

  private slice(length: number): Bytes {
    if (length > this.bytes.length - this.at) throw new Damaged();
    return this.bytes.slice(this.at, (this.at += length));
  }
}
