/** The client's events. A handler that throws harms neither the client nor the other handlers. */

import { textOf } from '../codes.js';
import type { ClientEvents } from '../types.js';

type Handler = (details: never) => void;

/** Handlers by event. */
export class Events {
  readonly #handlers = new Map<string, Set<Handler>>();
  /** The last error that the console shows. */
  #warned = '';
  /** Whether the console shows none. */
  quiet: unknown;

  /** Adds a handler and returns how to remove it. It is called in the following microtask with `now`, if that is given. */
  on<E extends keyof ClientEvents>(event: E, handler: (details: ClientEvents[E]) => void, now?: object): () => void {
    // One function may be added twice: each gets its own way out.
    const own: Handler = (details) => handler(details);
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(own));
    if (now) queueMicrotask(() => handlers.has(own) && call(own, now));
    return () => {
      handlers.delete(own);
    };
  }

  /** Whether anybody listens. */
  has(event: keyof ClientEvents): boolean {
    return !!this.#handlers.get(event)?.size;
  }

  /** Calls the handlers, in the order in which they came. An error is shown in the console as well, unless it was the last one. */
  emit<E extends keyof ClientEvents>(event: E, details: ClientEvents[E]): void {
    if (event === 'error' && !this.quiet && this.#warned !== (this.#warned = (details as ClientEvents['error']).message)) {
      console.warn('waft', details);
    }
    for (const handler of [...(this.#handlers.get(event) ?? [])]) call(handler, details);
  }

  /** Tells an error. */
  tell(refusal: Refusal): void {
    this.emit('error', errorOf(refusal));
  }

  /** Forgets all handlers. */
  clear(): void {
    for (const handlers of this.#handlers.values()) handlers.clear();
  }
}

function call(handler: Handler, details: unknown): void {
  try {
    handler(details as never);
  } catch (error) {
    // Shown where the page's own errors are shown, outside our call.
    queueMicrotask(() => console.error(error));
  }
}

/** A code, and what is known of its cause. Most messages say no more than the code. */
export type Refusal = Omit<ClientEvents['error'], 'message'> & { readonly message?: string };

/** What an `error` event tells of it. */
export function errorOf(refusal: Refusal): ClientEvents['error'] {
  return { message: textOf(refusal.code), ...refusal };
}
