/** Variants that units keep: what an experiment once gave, remembered under ids that tell nothing about the unit. */

import { get, set } from './local.js';

/** The most that is remembered; the oldest goes first. A line has about 45 characters. */
const MOST = 500;

/** What is remembered for one project and environment, as lines of an id, a space, and a variant's key. */
export class Sticky {
  readonly #key: string;
  #persists: boolean;
  /** What only this page knows: until the visitor consents, or because the browser keeps nothing. */
  #own = '';

  constructor(key: string, persists: boolean) {
    this.#key = key;
    this.#persists = persists;
  }

  /** Read anew each time, as other tabs write, too; not at all where the device may not remember. */
  get lines(): string {
    const lines = `${this.#persists ? get(this.#key) : ''}\n${this.#own}`.split('\n').filter(Boolean);
    return [...new Set(lines)].join('\n');
  }

  /** Whether the device may remember. What only this page knew is written when it may. */
  set persists(persists: boolean) {
    this.#persists = persists;
    if (persists && this.#own) this.#keep(this.lines);
  }

  /** Forgets what only this page knows. */
  forget(): void {
    this.#own = '';
  }

  /** Remembers a variant. The first one stays. */
  remember(id: string, variant: string): string {
    const lines = this.lines.split('\n').filter(Boolean);
    if (!lines.some((line) => line.startsWith(id))) lines.push(`${id} ${variant}`);
    const text = lines.slice(-MOST).join('\n');
    this.#keep(text);
    return text;
  }

  #keep(text: string): void {
    this.#own = this.#persists && set(this.#key, text) ? '' : text;
  }
}
