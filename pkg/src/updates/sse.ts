/** Server-sent events by `fetch`, which Node has, too: https://html.spec.whatwg.org/multipage/server-sent-events.html */

import { later } from '../platform/deadline.js';

/** The first and the longest wait before a connection is tried again, in milliseconds. */
const FIRST = 1_000;
const LONGEST = 60_000;

/** After so long without a byte a connection is lost, and nobody was told: servers send comments, as proxies end what is silent for less. */
const SILENCE = 60_000;

/** How long a server may take for its first event, which says what there is. Without one, that is looked at. */
const GREETING = 1_000;

/**
 * Listens until it is stopped, and connects again whenever the connection ends. `onEvent` is called with the data of each event that has data,
 * and when it is connected: with nothing, unless an event comes with it.
 */
export function listen(url: string | URL, onEvent: (data: string) => void, onError: (cause: unknown, status?: number) => void): () => void {
  const ending = new AbortController();
  void follow(url, onEvent, onError, ending);
  return () => ending.abort();
}

async function follow(
  url: string | URL,
  onEvent: (data: string) => void,
  onError: (cause: unknown, status?: number) => void,
  { signal }: AbortController,
): Promise<void> {
  let wait = FIRST;
  while (!signal.aborted) {
    const connection = new Connection(signal);
    let since = Infinity;
    try {
      const response = await connection.open(url);
      const type = response.headers.get('content-type');
      if (response.ok && type?.startsWith('text/event-stream')) {
        since = performance.now();
        await connection.read(response, onEvent);
      } else {
        onError(type, response.status);
        void response.body?.cancel();
      }
    } catch (cause) {
      if (!signal.aborted && !connection.isSilent) onError(cause);
    }
    connection.end();
    // A connection that ends at once is no better than none.
    if (performance.now() - since > wait) wait = FIRST;
    await pause(wait * (0.5 + Math.random()), signal);
    wait = Math.min(2 * wait, LONGEST);
  }
}

/** One connection. */
class Connection {
  readonly #own = new AbortController();
  readonly #outer: AbortSignal;
  readonly #ended: Promise<never>;
  readonly #end = (): void => this.#own.abort();
  #silence: ReturnType<typeof setTimeout> | undefined;
  #greeting: ReturnType<typeof setTimeout> | undefined;
  /** Whether it was lost, and nobody was told. */
  isSilent = false;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    outer.addEventListener('abort', this.#end);
    this.#ended = new Promise((_, reject) => this.#own.signal.addEventListener('abort', reject));
    this.#hear();
  }

  /** Also where the transport does not hear that it is ended. */
  open(url: string | URL): Promise<Response> {
    const { signal } = this.#own;
    return Promise.race([this.#ended, fetch(url, { signal, headers: { accept: 'text/event-stream' }, cache: 'no-store' })]);
  }

  /** Calls for each event, until the connection ends. An event is lines up to an empty one; those without data are none. */
  async read(response: Response, onEvent: (data: string) => void): Promise<void> {
    let isGreeted = false;
    const greet = (data = ''): void => {
      isGreeted = true;
      clearTimeout(this.#greeting);
      onEvent(data);
    };
    // What was told before it was connected was missed.
    this.#greeting = later(greet, GREETING);
    try {
      await Promise.race([this.#ended, this.#events(response, greet)]);
    } finally {
      if (!isGreeted && !this.#outer.aborted) greet();
    }
  }

  async #events(response: Response, onEvent: (data: string) => void): Promise<void> {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let data: string | undefined;
    let line = '';
    for (let chunk; (chunk = (await reader?.read())?.value); ) {
      // The transport has not heard that it is ended.
      if (this.#own.signal.aborted) return;
      this.#hear();
      const lines = (line + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
      // Of a longer line the start is enough.
      line = (lines.pop() as string).slice(0, 4_096);
      for (const whole of lines) {
        if (/^data(?::|$)/.test(whole)) data = ((data ?? '') + whole.slice(5)).slice(0, 4_096);
        if (whole || data === undefined) continue;
        onEvent(data);
        data = undefined;
      }
    }
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#greeting);
    this.#outer.removeEventListener('abort', this.#end);
  }

  #hear(): void {
    clearTimeout(this.#silence);
    this.#silence = later(() => {
      this.isSilent = true;
      this.#end();
    }, SILENCE);
  }
}

function pause(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = later(resolve, delay);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
