/** The trust that counts: the page's own, or what trust documents have led to from it. They are kept, and verified again at each start. */

import { ask } from '../client/ask.js';
import type { Code } from '../codes.js';
import type { Engine } from '../engine/engine.js';
import { TRUST_BYTES, TRUST_DOCUMENT_BYTES, TRUST_DOCUMENTS } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { fromBase64, toBase64 } from '../platform/bytes.js';
import { get, set } from '../storage/local.js';
import { factsOf, KEPT } from './documents.js';
import { type Claimed, claimedBy } from './claimed.js';
import type { Refused } from './followed.js';
import { type Anchor, advance, hasSuccessors, read } from './trust.js';

/** A document that nobody has verified yet, and where it came from: from nowhere if it was kept. */
interface Offered {
  readonly bytes: Uint8Array;
  readonly url?: string;
}

/** One page's chain. */
export class Chain {
  readonly #key: string;
  /** Whether documents may follow the page's own trust at all: none ends that. */
  readonly #isOpen: boolean;
  /** What led from the page's own trust to the one that counts. */
  #taken: Uint8Array[] = [];
  #offered: Offered[];
  /** The number that those lead to, as they say. */
  #last: number;
  /** What is kept, as this page knows it. */
  #known: string;
  /** The trust that counts. */
  anchor: Anchor;
  /** The epoch that kept documents lead to, as they say: until they are verified, numbers are remembered under it. */
  readonly epoch: Anchor['epoch'];

  constructor(anchor: Anchor, key: string) {
    this.#key = key;
    this.anchor = anchor;
    this.#isOpen = hasSuccessors(anchor);
    this.#known = this.#isOpen ? get(key) : '';
    this.#offered = this.#keptIn(this.#known);
    const last = attempt(() => read(claimedBy(this.#offered.at(-1)?.bytes as Uint8Array), anchor.trust));
    const { number, epoch } = typeof last === 'object' && last.number > anchor.number ? last : anchor;
    this.#last = number;
    this.epoch = epoch;
  }

  /** Fetches the documents up to a number, of which `place` says where each is. Returns what is wrong with the first that cannot be had. */
  async fetch(asked: number, place: (number: number) => URL): Promise<Refused | undefined> {
    for (let next: number; this.#isOpen && (next = this.#last + 1) <= asked; ) {
      const url = String(place(next));
      if (isFull([...this.#taken, ...this.#offered.map(({ bytes }) => bytes), new Uint8Array()])) return { code: 'TOO_LARGE', url };
      const { bytes, ...missing } = await ask(url, TRUST_DOCUMENT_BYTES);
      if (!bytes) return missing;
      // Somebody else may have fetched it meanwhile.
      if (next === this.#last + 1) {
        this.#offered.push({ bytes, url });
        this.#last = next;
      }
    }
    return undefined;
  }

  /** Verifies what is offered, and what other tabs have kept. Returns why the rest of it is refused. */
  walk(engine: Engine, now: number): Refused | undefined {
    const text = this.#isOpen ? get(this.#key) : '';
    if (text !== this.#known) {
      this.#known = text;
      this.#offered.unshift(...this.#keptIn(text));
    }
    if (!this.#offered.length) return undefined;
    const before = this.#taken;
    let refused: Refused | undefined;
    engine.trust(this.anchor.bytes);
    for (const { bytes, url } of this.#offered) {
      const code = this.#take(engine, bytes, url, now);
      if (!code) continue;
      refused = { code, ...(url && { url }) };
      break;
    }
    this.#offered = [];
    this.#last = this.anchor.number;
    // What is refused is kept no longer: the next start fetches what is in its place.
    if (this.#taken !== before || (refused && !refused.url)) {
      const next = this.#taken.map(toBase64).join(' ');
      if (next !== text && set(this.#key, next)) this.#known = next;
    }
    return refused;
  }

  /** The documents in what was kept, without those that are behind the page's own trust. */
  #keptIn(text: string): Offered[] {
    const all =
      attempt(() =>
        text
          .split(' ')
          .filter(Boolean)
          .map((document) => ({ bytes: fromBase64(document) })),
      ) ?? [];
    return all.filter(({ bytes }) => !((attempt(() => claimedBy(bytes))?.version ?? Infinity) < this.anchor.number));
  }

  #take(engine: Engine, document: Uint8Array, url: string | undefined, now: number): Code | undefined {
    const { anchor } = this;
    const claimed = attempt(() => claimedBy(document));
    // As after pages were built with a later trust. What is no document is told, whatever it says.
    if (claimed && isBehind(claimed, anchor) && factsOf(engine, document, now) !== 'MALFORMED') return undefined;
    if (isFull([...this.#taken, document])) return 'TOO_LARGE';
    // Adopted once, it does not end: the keys that it took out would count again.
    const next = advance(engine, anchor, document, url ? now : KEPT);
    if (typeof next === 'string') return next;
    this.anchor = next;
    this.#taken = [...this.#taken, document];
    return undefined;
  }
}

/** Whether a document is of a lower number, or the one that counts. */
function isBehind(claimed: Claimed, { number, trust, identity }: Anchor): boolean {
  if (claimed.kind !== 'trust' || claimed.version > number) return false;
  const same = claimed.version === number && read(claimed, trust);
  return !same || (typeof same === 'object' && same.identity === identity);
}

/** Whether these are more than a start takes. */
function isFull(documents: readonly Uint8Array[]): boolean {
  return documents.length > TRUST_DOCUMENTS || documents.reduce((sum, { length }) => sum + length, 0) > TRUST_BYTES;
}
