/** Decisions of a server, for the page that it answers with. */

import type { Decisions } from '../engine/decisions.js';
import type { Rules } from '../engine/engine.js';
import { toldOf } from '../exposures/breakdown.js';
import { type Exposed, readExposure, unitsOf } from '../exposures/exposure.js';
import { isRecord } from '../platform/attempt.js';
import { toBase64 } from '../platform/bytes.js';
import { expectOptions, TEXT, TEXTS, type Wanted } from '../platform/options.js';
import { bytesOf } from '../platform/realm.js';
import type { FlagNeeds, Served, ServedExposure, ServedFlag } from '../served.js';
import type { Client, Context, Details } from '../types.js';
import { decisionsOf } from './handover.js';
import { digestOf } from './same.js';

/** What {@link decide} takes. */
export interface DecideOptions {
  /** Who is asking. The client has this context from now on. `null` is an attribute that the page does not have either. */
  readonly context: Context;
  /**
   * Names of attributes that the page must have with the same values, or it ignores the decisions: units above all. Units are written into the
   * HTML, of the others a digest; of attributes that are not named, nothing.
   */
  readonly same: readonly string[];
  /** The flags that the page is told of. Default all. */
  readonly flags?: readonly string[] | undefined;
  /**
   * What flags depend on. Those that are sticky, or depend on an attribute that `context` does not name, are then left to the page. Without it,
   * those are that were given a variant to keep.
   */
  readonly needs?: Readonly<Record<string, FlagNeeds>> | undefined;
  /** The snapshot's bytes, where the page is to have them without a request. */
  readonly inline?: ArrayBufferView | ArrayBufferLike | undefined;
  /** For how long a page may start from them, in milliseconds. Default 5 minutes. */
  readonly maxAge?: number | undefined;
  /** The nonce of the page's policy. */
  readonly nonce?: string | undefined;
}

const OPTIONS = {
  context: ['an object of attributes', isRecord],
  same: TEXTS,
  flags: TEXTS,
  needs: ['what flagNeeds returns', isRecord],
  inline: ['the bytes of a snapshot', (inline) => bytesOf(inline) !== undefined],
  maxAge: ['a number of milliseconds', Number.isFinite],
  nonce: TEXT,
} satisfies Record<keyof DecideOptions, Wanted>;

type Getters = Pick<Client, 'getBooleanValue' | 'getStringValue' | 'getNumberValue' | 'getObjectValue'>;

/**
 * What {@link decide} returns. Its getters are for what the server itself renders: they return the default for flags that are left to the
 * page, and note what was read. `json` and `html` have what was read before they are.
 */
