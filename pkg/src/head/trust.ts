/**
 * Trust documents: numbered trusts, each signed by the threshold of the one before it and by its own (docs/snapshot-format.md, section 15).
 * `src/snapshot/anchor.rs` has the same rules, and tests/vectors/trust.json plays both.
 */

import type { Code } from '../codes.js';
import type { Engine } from '../engine/engine.js';
import { encodeTrust } from '../engine/trust.js';
import { MAX_JUMP, TRUST_DOCUMENT_BYTES, TRUST_KEYS, TRUST_REQUIREMENTS } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { toBase64Url, unshifted } from '../platform/bytes.js';
import type { Trust } from '../types.js';
import { ascending, fieldsIn, fieldsOf, latin } from './cbor.js';
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
  const said = attempt(() => saidIn(payload));
  if (!said) return 'MALFORMED';
  const { format, ...rest } = said;
  if (format !== FORMAT) return 'UNSUPPORTED_FORMAT';
  const { epoch, minVersion, maxJump } = rest;
  if (![epoch, minVersion, maxJump].every(Number.isSafeInteger)) return 'MALFORMED';
  const { project, environment, maxStale } = before;
  const trust = { project, environment, number: version, ...rest, ...(maxStale !== undefined && { maxStale }) };
  const bytes = encodeTrust(trust);
  return bytes ? anchorOf(trust, bytes) : 'INVALID_TRUST';
}

/** What a payload says, as the members of a trust. */
interface Said {
  readonly format: number;
  readonly epoch: number;
  readonly minVersion: number;
  readonly maxJump: number;
  readonly keys: Record<string, string>;
  readonly holders: Record<string, string>;
  readonly require: readonly { readonly role: string; readonly atLeast: number; readonly keys: readonly string[] }[];
}

/** Throws where it cannot be read. */
function saidIn(payload: Uint8Array): Said {
  // A list of requirements, each with a list of keys.
  const field = fieldsIn(payload, { 5: { 0: { 3: { 0: {} } } } });
  const [keys, holders]: [Said['keys'], Said['holders']] = [{}, {}];
  const require = ascends(field('Array', 5), TRUST_REQUIREMENTS, (one) => {
    const field = fieldsOf(one);
    const role = field('String', 1) ?? '';
    const kids = ascends(field('Array', 3), TRUST_KEYS, (one) => {
      const field = fieldsOf(one);
      const [kid, key] = [bytesOf(field('Uint8Array', 1), 16), bytesOf(field('Uint8Array', 2), 32)];
      const id = toBase64Url(kid);
      keys[id] = toBase64Url(key);
      const holder = textOf(field('String', 3) ?? '');
      if (holder) holders[id] = holder;
      return [latin(kid), id];
    });
    return [role, { role: textOf(role), atLeast: field('Number', 2) ?? 0, keys: kids }];
  });
  const [format = 0, epoch = 0, minVersion = 0, maxJump = MAX_JUMP] = [1, 2, 3, 4].map((key) => field('Number', key));
  return { format, epoch, minVersion, maxJump, keys, holders, require };
}

/** What is made of each item of a list of at most so many, in strictly ascending order of the texts that come with it. */
function ascends<T>(list: readonly unknown[] = [], most: number, make: (item: unknown) => readonly [string, T]): T[] {
  if (list.length > most) throw list;
  let last: string | undefined;
  return list.map((item) => {
    const [order, made] = make(item);
    last = last === undefined ? order : ascending(last, order);
    return made;
  });
}

function bytesOf(bytes: Uint8Array | undefined, length: number): Uint8Array {
  const found = bytes ?? new Uint8Array(length);
  if (found.length !== length) throw found;
  return found;
}

/** The text of characters that are bytes. */
function textOf(latin: string): string {
  return new TextDecoder().decode(unshifted(latin, 0));
}

function identityOf({ epoch = 0, minVersion = 0, maxJump = MAX_JUMP, require, keys, holders }: Trust): string {
  const roles = require.map(({ role, atLeast = 1, keys: kids }) => [
    role,
    atLeast,
    kids.map((kid) => [kid, keys[kid], holders?.[kid] ?? '']).sort(),
  ]);
  return JSON.stringify([epoch, minVersion, maxJump, roles.sort()]);
}
