/** Lists of many ids lie in files of their own, beside the snapshot: loaded when a condition first asks for one. */

import type { Decisions } from '../engine/decisions.js';
import { LIST_BYTES } from '../limits.js';
import { request } from '../platform/http.js';
import type { ClientEvents, Snapshot } from '../types.js';

/** The list files of one client. */
export class Lists {
  readonly #decisions: Decisions;
  readonly #onTaken: (before: Map<string, string>) => void;
  readonly #onMissing: (error: ClientEvents['error']) => void;
  /** The files that are loaded or loading, by digest, for the snapshot that asked: what comes for another one is of no use to it. */
  readonly #coming = new WeakMap<Snapshot, Map<string, Promise<boolean>>>();
  /** The digests of files that cannot be fetched. */
  readonly missing = new Set<string>();

  /** `onTaken` is told how flags evaluated before a file came, `onMissing` of one that does not, once. */
  constructor(decisions: Decisions, onTaken: (before: Map<string, string>) => void, onMissing: (error: ClientEvents['error']) => void) {
    this.#decisions = decisions;
    this.#onTaken = onTaken;
    this.#onMissing = onMissing;
  }

  /** What is told of files that cannot be fetched, or are not what was signed. */
  get error(): ClientEvents['error'] | undefined {
    const code = 'LIST_UNREACHABLE';
    return this.missing.size ? { code, message: `${code}: ${[...this.missing].join()}` } : undefined;
  }

  /** Fetches files by number and digest, each once, and waits for those on their way. The engine checks each against the signed manifest. */
  async fetch(files: readonly [number, string][], base: string | URL | undefined): Promise<void> {
    const { snapshot } = this.#decisions;
    if (!snapshot) return;
    const coming = this.#coming.get(snapshot) ?? new Map<string, Promise<boolean>>();
    this.#coming.set(snapshot, coming);
    const wanted = files.filter(([, digest]) => !coming.has(digest));
    const before = wanted[0] && this.#decisions.all();
    for (const [file, digest] of wanted) {
      const taking = Promise.resolve().then(async () => {
        const isTaken = await this.#take(file, digest, base, snapshot);
        // Otherwise conditions stay unknown until the next decision asks for the file again.
        if (!isTaken) coming.delete(digest);
        return isTaken;
      });
      coming.set(digest, taking);
    }
    const taken = await Promise.all(files.map(([, digest]) => coming.get(digest)));
    if (before && taken.includes(true)) this.#onTaken(before);
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
      this.#onMissing(this.error as ClientEvents['error']);
    }
    return false;
  }
}
