/** What a page shows as its server decided it. */

import type { Served, ServedFlag } from '../served.js';
import type { Client, Details } from '../types.js';

/** The server's decisions that were read. */
export interface Shown {
  /** What the server decided by, as long as that is shown. */
  readonly snapshot: Served['snapshot'];
  /** The server's decision; `undefined` where the page's own client is to be asked. `fallback` is of the type that is expected. */
  find(key: string, fallback: unknown): Details<unknown> | undefined;
  /** What the server's decision exposes, if the server told. */
  exposures(key: string): ServedFlag['exposures'];
  /** How many flags the page's client decides otherwise than they are shown. */
  disagreed(): number;
  /** Forgets all: somebody else is asking. */
  drop(): void;
}

/** A server's decisions as a client tells them. */
export function detailsOf({ flags, snapshot }: Served): Readonly<Record<string, Details<unknown>>> {
  const version = snapshot?.version;
  const [metadata, ofKilled] = [Object.freeze({ version }), Object.freeze({ version, killed: true })];
  const details = Object.entries(flags).map(([flagKey, { value, variant, reason, killed }]) => [
    flagKey,
    Object.freeze({ flagKey, value, variant, reason, flagMetadata: killed ? ofKilled : metadata }),
  ]);
  return Object.fromEntries(details);
}

/** Until `client` has rules it is not asked. */
export function shownOf(
  served: Served | undefined,
  initial: Readonly<Record<string, Details<unknown>>>,
  client: () => Pick<Client, 'peek' | 'snapshot'> | undefined,
): Shown {
  const read = new Map<string, Details<unknown>>();
  // What the server rendered is seen, whenever the page reads it.
  for (const key of served?.read ?? []) if (Object.hasOwn(initial, key)) read.set(key, initial[key] as Details<unknown>);

  /** What was read before stays, but not if the flag is switched off or gone. */
  const stays = (details: Details<unknown>): boolean => {
    const own = client();
    if (!own?.snapshot) return true;
    const { variant, reason } = own.peek(details.flagKey);
    return variant !== details.variant && reason !== 'DISABLED' && reason !== 'ERROR';
  };

  return {
    get snapshot() {
      return served?.snapshot;
    },
    find(flagKey, fallback) {
      // What is no text is nobody's key, and may be nothing that a text can be made of.
      if (typeof flagKey !== 'string') return undefined;
      let details = read.get(flagKey);
      if (!details && served && !client()?.snapshot && Object.hasOwn(initial, flagKey)) {
        details = initial[flagKey] as Details<unknown>;
        read.set(flagKey, details);
      }
      const isAsked = fallback === undefined || typeof fallback === typeof details?.value;
      return details && isAsked && stays(details) ? details : undefined;
    },
    exposures: (key) => served?.flags[key]?.exposures,
    disagreed: () => (client()?.snapshot ? [...read.values()].filter(stays).length : 0),
    drop() {
      served = undefined;
      read.clear();
    },
  };
}
