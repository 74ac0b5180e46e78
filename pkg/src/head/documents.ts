/** Pointers and kill lists: what verified documents say, and which may follow the last (docs/snapshot-format.md, sections 12 and 13). */

import type { Code } from '../codes.js';
import type { Engine } from '../engine/engine.js';
import { MAX_JUMP, POINTER_SECONDS } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { fromHex, toHex } from '../platform/bytes.js';
import type { Trust } from '../types.js';
import { ascending, type Field, fieldsIn, fieldsOf } from './cbor.js';
import { CLAIMS, opened, type Parts, VERSION } from './file.js';

/** The format number of payloads. */
const FORMAT = 1;

/** The claim of when something was made. */
const ISSUED = 6;

/** Numbers of kinds, as the engine tells them. */
export const SNAPSHOT = 0;
const POINTER = 2;
const KILLS = 3;

/** The moment at which nothing is too old or too new: of what was adopted before, whatever the clock says by now. */
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

/** A kill list, and the keys of its flags: a line each, in which a character is a byte. */
export interface Kills extends Numbered {
  readonly flags: string;
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

/**
 * What a snapshot says of itself, and the bytes that its signatures are of. Nobody has verified it: to do so twice would take a phone 5 ms. Throws
 * where it is none.
 */
export function saidBy(snapshot: Uint8Array): { version: number; issued: number; signed: Uint8Array } {
  const [reader, header, encoded] = opened(snapshot);
  const claim = fieldsOf(header('Map', CLAIMS));
  reader.item();
  const signed = new Uint8Array([...encoded, ...(reader.item() as Uint8Array)]);
  return { version: claim('Number', VERSION) as number, issued: 1_000 * (claim('Number', ISSUED) as number), signed };
}

/** The number of the trust document that the pointer in a head asks for; nobody has verified it. 0 for none. */
export function askedBy({ documents }: Parts): number {
  const asked = attempt(() => {
    const [reader] = opened(documents.find(isPointer)?.[1] as Uint8Array);
    reader.item();
    return namedBy(reader.item()).trust;
  });
  return asked ?? 0;
}

/** Whether a document says that it is a pointer. */
export function isPointer([kind]: Parts['documents'][number]): boolean {
  return kind === 'pointer';
}

/**
 * The pointer that facts are; `adopted` is the highest version that was adopted, `kills` the number of the kill list. Throws the code where it is
 * refused, in the order of `waft::head::pointer`; anything else is `MALFORMED`.
 */
export function pointerOf(
  { kind, version, issued, expires, payload }: Facts,
  document: Uint8Array,
  last: Pointer | undefined,
  { minVersion = 0, maxJump = MAX_JUMP, number = 0 }: Trust,
  adopted: number,
  listed: number,
): Pointer {
  const { digest = '', kills = NaN, trust = NaN } = kind === POINTER ? namedBy(payload) : {};
  // It has all three.
  if (!(digest && kills >= 0 && trust >= 0)) throw kind;
  if (expires - issued > 1_000 * POINTER_SECONDS) throw { code: 'TOO_LARGE' };
  const pointer = { version, digest, kills, trust, expires, document };
  const { kills: lastKills = 0, trust: lastTrust = 0 } = last ?? {};
  // Where none is known, a project may number from wherever it likes. Lists and documents begin with 1.
  const highest = Math.max(last?.version ?? 0, minVersion, adopted) || Infinity;
  const isFar = version > highest + maxJump || kills > lastKills + maxJump || trust > lastTrust + maxJump;
  const code =
    (version < minVersion && 'ROLLED_BACK') ||
    rises(pointer, last) ||
    ((kills < lastKills || trust < lastTrust) && 'ROLLED_BACK') ||
    (isFar && 'VERSION_JUMP') ||
    ((listed < kills || number < trust) && 'HEAD_INCOMPLETE');
  if (code) throw { code };
  return pointer;
}

/** The kill list that facts are. Throws as {@link pointerOf} does. */
export function killsOf(
  { kind, version, digest, payload }: Facts,
  document: Uint8Array,
  last: Kills | undefined,
  { maxJump = MAX_JUMP }: Trust,
): Kills {
  if (kind !== KILLS) throw kind;
  const kills = { version, digest, flags: listedIn(payload), document };
  const code = rises(kills, last) ?? (version > (last?.version ?? 0) + maxJump && 'VERSION_JUMP');
  if (code) throw { code };
  return kills;
}

/** Why something is refused, by what was thrown. */
export function codeOf(thrown: unknown): Code {
  return (thrown as { code?: Code } | undefined)?.code ?? 'MALFORMED';
}

/** Why a number may not follow the last one: it is lower, or the same of other contents. */
export function rises(next: Numbered, last: Numbered | undefined): Code | undefined {
  if (last && next.version < last.version) return 'ROLLED_BACK';
  return last && next.version === last.version && next.digest !== last.digest ? 'VERSION_CONFLICT' : undefined;
}

/** What a pointer's payload says. Throws where it cannot be read. */
function namedBy(payload: unknown): { digest: string | undefined; kills: number | undefined; trust: number | undefined } {
  const field = fieldsIn(payload as Uint8Array);
  const digest = field('Uint8Array', 2);
  if (digest && digest.length !== 32) throw digest;
  const [kills, trust] = [field('Number', 3), field('Number', 4)];
  checkFormat(field);
  return { digest: digest && toHex(digest), kills, trust };
}

/** The keys in a kill list's payload, in ascending order. Throws where it cannot be read. */
function listedIn(payload: Uint8Array): string {
  const field = fieldsIn(payload, { 2: {} });
  const flags = field('Array', 2) as readonly string[];
  flags.reduce((last, flag) => {
    if (typeof flag !== 'string') throw flag;
    // No flag has an empty key.
    return ascending(last, flag);
  }, '');
  checkFormat(field);
  return flags.join('\n');
}

/** Throws unless it is the format of payloads; last, as what cannot be read is told before. */
function checkFormat(field: Field): void {
  if (field('Number', 1) !== FORMAT) throw { code: 'UNSUPPORTED_FORMAT' };
}
