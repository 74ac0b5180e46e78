/** Where records are kept until a collector took them: what is asked of it, and which there is. indexed.ts has the one of workers. */

import { attempt } from '../platform/attempt.js';
import { inTime } from '../platform/deadline.js';
import { get, keys, remove, set } from '../storage/local.js';
import type { ExposureStatus } from '../types.js';

/** How long what comes with it may take, in milliseconds: less than the recorder may. */
const DEADLINE = 5_000;

/** A shelf of texts by key, which other pages see, too. The browser may refuse anything: then nothing is kept, and nothing is thrown. */
export interface Shelf {
  /** What tells it from other shelves of the origin. */
  readonly name: string;
  /** Where the last text is kept: `memory` if it was refused, or the shelf is not open yet. */
  readonly storage: ExposureStatus['storage'];
  /** Keeps a text. */
  set(key: string, text: string): void;
  /** Forgets a key, after what was set before. */
  remove(key: string): void;
  /** What is under keys that start so, whoever put it there. */
  entries(start: string): Promise<[key: string, value: unknown][]>;
  /** Resolves once all that was set and removed so far is so, or refused. */
  settled(): Promise<unknown>;
}

/** localStorage: a text is kept when `set` returns. */
class LocalShelf implements Shelf {
  readonly name = 'local';
  #kept = !!localStorageOf();

  get storage(): ExposureStatus['storage'] {
    return this.#kept ? 'localStorage' : 'memory';
  }

  set(key: string, text: string): void {
    this.#kept = set(key, text);
  }

  remove = remove;

  async entries(start: string): Promise<[string, unknown][]> {
    return keys(start).map((key) => [key, get(key)]);
  }

  async settled(): Promise<void> {}
}

/** The page's localStorage; where there is none, as in workers, IndexedDB. If both are refused, what is recorded is in memory alone. */
export function openShelf(): Shelf | Promise<Shelf> {
  if (localStorageOf() || !attempt(() => globalThis.indexedDB)) return new LocalShelf();
  return inTime(import('./indexed.js'), DEADLINE).then(
    ({ IndexedShelf }) => new IndexedShelf(),
    // It cannot be loaded, or not in time.
    () => new LocalShelf(),
  );
}

function localStorageOf(): Storage | undefined {
  return attempt(() => globalThis.localStorage);
}
