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
  const [, , , number] = (pointer && attempt(() => fieldsOf(claimedBy(pointer[1]).payload))) || [];
  return isNumber(number) ? number : 0;
}

/** The pointer that facts are; `adopted` is the highest version that was adopted, `kills` the number of the kill list. Or why it is refused. */
export function pointerOf(
  facts: Facts,
  document: Uint8Array,
  last: Pointer | undefined,
  { minVersion = 0, maxJump = MAX_JUMP, number = 0 }: Trust,
  adopted: number,
  kills: number,
): Pointer | Code {
  const fields = facts.kind === POINTER && fieldsOf(facts.payload);
  const [format, digest, ...least] = fields || [];
  if (!fields) return 'MALFORMED';
  if (format !== FORMAT) return 'UNSUPPORTED_FORMAT';
  const [leastKills, leastTrust] = least;
  if (!(digest instanceof Uint8Array) || digest.length !== 32 || !isNumber(leastKills) || !isNumber(leastTrust)) return 'MALFORMED';
  const { version, issued, expires } = facts;
  if (expires - issued > 1_000 * POINTER_SECONDS) return 'TOO_LARGE';
  const pointer = { version, digest: toHex(digest), kills: leastKills, trust: leastTrust, expires, document };
  // Where none is known, a project may number from wherever it likes. Lists and documents begin with 1.
  const highest = Math.max(last?.version ?? 0, minVersion, adopted);
  const refused =
    (version < minVersion && 'ROLLED_BACK') ||
    rises(pointer, last, highest ? highest + maxJump : Infinity) ||
    [
      [leastKills, last?.kills ?? 0],
      [leastTrust, last?.trust ?? 0],
    ]
      .map(([own = 0, before = 0]) => (own < before ? 'ROLLED_BACK' : own > before + maxJump && 'VERSION_JUMP'))
      .find(Boolean);
  if (refused) return refused as Code;
  return kills < leastKills || number < leastTrust ? 'HEAD_INCOMPLETE' : pointer;
}

/** The kill list that facts are, or why it is refused. */
export function killsOf(facts: Facts, document: Uint8Array, last: Kills | undefined, { maxJump = MAX_JUMP }: Trust): Kills | Code {
  const fields = facts.kind === KILLS && fieldsOf(facts.payload);
  const [format, flags] = fields || [];
  if (!fields) return 'MALFORMED';
  if (format !== FORMAT) return 'UNSUPPORTED_FORMAT';
  if (!Array.isArray(flags)) return 'MALFORMED';
  const { version, digest } = facts;
  const kills = { version, digest, flags, document };
  return rises(kills, last, (last?.version ?? 0) + maxJump) ?? kills;
}

/** Why a number may not follow the last one, up to a highest: it is lower, or the same of other contents. */
export function rises(next: Numbered, last: Numbered | undefined, highest: number): Code | undefined {
  if (last && next.version < last.version) return 'ROLLED_BACK';
  if (last && next.version === last.version && next.digest !== last.digest) return 'VERSION_CONFLICT';
  return next.version > highest ? 'VERSION_JUMP' : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

/** The fields 1 to 4 of a payload: numbers, bytes, or lists of texts in ascending order. Nothing if it cannot be read. */
function fieldsOf(payload: Uint8Array): unknown[] | undefined {
  return attempt(() => {
    const fields: unknown[] = [];
    const reader = new Reader(payload);
    reader.entries((_, key) => {
      const major = (payload[reader.at] ?? 0) >> 5;
      if (key < 1 || key > 4 || ![0, 2, 4].includes(major)) reader.skip();
      else if (!major) fields[key - 1] = reader.expect(0);
      else if (major === 2) fields[key - 1] = reader.string();
      else fields[key - 1] = textsOf(reader);
    });
    reader.end();
    return fields;
  });
}

function textsOf(reader: Reader): string[] {
  const texts: string[] = [];
  const read = (): Uint8Array => {
    const bytes = reader.string(3);
    texts.push(new TextDecoder().decode(bytes));
    return bytes;
  };
  reader.ordered(Infinity, read);
  return texts;
}
