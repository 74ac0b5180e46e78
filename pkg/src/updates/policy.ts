/** When a page takes newer rules: the policies that `updates` takes. */

import type { HeadTaker, Host, Opened } from '../client/host.js';
import type { Code } from '../codes.js';
import { HEAD_BYTES, SNAPSHOT_BYTES } from '../limits.js';
import { membersOf } from '../platform/attempt.js';
import { LONGEST_DELAY } from '../platform/deadline.js';
import { request } from '../platform/http.js';
import { bytesOf, isUrl } from '../platform/realm.js';
import { keyOf } from '../storage/local.js';
import type { PinOptions, Plug, PollOptions, StreamOptions } from '../types.js';
import { live } from './live.js';
import { pinned } from './pinned.js';
import { listen } from './sse.js';
import { Tabs } from './tabs.js';

/** Starts to look for rules; `refresh` looks once. Returns how to stop. */
type Look = (refresh: () => void, tell: Tell) => () => void;
type Ask = (source: string | URL, cap: number) => Promise<Uint8Array | undefined>;
type Tell = (code: Code, url: string, cause: unknown, httpStatus?: number) => void;

/**
 * Looks for newer rules each so often while the page is visible, and adopts them. A variant that was exposed in this page view stays, unless
 * its flag is disabled or its experiment stopped.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, updates: poll({ every: 60_000 }) });
 */
export function poll(options?: PollOptions): Plug<'updates'> {
  const { every = 60_000, url } = membersOf(options);
  return policy(url, false, isTime(every) && each(every));
}

/**
 * Looks for newer rules whenever a server says so, by a server-sent event with data, and whenever the connection comes back. Else as
 * {@link poll}.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, updates: stream({ url: '/rules/events' }) });
 */
export function stream(options: StreamOptions): Plug<'updates'> {
  const { url, snapshot } = membersOf(options);
  const look: Look = (refresh, tell) =>
    listen(url as string | URL, refresh, (cause, status) => tell('UNREACHABLE', String(url), cause, status));
  return policy(snapshot, false, isUrl(url) && look);
}

/**
 * This page view decides by the rules and at the moment that it started with. Newer rules are kept for the next page view; of them a flag that
 * is disabled, and an experiment that is stopped, apply at once.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, start: 'last-good', updates: pin() });
 */
export function pin(options?: PinOptions): Plug<'updates'> {
  const { every = 300_000, url } = membersOf(options);
  return policy(url, true, isTime(every) && each(every));
}

function isTime(every: unknown): boolean {
  return typeof every === 'number' && every >= 1_000;
}

/** Tabs of many visitors do not ask at one moment. */
function each(every: number): Look {
  return (refresh) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      timer = setTimeout(
        () => {
          refresh();
          wait();
        },
        Math.min(every * (0.9 + 0.2 * Math.random()), LONGEST_DELAY),
      );
      // In Node it would keep the process.
      (timer as { unref?(): void }).unref?.();
    };
    wait();
    return () => clearTimeout(timer);
  };
}

/** Opening it throws if there is nothing to look with: the options cannot be followed. */
function policy(url: string | URL | undefined, isPinned: boolean, look: Look | false): Plug<'updates'> {
  return { kind: 'updates', open: (host: Host) => follow(host, url ?? host.options.snapshot, isPinned, look) };
}

