/** Who signed a snapshot. The engine has verified it: this only reads, in the form of docs/snapshot-format.md, section 1. */

import { attempt } from '../platform/attempt.js';
import { toBase64Url } from '../platform/bytes.js';
import type { Trust } from '../types.js';

/** A signature. */
export interface Signature {
  /** The key's id, in base64url. */
  readonly key: string;
  readonly role: string;
  /** Whether trust takes this key for this role: then the engine has verified it. */
  readonly counts: boolean;
}

/** A role that trust requires, and how many signatures there are of it. */
export interface Requirement {
  readonly role: string;
  readonly atLeast: number;
  readonly met: number;
}

/** The label of a signer's role. */
const ROLE = -65_537;

/** The signatures of a snapshot; none where it cannot be read. */
export function signaturesOf(bytes: Uint8Array, trust: Trust): readonly Signature[] {
  return (
    attempt(() => {
      // Tag 98, and an array of protected header, unprotected header, payload and signatures.
      const [, , , signatures] = new Reader(bytes, 2).item() as [unknown, unknown, unknown, [Uint8Array][]];
      return signatures.map(([header]) => {
        const signer = new Reader(header, 0).item() as Map<unknown, unknown>;
        const key = toBase64Url(signer.get(4) as Uint8Array);
        const role = String(signer.get(ROLE));
        return { key, role, counts: trust.require.some((required) => required.role === role && required.keys.includes(key)) };
      });
    }) ?? []
  );
}

/** What trust requires of snapshots: previews are signed apart. */
export function requirementsOf(signatures: readonly Signature[], trust: Trust): readonly Requirement[] {
  return trust.require
    .filter(({ role }) => role !== 'preview')
    .map(({ role, atLeast = 1, keys }) => ({
      role,
      atLeast,
      met: signatures.filter((signature) => signature.role === role && keys.includes(signature.key)).length,
    }));
}

/** Reads CBOR of the kinds that an envelope has. Throws at its end. */
class Reader {
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  item(): unknown {
    const head = this.#view.getUint8(this.#at++);
    const count = this.#number(head & 31);
    const items = (): unknown[] => Array.from({ length: count }, () => this.item());
    switch (head >> 5) {
      case 0:
        return count;
      case 1:
        return -1 - count;
      case 2:
        return this.#bytes(count);
      case 3:
        return new TextDecoder().decode(this.#bytes(count));
      case 4:
        return items();
      case 5:
        return new Map(Array.from({ length: count }, () => [this.item(), this.item()] as const));
      default:
        throw new RangeError('not in an envelope');
    }
  }

  #bytes(length: number): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.#view;
    if (this.#at + length > byteLength) throw new RangeError('cut');
    this.#at += length;
    return new Uint8Array(buffer, byteOffset + this.#at - length, length);
  }

  /** What follows a head, or is in it. */
  #number(short: number): number {
    if (short < 24) return short;
    const size = 2 ** (short - 24);
    let number = 0;
    for (let byte = 0; byte < size; byte++) number = number * 256 + this.#view.getUint8(this.#at++);
    return number;
  }
}
