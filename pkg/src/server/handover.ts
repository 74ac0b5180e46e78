/** A server's client hands its exposures to the page, by `decide`. */

import type { Host } from '../client/host.js';
import type { Decisions } from '../engine/decisions.js';
import { handOver as standIn } from '../exposures/handover.js';
import type { Client, Exposures } from '../types.js';

const DECISIONS: unique symbol = Symbol.for('waft.server') as never;

/**
 * What a server's client has in place of a recorder: nothing is recorded, and `decide` tells the page what each flag exposes.
 *
 * @example
 * const client = await createClient({ snapshot: bytes, trust, exposures: handOver() });
 */
export function handOver(): Exposures {
  const open = (host: Host): object => {
    Object.defineProperty(host.client, DECISIONS, { value: host.decisions });
    return standIn(() => {}).open(host as never);
  };
  return { open };
}

/** Who knows what a client's flags expose, if the client hands that over: not for a view of `withContext`, whose context is another. */
export function decisionsOf(client: Client): Decisions | undefined {
  return Object.hasOwn(client, DECISIONS) ? (client as { [DECISIONS]?: Decisions })[DECISIONS] : undefined;
}
