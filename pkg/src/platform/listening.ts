/** What listens to events of the page, and ends together. Without a page it hears nothing. */

/** Not by a signal: where Node's AbortController has the place of jsdom's, jsdom throws at its signals. */
export class Listening {
  /** Nothing once it has ended. */
  #ends: (() => void)[] | undefined = [];

  get isOver(): boolean {
    return !this.#ends;
  }

  to(target: EventTarget | undefined, type: string, work: (event: Event) => unknown): void {
    target?.addEventListener?.(type, work);
    this.#ends?.push(() => target?.removeEventListener?.(type, work));
  }

  end(): void {
    this.#ends?.forEach((end) => end());
    this.#ends = undefined;
  }
}
