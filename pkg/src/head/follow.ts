/** Brings a page under the trust that its trust documents lead to. */

import { keyOf } from '../storage/local.js';
import type { Seen } from '../storage/seen.js';
import { Chain } from './chain.js';
import { factsOf, KEPT } from './documents.js';
import type { Followed, Walked } from './followed.js';
import { rolesOf } from './roles.js';
import { anchorOf } from './trust.js';

/** No version: what was seen is forgotten. */
const NONE: Seen = { version: -1, digest: '' };

/** Follows trust documents from the trust of a head, which are kept under a key. */
export function follow(head: Walked, key: string): Followed {
  const { decisions, store, project, environment } = head.host;
  // What it means was done.
  let done = anchorOf(head.trust, decisions.trust ?? new Uint8Array());
  const chain = new Chain(done, key);
  const { number } = done;
  let { epoch } = done;

  /** Remembers numbers under an epoch: none, if that is another one. */
  function enter(next: typeof epoch): void {
    if (next === epoch) return;
    epoch = next;
    head.headKey = keyOf('head', project, environment, epoch);
    head.headText = '';
    head.raised = undefined;
    store.enter(project, environment, epoch);
    store.foreign = decisions.snapshot?.digest;
  }

  enter(chain.epoch);
  return {
    facts: () => (done.number > number ? { trustNumber: done.number } : {}),
    fetch: (asked, place) => chain.fetch(asked, (number) => placeOf(number, place as URL)),
    walk(active, engine, now) {
      const refused = chain.walk(engine, now);
      // What traps is done again, from the start.
      const { anchor } = chain;
      enter(anchor.epoch);
      if (active.trust !== anchor.bytes) {
        active.trust = anchor.bytes;
        engine.trust(anchor.bytes);
        engine.seen(NONE);
        for (const seen of [store.highest(), head.raised]) if (seen) engine.seen(seen);
      }
      if (anchor === done) return refused;
      const isForgotten = anchor.epoch !== done.epoch;
      const isOurs = (bytes: Uint8Array | undefined, moment: number): boolean =>
        !isForgotten && !!bytes && typeof factsOf(engine, bytes, moment) !== 'string';
      // What a key signed that counts no more has no effect.
      const { kills, pointer, pointerBefore } = head;
      const [hasKills, hasBefore, hasLast] = [kills, pointerBefore, pointer].map((taken) => isOurs(taken?.document, KEPT));
      head.isRevoked = !isOurs(head.activeBytes, now);
      if (!hasKills) head.kills = undefined;
      if (!hasBefore) head.pointerBefore = undefined;
      if (!hasLast) head.pointer = undefined;
      head.roles = rolesOf(anchor.trust);
      head.trust = anchor.trust;
      done = anchor;
      return refused;
    },
  };
}

/** Where a trust document is: beside the head, under the name that goes with the head's. */
function placeOf(number: number, head: URL): URL {
  const [, name = ''] = /([\w-]+-)(?:head|current)\.waft$/.exec(head.pathname) ?? [];
  return new URL(`${name}trust-${`${number}`.padStart(4, '0')}.waft`, head);
}
