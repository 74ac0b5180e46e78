/** What extends a client, and what it is given: shapes alone. */

import type { Decisions } from '../engine/decisions.js';
import type { SeenStore } from '../storage/seen.js';
import type { Client, ClientEvents, Options, SnapshotSource, Status, Trust } from '../types.js';
import type { Events, Refusal } from './events.js';
import type { Loading } from './loading.js';

/** A client, as whatever extends it sees it. Nothing is adopted yet when it is opened. */
export interface Host {
  readonly project: string;
  readonly environment: string;
  readonly options: Options;
  /** What the page gets: members may be replaced. */
  readonly client: Client;
  readonly decisions: Decisions;
  readonly events: Events;
  readonly loading: Loading;
  readonly store: SeenStore;
}

/** What takes heads. */
export interface HeadTaker {
  /** Where the head is that goes with a snapshot. */
  urlOf(source: SnapshotSource): string | URL | undefined;
  /** Fetches the head that goes with a snapshot, and takes it. The first is on its way as soon as the client is opened. */
  load(source: SnapshotSource): Promise<void>;
  /** Takes a head's bytes, with the trust documents that it asks for; and what other tabs have kept. */
  take(bytes?: Uint8Array): Promise<void>;
  /** Fetches the trust documents that the head in front of a snapshot asks for. */
  prepare(bytes: Uint8Array | undefined): Promise<void>;
  /** The trust that counts. */
  readonly trust: Trust;
  /** Whether the last pointer vouches for the active snapshot, and what is wrong with the last head. */
  readonly isNamed: boolean;
  readonly error: Opened['error'];
}

/** What was opened for a client. */
export interface Opened {
  /** Why it does not do what the page asked, as `status().code` has it, too. */
  readonly error?: Refusal | undefined;
  /** The same, told to handlers of `error` alone. */
  readonly notice?: ClientEvents['error'] | undefined;
  /** What it adds to `status()`. */
  facts?(): Partial<Status> | undefined;
  /** The client is closed. */
  close?(): void;
}
