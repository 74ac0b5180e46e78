/** Variants that units keep: what an experiment once gave, remembered under ids that tell nothing about the unit. */

import { get, set } from './storage.js';

/** The most that is remembered; the oldest goes first. A line has about 45 characters. */
const MOST = 500;

/** What is remembered for one project and environment, as lines of an id, a space, and a variant's key. */
export class Sticky {
  readonly #key: string;

  constructor(scope: string) {
    this.#key = `waft:sticky:${scope}`;
  }

  /** Read anew each time: other tabs write, too. */
  get lines(): string {
    return get(this.#key);
  }

  /** Remembers a variant. The first one stays. */
  remember(id: string, variant: string): string {
    const lines = this.lines.split('\n').filter(Boolean);
    if (!lines.some((line) => line.startsWith(id))) lines.push(`${id} ${variant}`);
    const text = lines.slice(-MOST).join('\n');
    set(this.#key, text);
    return text;
  }
}
