/** What earlier page views adopted: the highest version seen and the last good snapshot. */

import { attempt } from '../platform/attempt.js';
import { fromBase64, toBase64 } from '../platform/bytes.js';
import type { Snapshot } from '../types.js';
import { get, keyOf, remove, set } from './local.js';
import { locked } from './locks.js';

/** The highest version adopted, and its digest in hexadecimal. */
export type Seen = Pick<Snapshot, 'version' | 'digest'>;

/** Larger snapshots are not kept: localStorage holds about 5 MB for the whole site. */
const LARGEST = 256 << 10;

/** What is kept for one scope: project, environment and epoch. */
export class SeenStore {
  #seen = '';
  #good = '';
  /** The highest version that this page adopted, which counts also where it cannot be kept. */
  #own: Seen | undefined;
  /** Whether the highest version could be kept. */
  isKept = true;
  /** The digest of what was adopted under another scope: it does not count in this one. */
  foreign: string | undefined;
  /** Gives up something that is kept and worth less; false if there is nothing. */
  makeRoom = (): boolean => false;

  constructor(...scope: unknown[]) {
    this.enter(...scope);
  }

  /** Forgets one scope for another. */
  enter(...scope: unknown[]): void {
    this.#seen = keyOf('seen', ...scope);
    this.#good = keyOf('good', ...scope);
    this.#own = undefined;
  }

  /** The highest version seen, if one is known. */
  highest(): Seen | undefined {
    const stored = this.#stored();
    return stored && stored.version >= (this.#own?.version ?? 0) ? stored : this.#own;
  }

  #stored(): Seen | undefined {
    const [, version, digest = ''] = /^(\d{1,16}) ([\da-f]{64})$/.exec(get(this.#seen)) ?? [];
    return version ? { version: Number(version), digest } : undefined;
  }

  /** Notes an adopted snapshot. Another tab may have adopted a newer one: it stays. */
  async raise(adopted: Seen): Promise<void> {
    const { version, digest } = adopted;
    if (digest === this.foreign) return;
    if (version > (this.#own?.version ?? -1)) this.#own = adopted;
    const isStored = (): boolean => version <= (this.#stored()?.version ?? -1);
    // Most page views adopt what was adopted before: a lock takes a tenth of a start.
    if (isStored()) {
      this.isKept = true;
      return;
    }
    await locked('waft:seen', {}, () => {
      this.isKept = isStored() || this.insist(this.#seen, `${version} ${digest}`);
    });
  }

  /** Keeps what is worth more than the last good snapshot, and than what waits to be sent, which make room for it; false if it is refused. */
  insist(key: string, text: string): boolean {
    if (set(key, text)) return true;
    remove(this.#good);
    while (!set(key, text)) if (!this.makeRoom()) return false;
    return true;
  }

  /** Keeps the bytes of an adopted snapshot; they are verified again when they are used. */
  keep({ digest }: Seen, bytes: Uint8Array): void {
    if (this.good.startsWith(digest)) return;
    // The one before is of no more use: it would be refused as rolled back.
    if (bytes.length > LARGEST || !set(this.#good, `${digest} ${toBase64(bytes)}`)) remove(this.#good);
  }

  /** The last good snapshot as it is kept, by its digest; empty if none is. */
  get good(): string {
    return get(this.#good);
  }

  /** The bytes of the last good snapshot; none if they were not kept. */
  kept(): Uint8Array {
    return attempt(() => fromBase64(this.good.slice(65))) ?? new Uint8Array();
  }
}
