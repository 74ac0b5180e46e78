/** What earlier page views adopted: the highest version seen and the last good snapshot, by project and environment. */

import { get, locked, remove, set } from './storage.js';
import type { Snapshot } from './types.js';

/** The highest version adopted, and its digest in hexadecimal. */
export type Seen = Pick<Snapshot, 'version' | 'digest'>;

/** Larger snapshots are not kept: localStorage holds about 5 MB for the whole site. */
const LARGEST = 256 << 10;

/** What is kept for one project, environment and epoch. */
export class SeenStore {
  readonly #scope: string;

  constructor(scope: string) {
    this.#scope = scope;
  }

  /** The highest version seen, if one is known. */
  highest(): Seen | undefined {
    const [version, digest] = get(`waft:seen:${this.#scope}`)?.split(' ') ?? [];
    return Number.isSafeInteger(Number(version)) && digest && /^[\da-f]{64}$/.test(digest)
      ? { version: Number(version), digest }
      : undefined;
  }

  /** Notes an adopted snapshot. Another tab may have adopted a newer one: it stays. */
  raise({ version, digest }: Seen): Promise<void> {
    return locked('waft:seen', {}, () => {
      if (version > (this.highest()?.version ?? -1)) set(`waft:seen:${this.#scope}`, `${version} ${digest}`);
    });
  }

  /** Keeps the bytes of an adopted snapshot; they are verified again when they are used. */
  keep({ digest }: Seen, bytes: Uint8Array): void {
    const key = `waft:good:${this.#scope}`;
    if (get(key)?.startsWith(digest)) return;
    let text = '';
    // In pieces: a call takes some 65,000 arguments at most.
    for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
    // The one before is of no more use: it would be refused as rolled back.
    if (bytes.length > LARGEST || !set(key, `${digest} ${btoa(text)}`)) remove(key);
  }

  /** The bytes of the last good snapshot, if they were kept. */
  kept(): Uint8Array | undefined {
    try {
      const text = get(`waft:good:${this.#scope}`)?.split(' ')[1];
      return text ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : undefined;
    } catch {
      return undefined;
    }
  }
}
