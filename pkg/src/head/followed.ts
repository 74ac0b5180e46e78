/** What is between a head and what follows trust documents: shapes alone, as they are entries of their own. */

import type { Refusal } from '../client/events.js';
import type { Host } from '../client/host.js';
import type { Code } from '../codes.js';
import type { Active } from '../engine/active.js';
import type { Engine } from '../engine/engine.js';
import type { Seen } from '../storage/seen.js';
import type { Status, Trust } from '../types.js';
import type { Kills, Pointer } from './documents.js';

/** What is wrong with a head, or with a trust document. */
export type Refused = Refusal & { readonly code: Code };

/** What a page hands to `head` for trust documents: the module `waft/documents`. */
export interface TrustDocuments {
  readonly follow: (head: Walked, key: string) => Followed;
}

/** What a head knows. */
export interface Walked {
  readonly host: Host;
  /** The trust that counts, and its roles. */
  trust: Trust;
  roles: readonly string[];
  /** Under which what follows is kept: verified documents, as text. */
  headKey: string;
  headText: string;
  kills: Kills | undefined;
  /** The last pointer, and the last before it that vouched for the highest snapshot. */
  pointer: Pointer | undefined;
  pointerBefore: Pointer | undefined;
  /** What is active, as the highest version of this epoch; and its bytes. */
  raised: Seen | undefined;
  activeBytes: Uint8Array | undefined;
  /** The active snapshot is not one that the active trust takes. */
  isRevoked: boolean;
}

/** What follows trust documents for a head. */
export interface Followed {
  /** Fetches the documents up to a number, beside a head. Returns what is wrong with the first that cannot be had. */
  fetch(asked: number, place: URL | undefined): Promise<Refused | undefined>;
  /** Verifies what is offered, and brings an engine and the head under the trust that counts. Returns why the rest is refused. */
  walk(active: Active, engine: Engine, now: number): Refused | undefined;
  /** What they add to `status()`. */
  facts(): Partial<Status>;
}
