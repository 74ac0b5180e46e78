/** Pointers and kill lists: what verified documents say, and which may follow the last (docs/snapshot-format.md, sections 12 and 13). */

import type { Code } from '../codes.js';
import type { Engine } from '../engine/engine.js';
import { MAX_JUMP, POINTER_SECONDS } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { fromHex, toHex } from '../platform/bytes.js';
import type { Trust } from '../types.js';
import { Reader } from './cbor.js';
import { claimedBy, partsOf } from './file.js';

/** The format number of payloads. */
const FORMAT = 1;

/** Numbers of kinds, as the engine tells them. */
export const SNAPSHOT = 0;
const POINTER = 2;
const KILLS = 3;

/** The moment at which nothing has expired: of what was adopted before. */
export const KEPT = -Infinity;

/** What verified bytes are. */
export interface Facts {
  readonly kind: number;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly issued: number;
  readonly expires: number;
  readonly digest: string;
  readonly payload: Uint8Array;
}

/** A number that only rises, and the contents that it stands for. */
interface Numbered {
  readonly version: number;
  readonly digest: string;
}

/** A pointer: the snapshot that it names, and the least numbers of kill list and trust. */
export interface Pointer extends Numbered {
  readonly kills: number;
  readonly trust: number;
  readonly expires: number;
  readonly document: Uint8Array;
}

/** A kill list, and the keys of its flags. */
export interface Kills extends Numbered {
  readonly flags: readonly string[];
  readonly document: Uint8Array;
}

/** What the engine tells of bytes at a moment, or why it refuses them. */
export function factsOf(engine: Engine, bytes: Uint8Array, now: number): Facts | Code {
  const told = engine.look(bytes, now);
  if (typeof told === 'string') return told;
  const [kind, version, issued, expires, digest = '', payload = ''] = told;
  return {
    kind: Number(kind),
    version: Number(version),
    issued: 1_000 * Number(issued),
    expires: 1_000 * Number(expires),
    digest,
    payload: fromHex(payload),
  };
}

/** The number of the trust document that the pointer in a head asks for; nobody has verified it. 0 for none. */
export function askedBy(head: Uint8Array): number {
  const pointer = attempt(() => partsOf(head))?.documents.find(([kind]) => kind === 'pointer');
  return (pointer && attempt(() => namedBy(claimedBy(pointer[1]).payload))?.trust) || 0;
}

/**
 * The pointer that facts are; `adopted` is the highest version that was adopted, `kills` the number of the kill list. Or why it is refused: in
 * the order of `waft::head::pointer`.
 */
export function pointerOf(
  facts: Facts,
  document: Uint8Array,
  last: Pointer | undefined,
  { minVersion = 0, maxJump = MAX_JUMP, number = 0 }: Trust,
  adopted: number,
  kills: number,
): Pointer | Code {
  const named = facts.kind === POINTER && attempt(() => namedBy(facts.payload));
  if (!named) return 'MALFORMED';
  if (named.format !== FORMAT) return 'UNSUPPORTED_FORMAT';
  const { digest, kills: leastKills, trust: leastTrust } = named;
  if (!digest || leastKills === undefined || leastTrust === undefined) return 'MALFORMED';
  const { version, issued, expires } = facts;
  if (expires - issued > 1_000 * POINTER_SECONDS) return 'TOO_LARGE';
  const pointer = { version, digest: toHex(digest), kills: leastKills, trust: leastTrust, expires, document };
  const { kills: lastKills = 0, trust: lastTrust = 0 } = last ?? {};
  // Where none is known, a project may number from wherever it likes. Lists and documents begin with 1.
  const highest = Math.max(last?.version ?? 0, minVersion, adopted) || Infinity;
  const isFar = version > highest + maxJump || leastKills > lastKills + maxJump || leastTrust > lastTrust + maxJump;
  const refused =
    (version < minVersion && 'ROLLED_BACK') ||
    rises(pointer, last) ||
    ((leastKills < lastKills || leastTrust < lastTrust) && 'ROLLED_BACK') ||
    (isFar && 'VERSION_JUMP') ||
    ((kills < leastKills || number < leastTrust) && 'HEAD_INCOMPLETE');
  return refused || pointer;
}

/** The kill list that facts are, or why it is refused. */
export function killsOf(facts: Facts, document: Uint8Array, last: Kills | undefined, { maxJump = MAX_JUMP }: Trust): Kills | Code {
  const listed = facts.kind === KILLS && attempt(() => listedIn(facts.payload));
  if (!listed) return 'MALFORMED';
  if (listed.format !== FORMAT) return 'UNSUPPORTED_FORMAT';
  const { version, digest } = facts;
  const kills = { version, digest, flags: listed.flags, document };
  return rises(kills, last) ?? (version > (last?.version ?? 0) + maxJump ? 'VERSION_JUMP' : kills);
}

/** Why a number may not follow the last one: it is lower, or the same of other contents. */
export function rises(next: Numbered, last: Numbered | undefined): Code | undefined {
  if (last && next.version < last.version) return 'ROLLED_BACK';
  return last && next.version === last.version && next.digest !== last.digest ? 'VERSION_CONFLICT' : undefined;
}

/** What a pointer's payload says. Throws where it cannot be read. */
function namedBy(payload: Uint8Array): { format: number; digest?: Uint8Array; kills?: number; trust?: number } {
  const named: ReturnType<typeof namedBy> = { format: 0 };
  const reader = new Reader(payload);
  reader.entries((_, key) => {
    if (key === 1) named.format = reader.expect(0);
    else if (key === 2) named.digest = reader.byteString(32);
    else if (key === 3) named.kills = reader.expect(0);
    else if (key === 4) named.trust = reader.expect(0);
    else reader.skip();
  });
  reader.end();
  return named;
}

/** What a kill list's payload says: keys in ascending order. Throws where it cannot be read. */
function listedIn(payload: Uint8Array): { format: number; flags: string[] } {
  let format = 0;
  let flags: string[] | undefined;
  const reader = new Reader(payload);
  reader.entries((_, key) => {
    if (key === 1) format = reader.expect(0);
    else if (key === 2) flags = textsOf(reader);
    else reader.skip();
  });
  reader.end();
  if (!flags) throw payload;
  return { format, flags };
}

function textsOf(reader: Reader): string[] {
  const texts: string[] = [];
  reader.ordered(Infinity, () => {
    const bytes = reader.string(3);
    // No flag has an empty key.
    if (!bytes.length) throw bytes;
    texts.push(new TextDecoder().decode(bytes));
    return bytes;
  });
  return texts;
}
