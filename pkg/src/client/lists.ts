/** Lists of many ids lie in files of their own, beside the snapshot: loaded when a condition first asks for one. */

import type { Decisions } from '../engine/decisions.js';
import { LIST_BYTES } from '../limits.js';
import { request } from '../platform/http.js';
import type { ClientEvents, Snapshot } from '../types.js';
import type { Events } from './events.js';

/** The list files of one client. */
export class Lists {
  readonly #decisions: Decisions;
  readonly #events: Events;
  /** The files that are loaded or loading, by digest, for the snapshot that asked: what comes for another one is of no use to it. */
  readonly #coming = new WeakMap<Snapshot, Map<string, Promise<boolean>>>();
  /** The digests of files that cannot be fetched. */
  readonly missing = new Set<string>();

  /** An event tells of each file that does not come, once. */
  constructor(decisions: Decisions, events: Events) {
    this.#decisions = decisions;
    this.#events = events;
  }

  /** What is told of files that cannot be fetched, or are not what was signed. */
  get error(): ClientEvents['error'] | undefined {
    const code = 'LIST_UNREACHABLE';
    return this.missing.size ? { code, message: `${code}: ${[...this.missing].join()}` } : undefined;
  }

  /**
   * Fetches files by number and digest, each once, and waits for those on their way. The engine checks each against the signed manifest.
   * Returns how flags evaluated before, if any was taken.
   */
  async fetch(files: readonly [number, string][], base: string | URL | undefined): Promise<Map<string, string> | undefined> {
    const { snapshot } = this.#decisions;
    if (!snapshot) return undefined;
    const coming = this.#coming.get(snapshot) ?? new Map<string, Promise<boolean>>();
    this.#coming.set(snapshot, coming);
    const wanted = files.filter(([, digest]) => !coming.has(digest));
    const before = wanted[0] && this.#decisions.all();
    for (const [file, digest] of wanted) {
      const taking = this.#take(file, digest, base, snapshot).then((isTaken) => {
        // Otherwise conditions stay unknown until the next decision asks for the file again.
        if (!isTaken) coming.delete(digest);
        return isTaken;
      });
      coming.set(digest, taking);
    }
    const taken = await Promise.all(files.map(([, digest]) => coming.get(digest)));
    return taken.includes(true) ? before : undefined;
  }

  /** Fetches one file for a snapshot. Returns whether it was taken. */
  async #take(file: number, digest: string, base: string | URL | undefined, snapshot: Snapshot): Promise<boolean> {
    const isActive = (): boolean => this.#decisions.snapshot?.digest === snapshot.digest;
    try {
      const { status, bytes } = await request(new URL(`${digest}.list`, base), {}, LIST_BYTES);
      if (status === 200 && isActive() && !this.#decisions.list(file, bytes)) {
        this.missing.delete(digest);
        return true;
      }
    } catch {
      // It cannot be had.
    }
    if (isActive() && !this.missing.has(digest)) {
      this.missing.add(digest);
      this.#events.emit('error', this.error as ClientEvents['error']);
    }
    return false;
  }
}
