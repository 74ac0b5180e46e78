/** A shelf: where records are kept until a collector took them. */

import type { ExposureStatus } from '../types.js';

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
