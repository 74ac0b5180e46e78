/** When a page takes newer rules: the policies that `updates` takes. */

import type { Host, Opened } from '../client/host.js';
import { membersOf } from '../platform/attempt.js';
import { later } from '../platform/deadline.js';
import { bytesOf, isUrl } from '../platform/realm.js';
import { keyOf } from '../storage/local.js';
import type { PinOptions, Plug, PollOptions, StreamOptions } from '../types.js';
import type { Tell } from './asking.js';
import { Following } from './following.js';
import { listen } from './sse.js';
import { Tabs } from './tabs.js';

/** Starts to look for rules; `refresh` looks once, and is given what was told. Returns how to stop. */
type Look = (refresh: (told: string) => void, tell: Tell) => () => void;

/** After so long, in milliseconds, a tab that is shown, or leads, first looks: what the client has loaded, or another tab was told last, may be old. */
const WAITED = 1_000;

/**
 * Looks for newer rules each so often while the page is visible, and adopts them. A variant that was exposed in this page view stays, unless
 * its flag is disabled or its experiment stopped.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, updates: poll({ every: 60_000 }) });
 */
export function poll(options?: PollOptions): Plug<'updates'> {
  const { every = 60_000, url, ...unread } = membersOf(options);
  return policy(url, { isPinned: false, isPatient: false }, isTime(every) && each(every), unread);
}

/**
 * Looks for newer rules whenever a server says so, by a server-sent event with data, and whenever the connection comes back. Else as
 * {@link poll}.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, updates: stream({ url: '/rules/events' }) });
 */
export function stream(options: StreamOptions): Plug<'updates'> {
  const { url, snapshot, ...unread } = membersOf(options);
  const look: Look = (refresh, tell) =>
    listen(url as string | URL, refresh, (cause, status) => tell('UNREACHABLE', String(url), cause, status));
  return policy(snapshot, { isPinned: false, isPatient: true }, isUrl(url) && look, unread);
}

/**
 * This page view decides by the rules and at the moment that it started with. Newer rules are kept for the next page view; of them a flag that
 * is disabled, and an experiment that is stopped, apply at once.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, start: 'last-good', updates: pin() });
 */
export function pin(options?: PinOptions): Plug<'updates'> {
  const { every = 300_000, url, ...unread } = membersOf(options);
  return policy(url, { isPinned: true, isPatient: false }, isTime(every) && each(every), unread);
}

function isTime(every: unknown): boolean {
  return typeof every === 'number' && every >= 1_000;
}

/** Tabs of many visitors do not ask at one moment. */
function each(every: number): Look {
  return (refresh) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      timer = later(
        () => {
          refresh('');
          wait();
        },
        every * (0.9 + 0.2 * Math.random()),
      );
    };
    wait();
    return () => clearTimeout(timer);
  };
}

/** Of a policy: whether rules stay as they were, and whether it looks again by itself for what did not come. */
interface Ways {
  readonly isPinned: boolean;
  readonly isPatient: boolean;
}

/** Opening it throws if there is nothing to look with: the options cannot be followed. */
function policy(url: string | URL | undefined, ways: Ways, look: Look | false, unread: object): Plug<'updates'> {
  return { kind: 'updates', unread, open: (host: Host) => follow(host, url ?? host.options.snapshot, ways, look) };
}

/** Follows the rules at a URL. Throws where there is none. */
function follow(host: Host, source: unknown, { isPinned, isPatient }: Ways, look: Look | false): Opened {
  if (!look || !isUrl(source)) throw new TypeError('rules that are bytes have no URL: pass one to the policy');
  const { loading, store, decisions, project, environment } = host;
  const following = new Following(host, source, isPinned, isPatient);
  const opened = performance.now();
  let [stop, shown]: [(() => void) | undefined, number] = [undefined, opened];
  const tabs = new Tabs(keyOf('updates', project, environment, String(source)), {
    start() {
      following.tellTabs = (found) => tabs.tell(found);
      stop = look((told) => following.look(told), following.tell);
      if (performance.now() - shown > WAITED) following.look('');
    },
    stop() {
      following.tellTabs = undefined;
      stop?.();
    },
    receive(found) {
      // A head comes in a list.
      if (Array.isArray(found)) following.receive(bytesOf(found[0]), true);
      else following.receive(bytesOf(found), false);
    },
    show() {
      void loading.head?.take();
      const { version = Infinity } = decisions.snapshot ?? {};
      if ((store.highest()?.version ?? 0) > version) following.receive(store.kept(), false);
      shown = performance.now();
      // Not all that comes while it is hidden is kept.
      if (shown - opened > WAITED) following.look('');
    },
  });
  return {
    close() {
      following.close();
      tabs.close();
    },
  };
}
