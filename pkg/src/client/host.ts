/** What extends a client, and what it is given: shapes alone. */

import type { Decisions } from '../engine/decisions.js';
import type { SeenStore } from '../storage/seen.js';
import type { Client, ClientEvents, Options, Status } from '../types.js';
import type { Events } from './events.js';
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

/** What was opened for a client. */
export interface Opened {
  /** Why it does not do what the page asked, as `status().code` has it, too. */
  readonly error?: ClientEvents['error'] | undefined;
  /** The same, told to handlers of `error` alone. */
  readonly notice?: ClientEvents['error'] | undefined;
  /** What it adds to `status()`. */
  facts?(): Partial<Status>;
  /** The client is closed. */
  close?(): void;
}
