/** What the page knows: the client, the studio, the snapshot's bytes, and who is looking. */

import { type Client, type Context, createClient, type Trust } from 'waft';
import { recorder } from 'waft/exposures';
import { head } from 'waft/head';
import type { Studio } from 'waft/studio';
import { stream } from 'waft/updates';

const SNAPSHOT = new URL('./snapshot.waft', document.baseURI).href;
const CHANGES = new URL('/api/changes/head.waft', document.baseURI).href;

export interface Session {
  readonly client: Client;
  readonly trust: Trust;
  /** The bytes that are served; absent if there are none. */
  bytes: Uint8Array | undefined;
  /** Loads the module that explains, at its first use. */
  studio(): Promise<Studio>;
  /** The keys of all flags; none if no snapshot is at hand. */
  keys(): Promise<readonly string[]>;
  context: Context;
  /** Whether what the shop reads makes exposures. */
  counts: boolean;
  /** What the shop reads flags with: the client, or its `peek` while nobody is to be counted. */
  reads(): Reads;
  /** Decides for somebody else. */
  become(context: Context, counts?: boolean): void;
  /** Calls a view now and whenever the visitor or the rules change. */
  watch(view: () => void): void;
}

export type Reads = Pick<Client, 'getBooleanValue' | 'getStringValue' | 'getNumberValue' | 'getObjectValue' | 'track'>;

/** Whom to show the page to, and whether it counts: without, it makes no exposure. */
export interface Viewer {
  readonly context: Context;
  readonly counts: boolean;
}

export async function start({ context, counts }: Viewer): Promise<Session> {
  const trust = JSON.parse(document.getElementById('trust')?.textContent ?? 'null') as Trust;
  const bytes = await fetchBytes();
  const client = await createClient({
    snapshot: SNAPSHOT,
    trust,
    context,
    exposures: recorder({ endpoint: '/v1/logs' }),
    // A release, or a kill, is in the open page in a moment.
    head: head({ documents: () => import('waft/documents') }),
    updates: stream({ url: CHANGES }),
  });
  // For the curious: everything of the page can be asked in the console.
  Object.assign(globalThis, { waft: client });

  const views: (() => void)[] = [];
  const refresh = (): void => views.forEach((view) => view());
  let version = client.snapshot?.version;
  client.on('configurationChanged', () => {
    refresh();
    if (client.snapshot?.version === version) return;
    version = client.snapshot?.version;
    void fetchBytes().then((bytes) => {
      session.bytes = bytes;
      refresh();
    });
  });
  const looks = looking(client);
  let studio: Promise<Studio> | undefined;
  const session: Session = {
    client,
    trust,
    bytes,
    studio: () => (studio ??= import('waft/studio').then(({ loadStudio }) => loadStudio())),
    async keys() {
      if (!session.bytes) return [];
      try {
        return Object.keys((await session.studio()).explain({ snapshot: session.bytes, trust, context }).flags);
      } catch {
        return [];
      }
    },
    context,
    counts,
    reads: () => (session.counts ? client : looks),
    become(next, counts = session.counts) {
      session.context = next;
      session.counts = counts;
      client.setContext(next);
      refresh();
    },
    watch(view) {
      views.push(view);
      view();
    },
  };
  return session;
}

/** Reads that make no exposure. */
function looking(client: Client): Reads {
  const peek = <T>(key: string, fallback: T): T => client.peek(key, fallback).value;
  return {
    getBooleanValue: peek,
    getStringValue: peek,
    getNumberValue: peek,
    getObjectValue: peek as Reads['getObjectValue'],
    track: () => undefined,
  };
}

async function fetchBytes(): Promise<Uint8Array | undefined> {
  try {
    const response = await fetch(SNAPSHOT, { cache: 'no-cache' });
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}
