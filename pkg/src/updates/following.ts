/** Rules and their head, followed: what is asked for, what comes of it, and whether it is worth to ask again. */

import type { Host, Opened } from '../client/host.js';
import type { Code } from '../codes.js';
import { HEAD_BYTES, SNAPSHOT_BYTES } from '../limits.js';
import { type Ask, asking, type Tell, tagsIn } from './asking.js';
import { live } from './live.js';
import { Looks, TRIES } from './looks.js';
import { pinned } from './pinned.js';

/** Why bytes are refused that will be refused the next time, too. */
const FOR_GOOD = /^(MALFORMED|TOO_LARGE|UNS|BAD|WRONG|DIGEST)/;
/** Why something is refused until time, the network, or its head changes that: it is looked for until then. */
const FOR_NOW = /^(UNREACHABLE|NOT_YET|HEAD_)/;

/** How often to look again, given why something was refused. */
const worth = (code: Code | undefined): number => (!code ? 0 : FOR_NOW.test(code) ? Infinity : TRIES);

/** What one client follows. */
export class Following {
  readonly #host: Host;
  readonly #source: string | URL;
  readonly #ask: Ask;
  readonly #looks: Looks;
  readonly #keep: ((bytes: Uint8Array) => Promise<Code | undefined>) | undefined;
  readonly #watch: Opened | undefined;
  /** What was taken last, or is refused for good. */
  #last: Uint8Array | undefined;
  /** The tags of what there is, as far as a server has told them and they did not come. */
  #told: string[] = [];
  /** Whether the next look takes files that are as they were, too. */
  #isWhole = false;
  #isClosed = false;
  /** What other tabs tell comes in order: a snapshot after the head that vouches for it. */
  #receiving: Promise<unknown> = Promise.resolve();
  /** Hands what was found to other tabs; nothing unless this tab leads. */
  tellTabs: ((found: unknown) => void) | undefined;

  constructor(host: Host, source: string | URL, isPinned: boolean, isPatient: boolean) {
    this.#host = host;
    this.#source = source;
    this.#ask = asking(this.tell);
    this.#looks = new Looks(() => this.#once(), isPatient);
    if (isPinned) this.#keep = pinned(host);
    else this.#watch = live(host);
  }

  readonly tell: Tell = (code, url, cause, httpStatus) => {
    if (!this.#isClosed) this.#host.events.tell({ code, url, cause, ...(httpStatus !== undefined && { httpStatus }) });
  };

  /** Looks for what a server told of: it says the tags, or nothing. */
  look(told: string): void {
    const tags = tagsIn(told);
    if (tags[0]) this.#told = tags;
    void this.#looks.now();
  }

  /** Takes what another tab found. */
  receive(bytes: Uint8Array | undefined, isHead: boolean): void {
    this.#receiving = this.#receiving.then(async () => {
      if (!bytes || this.#isClosed) return;
      const left = await (isHead ? this.#takeHead(bytes) : this.#take(bytes));
      // Nobody hands it over again. A tab that leads, or works for itself, looks anyway.
      if (left && !this.tellTabs) void this.#looks.now();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#looks.end();
    this.#watch?.close?.();
  }

  /** Looks once. Returns how many times it is worth to look again. */
  async #once(): Promise<number> {
    if (this.#isClosed) return 0;
    const { loading, decisions } = this.#host;
    const { head } = loading;
    // What is told meanwhile is for the next look.
    const told = this.#told;
    const place = head?.urlOf(this.#source);
    const came: { tag: string; isNew: boolean }[] = [];
    let left = 0;
    const get = async (url: string | URL, isHead: boolean): Promise<void> => {
      const found = await this.#ask(url, isHead ? HEAD_BYTES : SNAPSHOT_BYTES, this.#isWhole);
      const { bytes } = found ?? {};
      if (found) came.push(found);
      const again = found ? bytes && (await (isHead ? this.#takeHead(bytes) : this.#take(bytes))) : Infinity;
      left = Math.max(left, again ?? 0);
      if (bytes) this.tellTabs?.(isHead ? [bytes] : bytes);
    };
    if (place) await get(place, true);
    // Nothing vouches for others while the pointer names the active rules, or nobody knows what it names.
    const isSettled = (): boolean => !!head?.isNamed || (!!head?.error && decisions.until < Infinity);
    if (!place || !isSettled()) await get(this.#source, false);
    // What was refused for now is to be taken again, though it is as it was.
    this.#isWhole = left > 0;
    const isAll = told[1] ? 'every' : 'some';
    const isTold = !told[0] || came[isAll](({ tag, isNew }) => isNew || told.includes(tag.replace('W/', '')));
    if (!isTold) left = Math.max(left, TRIES);
    // They are behind their head, or it is too old to vouch for them.
    if (decisions.until <= Date.now()) left = Infinity;
    if (!left && this.#told === told) this.#told = [];
    return this.#isClosed ? 0 : left;
  }

  /** Takes rules. Returns how many times it is worth to look for them again. */
  async #take(bytes: Uint8Array): Promise<number> {
    if (this.#isClosed || !bytes.length || (this.#last && isSame(this.#last, bytes))) return 0;
    this.#last = bytes;
    const code = await (this.#keep ?? this.#adopt)(bytes).catch((): Code => 'GENERAL');
    // Nor if it is not known whose keys count.
    if (code && (!FOR_GOOD.test(code) || this.#host.loading.head?.error)) this.#last = undefined;
    if (code && this.#keep) this.tell(code, String(this.#source), undefined);
    return worth(code);
  }

  /** Has the client take rules. Returns why it does not, which it tells itself. */
  readonly #adopt = async (bytes: Uint8Array): Promise<Code | undefined> => {
    const adopted = await this.#host.loading.load(bytes, false);
    return adopted.ok ? undefined : adopted.code;
  };

  async #takeHead(bytes: Uint8Array): Promise<number> {
    const { head } = this.#host.loading;
    if (this.#isClosed) return 0;
    await head?.take(bytes);
    return worth(head?.error?.code as Code | undefined);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
