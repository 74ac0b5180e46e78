/** Which shelf this place has. */

import { attempt } from '../platform/attempt.js';
import { get, keys, remove, set } from '../storage/local.js';
import type { ExposureStatus } from '../types.js';
import { IndexedShelf } from './indexed.js';
import type { Shelf } from './shelf.js';

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
export function openShelf(): Shelf {
  return localStorageOf() || !attempt(() => globalThis.indexedDB) ? new LocalShelf() : new IndexedShelf();
}

function localStorageOf(): Storage | undefined {
  return attempt(() => globalThis.localStorage);
}
