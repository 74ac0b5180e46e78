/** Looks at a server: not twice at a time, and again after a while if the last one did not bring what there is. */

import { later } from '../platform/deadline.js';

/** The first and the longest wait, in milliseconds. */
const FIRST = 1_000;
const LONGEST = 60_000;

/** How often it is looked again where nobody knows whether there is more: for a minute, as caches on the way may lag behind. */
export const TRIES = 6;

/** Tries with pauses that double, each varied by half. */
export class Looks {
  /** Looks once. Returns how many times it is worth to look again, where what there is did not come. */
  readonly #once: () => Promise<number>;
  /** Whether it looks again by itself: what looks each so often needs not. */
  readonly #isPatient: boolean;
  #isBusy = false;
  #isAsked = false;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(once: () => Promise<number>, isPatient: boolean) {
    this.#once = once;
    this.#isPatient = isPatient;
  }

  /** Looks now. Who asks while it looks has it look once more: what is told while an answer is on its way may not be in it. */
  async now(): Promise<void> {
    this.#tries = 0;
    return this.#look();
  }

  /** Looks no more by itself. */
  end(): void {
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isAsked = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    let left = 0;
    while (this.#isAsked) {
      this.#isAsked = false;
      left = await this.#once().catch((error: unknown) => {
        // Shown where the page's own errors are shown.
        console.error(error);
        return TRIES;
      });
    }
    this.#isBusy = false;
    if (!this.#isPatient || this.#tries >= left) return;
    const wait = Math.min(FIRST * 2 ** this.#tries++, LONGEST);
    // A hidden tab looks when it is shown.
    this.#timer = later(() => globalThis.document?.hidden || void this.#look(), wait * (0.5 + Math.random()));
  }
}
