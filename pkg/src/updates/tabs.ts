/** One visible tab works for all tabs of an origin, and lets go when it is hidden or left: a page with a lock or a channel is not kept. */

import { attempt } from '../platform/attempt.js';
import { Listening } from '../platform/listening.js';

/** What a tab does. */
export interface Work {
  /** This tab is the one that works, until {@link stop}. */
  start(): void;
  stop(): void;
  /** Another tab found this. */
  receive(found: unknown): void;
  /** The tab is visible, also again: it may have missed what others found. */
  show(): void;
}

/** One tab. Without a document, as in Node and workers, or without locks, each works for itself. */
export class Tabs {
  readonly #name: string;
  readonly #work: Work;
  readonly #listening = new Listening();
  #channel: BroadcastChannel | undefined;
  #waiting: AbortController | undefined;
  #letGo: (() => void) | undefined;

  constructor(name: string, work: Work) {
    this.#name = name;
    this.#work = work;
    const { document } = globalThis;
    const turn = (): void => (document?.hidden ? this.#hide() : this.#show());
    this.#listening.to(document, 'visibilitychange', turn);
    this.#listening.to(globalThis, 'pagehide', () => this.#hide());
    this.#listening.to(globalThis, 'pageshow', turn);
    turn();
  }

  /** Tells the other visible tabs. */
  tell(found: unknown): void {
    attempt(() => this.#channel?.postMessage(found));
  }

  close(): void {
    this.#listening.end();
    this.#hide();
  }

  #show(): void {
    if (this.#waiting) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    const lead = (): Promise<void> =>
      new Promise((resolve) => {
        if (waiting.signal.aborted) return resolve();
        this.#letGo = () => {
          this.#work.stop();
          resolve();
        };
        this.#work.start();
      });
    const locks = globalThis.document && attempt(() => globalThis.navigator.locks);
    if (globalThis.document) this.#channel = attempt(() => new BroadcastChannel(this.#name));
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#work.receive(data);
    this.#work.show();
    if (!locks) void lead();
    // Where locks are refused, each tab works for itself.
    else locks.request(this.#name, { signal: waiting.signal }, lead).catch(() => (waiting.signal.aborted ? undefined : lead()));
  }

  #hide(): void {
    this.#waiting?.abort();
    this.#channel?.close();
    this.#letGo?.();
    this.#waiting = this.#channel = this.#letGo = undefined;
  }
}
