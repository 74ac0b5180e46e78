/** Server-sent events by `fetch`, which Node has, too: https://html.spec.whatwg.org/multipage/server-sent-events.html */

/** The first and the longest wait before a connection is tried again, in milliseconds. */
const FIRST = 1_000;
const LONGEST = 60_000;

/** Listens until it is stopped, and connects again whenever the connection ends. `onEvent` is called for each event that has data, and when it is connected again. */
export function listen(url: string | URL, onEvent: () => void, onError: (cause: unknown, status?: number) => void): () => void {
  const ending = new AbortController();
  void follow(url, onEvent, onError, ending);
  return () => ending.abort();
}

async function follow(
  url: string | URL,
  onEvent: () => void,
  onError: (cause: unknown, status?: number) => void,
  { signal }: AbortController,
): Promise<void> {
  let wait = FIRST;
  for (let isAgain = false; !signal.aborted; isAgain = true) {
    try {
      const response = await fetch(url, { signal, headers: { accept: 'text/event-stream' }, cache: 'no-store' });
      const type = response.headers.get('content-type');
      if (response.ok && type?.startsWith('text/event-stream')) {
        wait = FIRST;
        // What was told meanwhile was missed.
        if (isAgain) onEvent();
        await read(response, onEvent);
      } else {
        onError(type, response.status);
        void response.body?.cancel();
      }
    } catch (cause) {
      if (!signal.aborted) onError(cause);
    }
    await pause(wait * (0.5 + Math.random()), signal);
    wait = Math.min(2 * wait, LONGEST);
  }
}

/** Calls for each event, until the connection ends. An event is lines up to an empty one; those without data are none. */
async function read(response: Response, onEvent: () => void): Promise<void> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let isEvent = false;
  let line = '';
  for (let chunk; (chunk = (await reader?.read())?.value); ) {
    const lines = (line + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    // Of a longer line the start is enough.
    line = (lines.pop() as string).slice(0, 4_096);
    for (const whole of lines) {
      if (!whole && isEvent) onEvent();
      isEvent = whole !== '' && (isEvent || /^data(?::|$)/.test(whole));
    }
  }
}

function pause(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, delay);
    // In Node it would keep the process.
    (timer as { unref?(): void }).unref?.();
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