/** Follows the rules at a URL. Throws where there is none. */
function follow(host: Host, source: unknown, isPinned: boolean, look: Look | false): Opened {
  if (!look || !isUrl(source)) throw new TypeError('rules that are bytes have no URL: pass one to the policy');
  const { events, loading, store, decisions, project, environment } = host;
  const url = String(source);
  let [last, isClosed]: [Uint8Array | undefined, boolean] = [undefined, false];
  const tell: Tell = (code, of, cause, httpStatus) => {
    if (!isClosed) events.tell({ code, url: of, cause, ...(httpStatus !== undefined && { httpStatus }) });
  };
  const ask = asking(tell);
  const [keep, watch] = isPinned ? [pinned(host), undefined] : [undefined, live(host)];
  const take = async (bytes: Uint8Array): Promise<void> => {
    if (isClosed || !bytes.length || (last && isSame(last, bytes))) return;
    last = bytes;
    const code = keep ? await keep(bytes).catch((): Code => 'GENERAL') : await refusedBy(host, bytes);
    // Whose keys count could not be had: these very bytes may be good the next time.
    if (code && loading.head?.error?.code === 'UNREACHABLE') last = undefined;
    if (code && keep) tell(code, url, undefined);
  };
  const takeHead = async (bytes: Uint8Array): Promise<void> => loading.head?.take(bytes);
  const refresh = inTurn(async () => {
    if (isClosed) return;
    const isNamed = await isActiveNamed(loading.head, source, ask, async (head) => {
      if (!isClosed) await takeHead(head);
      tabs.tell([head]);
    });
    const bytes = isNamed ? undefined : await ask(source, SNAPSHOT_BYTES);
    if (bytes) {
      await take(bytes);
      tabs.tell(bytes);
    }
  });
  let [stop, isAgain]: [(() => void) | undefined, boolean] = [undefined, false];
  const tabs = new Tabs(keyOf('updates', project, environment, url), {
    start() {
      stop = look(() => void refresh(), tell);
      // It was hidden, or another tab has gone: what came meanwhile is missing. The first time, the client has just loaded.
      if (isAgain) void refresh();
      isAgain = true;
    },
    stop: () => stop?.(),
    receive(found) {
      // A head comes in a list.
      const [bytes, receive] = Array.isArray(found) ? [bytesOf(found[0]), takeHead] : [bytesOf(found), take];
      if (bytes && !isClosed) void receive(bytes);
    },
    show() {
      void loading.head?.take();
      const { version = Infinity } = decisions.snapshot ?? {};
      if ((store.highest()?.version ?? 0) > version) void take(store.kept());
    },
  });
  return {
    close() {
      isClosed = true;
      watch?.close?.();
      tabs.close();
    },
  };
}

/** Has the client take rules. Returns why it does not, which it tells itself. */
async function refusedBy({ loading }: Host, bytes: Uint8Array): Promise<Code | undefined> {
  const adopted = await loading.load(bytes, false);
  return adopted.ok ? undefined : adopted.code;
}

/** Runs something that is not run twice at a time. Who asks meanwhile has it run once more: what is told while an answer is on its way may not be in it. */
function inTurn(once: () => Promise<void>): () => Promise<void> {
  let [isBusy, isAsked] = [false, false];
  return async () => {
    isAsked = true;
    if (isBusy) return;
    isBusy = true;
    try {
      for (; isAsked; await once()) isAsked = false;
    } finally {
      isBusy = false;
    }
  };
}

/** Asks for the head, where there is one. Whether its pointer names the active rules, so that others need not be asked for; or nobody knows. */
async function isActiveNamed(
  head: HeadTaker | undefined,
  source: string | URL,
  ask: Ask,
  take: (head: Uint8Array) => Promise<void>,
): Promise<boolean> {
  const place = head?.urlOf(source);
  if (!head || !place) return false;
  const found = await ask(place, HEAD_BYTES);
  if (found) await take(found);
  return head.isNamed || !!head.error;
}

/** Returns what asks for a file: nothing comes of it if the file is as it was, or cannot be had, which is told. */
function asking(tell: Tell): Ask {
  const etags = new Map<string, string>();
  return async (source, cap) => {
    const url = String(source);
    try {
      // A page's own cache asks with the tag that it has; elsewhere there is none.
      const etag = !globalThis.document && etags.get(url);
      const headers: HeadersInit = etag ? { 'if-none-match': etag } : {};
      const { status, headers: given, bytes } = await request(source, { cache: 'no-cache', headers }, cap);
      etags.set(url, given.get('etag') ?? '');
      if (status >= 200 && status < 300) return bytes;
      if (status !== 304) tell('UNREACHABLE', url, given.get('content-type'), status);
    } catch (cause) {
      tell(cause instanceof RangeError ? 'TOO_LARGE' : 'UNREACHABLE', url, cause);
    }
    return undefined;
  };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
