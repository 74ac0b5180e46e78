/** What a page shows as its server decided it. */

import type { Served } from '../served.js';
import type { Client, Details } from '../types.js';

/** The server's decisions that were read. */
export interface Shown {
  /** The server's decision; `undefined` where the page's own client is to be asked. `fallback` is of the type that is expected. */
  find(key: string, fallback: unknown): Details<unknown> | undefined;
  /** How many flags the page's client decides otherwise than they are shown. */
  disagreed(): number;
  /** Forgets all: somebody else is asking. */
  drop(): void;
}

/** Until `client` has rules it is not asked. */
export function shownOf(served: Served | undefined, client: () => Pick<Client, 'peek' | 'snapshot'> | undefined): Shown {
  const read = new Map<string, Details<unknown>>();

  /** What was read before stays, but not if the flag is switched off or gone. */
  const stays = (details: Details<unknown>): boolean => {
    const own = client();
    if (!own?.snapshot) return true;
    const { variant, reason } = own.peek(details.flagKey);
    return variant !== details.variant && reason !== 'DISABLED' && reason !== 'ERROR';
  };

  return {
    find(flagKey, fallback) {
      let details = read.get(flagKey);
      if (!details && served && !client()?.snapshot && Object.hasOwn(served.flags, flagKey)) {
        const flagMetadata = Object.freeze({ version: served.snapshot?.version });
        details = Object.freeze({ flagKey, ...served.flags[flagKey], flagMetadata }) as Details<unknown>;
        read.set(flagKey, details);
      }
      const isAsked = fallback === undefined || typeof fallback === typeof details?.value;
      return details && isAsked && stays(details) ? details : undefined;
    },
    disagreed: () => (client()?.snapshot ? [...read.values()].filter(stays).length : 0),
    drop() {
      served = undefined;
      read.clear();
    },
  };
}