export interface Decided extends Getters {
  /** What `hydrate` reads: for a script element, in which nothing of it ends the element. */
  readonly json: string;
  /** The script element. */
  readonly html: string;
  /** Of the response, which is for this visitor alone. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Decides flags for a page, and exposes nothing: the page does, when it shows them. It is synchronous, so one client serves many requests.
 * Throws a `TypeError` where `context` or `same` is missing, and for an option that there is not.
 *
 * @example
 * const { html, headers } = decide(client, { context: { visitorId, country }, same: ['visitorId'] });
 */
export function decide(client: Client, options: DecideOptions): Decided {
  const required = { context: options?.context ?? (0 as never), same: options?.same ?? (0 as never) };
  const given = expectOptions('decide', { ...options, ...required }, OPTIONS);
  const { context, flags, nonce } = given;
  client.setContext(context);
  const all = client.snapshot ? client.all() : {};
  // What has no variant is the caller's default, which each caller has for itself.
  tellMisspelt(client, given, all);
  const told = Object.values(all).filter(({ flagKey, variant }) => variant !== undefined && (flags?.includes(flagKey) ?? true));
  const served = servedOf(client, told, given);
  const read = new Set<string>();
  let isWritten = false;
  const get = (key: string, fallback: unknown): unknown => {
    const flag = Object.hasOwn(served.flags, key) ? served.flags[key] : undefined;
    if (typeof flag?.value !== typeof fallback) return fallback;
    // The page knows nothing of it.
    if (isWritten && !read.has(key))
      console.warn('waft', `${key}: read after json or html was written: read it before, so that it is exposed`);
    read.add(key);
    return flag?.value;
  };
  const attribute = nonce === undefined ? '' : ` nonce="${nonce.replace(/[^\w+/=-]/g, '')}"`;
  const decided = {
    getBooleanValue: get,
    getStringValue: get,
    getNumberValue: get,
    getObjectValue: get,
    get json() {
      isWritten = true;
      return escaped({ ...served, read: [...read] });
    },
    get html() {
      return `<script type="application/json" id="waft-decided"${attribute}>${decided.json}</script>`;
    },
    headers: { 'Cache-Control': 'private, no-store' },
  };
  return decided as Decided;
}

/** What was said, by all clients together: a server has many requests, and a view of `withContext` for each. */
const said = new Set<string>();
/** Of how much: names may come from whoever asks. */
const SAID = 100;

/**
 * Says once which flags there are not, and which attributes of `same` neither the context nor a rule has: of these all visitors have the same value, so
 * that a page would take what was decided for another.
 */
function tellMisspelt(client: Client, { context, same, flags }: DecideOptions, all: object): void {
  const attributes = decisionsOf(client)?.rules?.attributes;
  const texts = [
    ...same
      .filter((name) => attributes && !attributes.includes(name) && !Object.hasOwn(context, name))
      .map((name) => `same: no rule and no context has the attribute ${name}`),
    ...(flags ?? []).filter((key) => client.snapshot && !Object.hasOwn(all, key)).map((key) => `flags: there is no flag ${key}`),
  ];
  for (const text of texts) {
    if (said.has(text) || said.size >= SAID) continue;
    console.warn('waft', `decide: ${text}`);
    said.add(text);
  }
}

function servedOf(client: Client, told: readonly Details<unknown>[], options: DecideOptions): Omit<Served, 'read'> {
  const { context, same, needs, maxAge = 300_000 } = options;
  const inline = bytesOf(options.inline);
  const decisions = decisionsOf(client);
  const unitIds = decisions?.rules ? unitIdsOf(context, decisions.rules, same) : [];
  const known = new Set(unitIds.filter(([, , unit]) => unit).map(([name]) => name));
  const flags: Record<string, ServedFlag> = Object.create(null);
  const undecided: string[] = [];
  for (const { flagKey, value, variant, reason, errorCode, flagMetadata } of told) {
    const { killed } = flagMetadata;
    const needed = needs && Object.hasOwn(needs, flagKey) ? needs[flagKey] : undefined;
    const isLacking = needed?.attributes.some((name) => context[name] === undefined);
    const made = decisions?.exposures(flagKey).map(readExposure);
    // A variant with an error: a unit is missing, which the page may have.
    const isUnsure = errorCode && !needed;
    // What is killed is off whatever the page knows.
    if (!killed && (needed?.sticky || isLacking || isUnsure || made?.some(({ sticky }) => sticky))) {
      undecided.push(flagKey);
      continue;
    }
    // Where a unit is not to be in the HTML, the page finds out what it exposes.
    const exposures = made?.every(({ unitKind }) => known.has(unitKind))
      ? made.map((exposure) => exposedBy(exposure, decisions))
      : undefined;
    flags[flagKey] = { value, variant, reason, exposures, killed };
  }
  const { snapshot } = client;
  const latest = Date.now() + maxAge;
  return { snapshot, latest, same, digest: digestOf(context, same), unitIds, flags, undecided, bytes: inline && toBase64(inline) };
}

/** An exposure as the page is told of it. */
function exposedBy({ sticky: _, ...exposure }: Exposed, decisions: Decisions | undefined): ServedExposure {
  const told = decisions ? toldOf(decisions, exposure.experiment) : {};
  return Object.keys(told).length ? { ...exposure, told } : exposure;
}

/** All units, of which only those may be in the HTML that the page was told of. */
function unitIdsOf(context: Context, { attributes, units }: Rules, same: readonly string[]): Served['unitIds'] {
  const found: [string, string, string | null][] = [];
  for (let at = 0; at < units.length; at += 2) {
    const attribute = attributes[Number(units[at + 1])] ?? '';
    const [unit] = unitsOf(context, { attributes, units: units.slice(at, at + 2) });
    found.push([units[at] ?? '', attribute, (same.includes(attribute) && unit?.[1]) || null]);
  }
  return found;
}

function escaped(served: Served): string {
  return JSON.stringify(served).replace(/[<\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
