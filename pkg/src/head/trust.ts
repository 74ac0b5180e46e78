/**
 * Trust documents: numbered trusts, each signed by the threshold of the one before it and by its own (docs/snapshot-format.md, section 15).
 * `src/snapshot/anchor.rs` has the same rules, and tests/vectors/trust.json plays both.
 */

import type { Code } from '../codes.js';
import type { Engine } from '../engine/engine.js';
import { encodeTrust } from '../engine/trust.js';
import { MAX_JUMP, TRUST_DOCUMENT_BYTES, TRUST_KEYS, TRUST_REQUIREMENTS } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { toBase64Url, utf8 } from '../platform/bytes.js';
import type { Trust } from '../types.js';
import { Reader } from './cbor.js';
import { type Facts, factsOf } from './documents.js';
import { rolesOf } from './roles.js';

/** The format number of trust documents. */
const FORMAT = 1;

/** The number of the kind, as the engine tells it. */
const TRUST = 4;

/** A trust with its place in the chain of trust documents. */
export interface Anchor {
  readonly trust: Trust;
  /** The same in the form in which the engine takes it. */
  readonly bytes: Uint8Array;
  /** The number of its document; 0 if it is none. */
  readonly number: number;
  /** Under which the highest numbers seen are remembered. */
  readonly epoch: Trust['epoch'];
  /** What tells it from another of its number: all that it says. */
  readonly identity: string;
}

/** A page's own trust as the start of a chain. */
export function anchorOf(trust: Trust, bytes: Uint8Array): Anchor {
  const { number = 0, epoch = 0 } = trust;
  return { trust, bytes, number, epoch, identity: attempt(() => identityOf(trust)) ?? '' };
}

/** Whether documents may follow it: it names `root`, and its numbers are such as documents count on from. */
export function hasSuccessors({ trust, number, epoch }: Anchor): boolean {
  return rolesOf(trust).includes('root') && Number.isSafeInteger(number) && Number.isSafeInteger(epoch);
}

/** What follows an anchor by a document at a moment, or why nothing does. The engine trusts what counts then. */
export function advance(engine: Engine, from: Anchor, document: Uint8Array, now: number): Anchor | Code {
  const next = follow(engine, from, document, now);
  if (typeof next === 'string') engine.trust(from.bytes);
  return next;
}

/** In the order of docs/snapshot-format.md: what fails first gives the code. */
function follow(engine: Engine, from: Anchor, document: Uint8Array, now: number): Anchor | Code {
  if (document.length > TRUST_DOCUMENT_BYTES) return 'TOO_LARGE';
  const facts = factsOf(engine, document, now);
  if (typeof facts === 'string') return facts;
  if (facts.kind !== TRUST) return 'MALFORMED';
  const next = read(facts, from.trust);
  const refused = numberOf(facts.version - from.number, next, from) ?? (typeof next === 'string' ? next : undefined);
  if (refused || typeof next === 'string') return refused as Code;
  // Otherwise one document would end the chain for all pages.
  if (!hasSuccessors(next)) return 'INVALID_TRUST';
  const own = engine.trust(next.bytes) ?? factsOf(engine, document, now);
  return typeof own === 'string' ? own : (epochOf(next, from) ?? next);
}

function numberOf(step: number, next: Anchor | Code, from: Anchor): Code | undefined {
  const isOther = typeof next === 'string' || next.identity !== from.identity;
  if (!step && isOther) return 'VERSION_CONFLICT';
  if (step === 1) return undefined;
  return step < 1 ? 'ROLLED_BACK' : 'VERSION_JUMP';
}

/** Within an epoch the floor does not fall, and epochs follow each other. */
function epochOf(next: Anchor, from: Anchor): Code | undefined {
  const step = (next.epoch as number) - (from.epoch as number);
  const isLower = (next.trust.minVersion ?? 0) < (from.trust.minVersion ?? 0);
  if (step < 0 || (!step && isLower)) return 'ROLLED_BACK';
  return step > 1 ? 'VERSION_JUMP' : undefined;
}

/** The trust that a document is; `before` gives what documents do not say. */
export function read({ version, payload }: Pick<Facts, 'version' | 'payload'>, before: Trust): Anchor | Code {
  let format = 0;
  let [epoch, minVersion, maxJump] = [0, 0, MAX_JUMP];
  const said = { keys: {}, holders: {}, require: [] } as Said;
  const isRead = attempt(() => {
    const reader = new Reader(payload);
    reader.entries((_, key) => {
      if (key === 1) format = reader.expect(0);
      else if (key === 2) epoch = reader.expect(0);
      else if (key === 3) minVersion = reader.expect(0);
      else if (key === 4) maxJump = reader.expect(0);
      else if (key === 5) reader.ordered(TRUST_REQUIREMENTS, () => requirement(reader, said));
      else reader.skip();
    });
    reader.end();
    return true;
  });
  if (!isRead) return 'MALFORMED';
  if (format !== FORMAT) return 'UNSUPPORTED_FORMAT';
  if (![epoch, minVersion, maxJump].every(Number.isSafeInteger)) return 'MALFORMED';
  const { project, environment, maxStale } = before;
  const trust = { project, environment, number: version, epoch, minVersion, maxJump, ...said, ...(maxStale !== undefined && { maxStale }) };
  const bytes = encodeTrust(trust);
  return bytes ? anchorOf(trust, bytes) : 'INVALID_TRUST';
}

/** The members of a trust that requirements fill. */
interface Said {
  keys: Record<string, string>;
  holders: Record<string, string>;
  require: { role: string; atLeast: number; keys: string[] }[];
}

/** Reads a requirement. Returns its role, by which requirements are in order. */
function requirement(reader: Reader, { keys, holders, require }: Said): Uint8Array {
  const one = { role: '', atLeast: 0, keys: [] as string[] };
  reader.entries((_, key) => {
    if (key === 1) one.role = reader.text();
    else if (key === 2) one.atLeast = reader.expect(0);
    else if (key === 3) reader.ordered(TRUST_KEYS, keyed);
    else reader.skip();
  });
  require.push(one);
  return utf8(one.role);

  function keyed(): Uint8Array {
    let [kid, publicKey, holder]: [Uint8Array, Uint8Array, string] = [new Uint8Array(16), new Uint8Array(32), ''];
    reader.entries((_, key) => {
      if (key === 1) kid = reader.byteString(16);
      else if (key === 2) publicKey = reader.byteString(32);
      else if (key === 3) holder = reader.text();
      else reader.skip();
    });
    const id = toBase64Url(kid);
    one.keys.push(id);
    keys[id] = toBase64Url(publicKey);
    if (holder) holders[id] = holder;
    return kid;
  }
}

function identityOf({ epoch = 0, minVersion = 0, maxJump = MAX_JUMP, require, keys, holders }: Trust): string {
  const roles = require.map(({ role, atLeast = 1, keys: kids }) => [
    role,
    atLeast,
    kids.map((kid) => [kid, keys[kid], holders?.[kid] ?? '']).sort(),
  ]);
  return JSON.stringify([epoch, minVersion, maxJump, roles.sort()]);
}
