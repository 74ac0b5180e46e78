/** The page's own client, as soon as it exists, and what records for it. */

import type { Host, Opened } from '../client/host.js';
import { writeExposure } from '../exposures/exposure.js';
import type { Recorder } from '../exposures/recorder.js';
import type { Served, ServedFlag } from '../served.js';
import type { Client, Status } from '../types.js';

/** The page's client. */
export interface Source {
  client: Client | undefined;
  /** Calls with the client, once it exists. */
  use(work: (client: Client) => unknown): void;
  /** Calls with the client, once it has rules; of the same work only the last. */
  decide(what: string, work: (client: Client) => unknown): void;
  /** Records what a server decided; false if nobody here can, so that the page's rules are to be waited for. */
  record(key: string, exposures: ServedFlag['exposures'], isRead: boolean): boolean;
  /** Forgets what waits for rules: somebody else is asking. */
  drop(): void;
  /** How often that was. */
  readonly turn: number;
  /** What extends the client with this. */
  readonly plug: { readonly open: (host: never) => object };
  /** The client, where it is not extended. */
  take(client: Client): void;
  /** That there will be no client. */
  readonly end: End;
}

/** What `status()` says then. */
type Failure = Pick<Status, 'code' | 'message' | 'cause'>;

/** That something will not come, as where a deploy has removed the script that makes the client. */
interface End {
  /** Why, once that is known. */
  failure: Failure | undefined;
  /** Resolves then. */
  readonly reached: Promise<void>;
  reach(failure: Failure): void;
}

function endOf(): End {
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const end: End = {
    failure: undefined,
    reached,
    reach(failure) {
      end.failure = failure;
      reach();
    },
  };
  return end;
}

/**
 * Until the server's rules are known to be others, records say that these decided. `mismatch` is why none of what the server wrote is used, which
 * handlers of `error` are told.
 */
export function sourceOf(served: Served | undefined, mismatch: Opened['notice']): Source {
  const queue: ((client: Client) => unknown)[] = [];
  const waiting = new Map<string, (client: Client) => unknown>();
  let host: Host | undefined;
  /** Whether reads are not recorded. */
  let isManual = false;
  let turn = 0;

  const open = (opened: Host): Opened => {
    host = opened;
    const { decisions } = opened;
    isManual = !decisions.onExposure;
    const { unitIds = [] } = served ?? {};
    // Which attributes are units, until rules say so.
    decisions.rules ??= {
      attributes: unitIds.map(([, attribute]) => attribute),
      units: unitIds.flatMap(([name], slot) => [name, String(slot)]),
    };
    source.take(opened.client);
    // Handlers that were added before; those that come later are told of the notice.
    if (mismatch) opened.events.emit('error', mismatch);
    return { notice: mismatch };
  };

  const source: Source = {
    client: undefined,
    use: (work) => void (source.client ? work(source.client) : queue.push(work)),
    decide: (what, work) => void (source.client?.snapshot ? work(source.client) : waiting.set(what, work)),
    record(flagKey, exposures, isRead) {
      const recorder = host?.loading.recorder as Recorder | undefined;
      if (!host || !exposures) return false;
      const { decisions } = host;
      const record = (): void =>
        exposures.forEach((exposure) => recorder?.expose(flagKey, writeExposure(exposure), served?.snapshot, exposure.told));
      // Pseudonyms are made by the engine.
      if (recorder?.pseudonyms && !decisions.snapshot) waiting.set(flagKey, record);
      else if (!isRead || !isManual) record();
      return true;
    },
    drop() {
      turn++;
      waiting.clear();
    },
    get turn() {
      return turn;
    },
    plug: { open: open as never },
    end: endOf(),
    take(client) {
      if (source.client) return;
      source.client = client;
      for (const work of queue.splice(0)) work(client);
      client.on('ready', () => {
        for (const work of waiting.values()) work(client);
        waiting.clear();
      });
    },
  };
  return source;
}
