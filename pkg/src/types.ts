/** The shapes that a page sees. */

import type { Code, ErrorCode, Reason, Warning } from './codes.js';
import type { DeclaredContext, FlagKey, FlagValue, FlagVariant, ObjectDefault, ObjectValue } from './typed.js';

/**
 * Who is asking: strings, numbers, booleans and dates by name. `null` and `undefined` are missing; anything else counts as
 * present, but of no type that conditions know.
 *
 * @example
 * const context: Context = { visitorId: 'v1', country: 'DE', signedUp: new Date('2026-01-31') };
 */
export type Context = DeclaredContext;

/** What `storage` of `waft/context` takes. */
export interface VisitorOptions {
  /** The name under which the id is kept. Default `waft-visitor`. */
  readonly name?: string | undefined;
  /**
   * Whether the visitor consents to be recognised. Default `granted`. While it is `pending`, nothing is read or kept, and the id is that of
   * this page view; with `denied`, what was kept is removed as well. Any other value is `pending`.
   */
  readonly consent?: Consent;
}

/** What `cookie` of `waft/context` takes. */
export interface CookieOptions extends VisitorOptions {
  /** The domain whose subdomains share the id, as `shop.example`. Default: this host alone. */
  readonly domain?: string | undefined;
  /** For how long it is kept, in days from the last page view on. Default 400, the most that browsers allow. */
  readonly days?: number | undefined;
}

/** What `urlAttributes` of `waft/context` returns. */
export interface UrlAttributes {
  /** As `/cart`. */
  readonly path?: string;
  /** Without its question mark, as it is written: `utm_source=news&q=a%20b`. */
  readonly query?: string;
  /** The address of the page that linked here, as much of it as that page tells. */
  readonly referrer?: string;
  readonly utmSource?: string;
  readonly utmMedium?: string;
  readonly utmCampaign?: string;
  readonly utmTerm?: string;
  readonly utmContent?: string;
}

/** What `deviceAttributes` of `waft/context` returns. */
export interface DeviceAttributes {
  /** The browser's language, as `de-DE`. */
  readonly language?: string;
  /** By the user agent's name. */
  readonly device?: 'phone' | 'tablet' | 'desktop';
  /** As `Europe/Berlin`. */
  readonly timeZone?: string;
}

/**
 * TRUST.json: whose snapshots the page accepts. Ids of keys and public keys are base64url without padding, as
 * `waft keygen` prints them.
 *
 * @example
 * const trust: Trust = {
 *   project: 'shop',
 *   environment: 'production',
 *   keys: { [kid]: publicKey },
 *   require: [{ role: 'publisher', keys: [kid], atLeast: 1 }],
 * };
 */
export interface Trust {
  readonly project: string;
  readonly environment: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly require: readonly {
    readonly role: string;
    readonly keys: readonly string[];
    /** How many of the keys must have signed. Default 1. */
    readonly atLeast?: number;
  }[];
  /** Raise it to forget the highest version seen, after a key was stolen. */
  readonly epoch?: number | string;
  /** The lowest version accepted. */
  readonly minVersion?: number;
  /** How far a version may be above the highest seen. Default 1,000,000. */
  readonly maxJump?: number;
  /** The number of the trust document that this is. Default 0. */
  readonly number?: number;
  /** Who holds which key, by its id. For people. */
  readonly holders?: Readonly<Record<string, string>>;
  /** For how long kept rules decide after the last pointer that vouched for them has expired, in seconds. Default 604,800, 7 days. */
  readonly maxStale?: number;
}

/** What `recorder` of `waft/exposures` takes: where exposures and events go. */
export interface ExposureOptions {
  /** An OTLP/HTTP JSON logs endpoint, best on the page's own origin: `/v1/logs` of `waft serve`. Over http or https. */
  readonly endpoint: string | URL;
  /** Whether the visitor consents to be counted. Default `granted`. Flags are decided in any case. Any other value is `denied`, and an error. */
  readonly consent?: Consent;
  /**
   * What records an exposure: `reads`, the default, or `manual`, where only {@link Client.expose} does. For whoever reads flags that
   * nobody sees then, as OpenFeature's providers and frameworks that render ahead do.
   */
  readonly mode?: 'reads' | 'manual' | undefined;
  /** Whether this is a robot, which is never counted. Detected by its user agent by default. */
  readonly robot?: boolean | undefined;
  /**
   * A key with which units are hashed before they are recorded: pseudonyms for whoever has no key, which the page's visitors do have.
   * If it is given and empty, or not a string, nothing is recorded. Another key makes everybody a new unit.
   */
  readonly unitKey?: string;
}

/** What extends a client, of an entry of its own: made by the function that has the option's name. */
export interface Plug<Kind extends string> {
  readonly kind: Kind;
  /** Options that it was given and does not know: `waft/debug` names them. */
  readonly unread?: object;
  /** For the client that it is handed to. */
  readonly open: (client: never) => object;
}

/** What `poll` of `waft/updates` takes. */
export interface PollOptions {
  /** How often, in milliseconds: at least 1,000, give or take a tenth. Default 60,000. */
  readonly every?: number | undefined;
  /** Where the rules are. Default: the client's `snapshot`, if that is a URL. */
  readonly url?: string | URL | undefined;
}

/** What `stream` of `waft/updates` takes. */
export interface StreamOptions {
  /** What sends a server-sent event (`text/event-stream`) with any data when there are newer rules. */
  readonly url: string | URL;
  /** Where the rules are. Default: the client's `snapshot`, if that is a URL. */
  readonly snapshot?: string | URL | undefined;
}

/** What `pin` of `waft/updates` takes. */
export interface PinOptions {
  /** How often newer rules are looked for, in milliseconds: at least 1,000, give or take a tenth. Default 300,000. */
  readonly every?: number | undefined;
  /** Where the rules are. Default: the client's `snapshot`, if that is a URL. */
  readonly url?: string | URL | undefined;
}

/** What records exposures and events: made by `recorder` of `waft/exposures`. */
export interface Exposures {
  /** For the client that it is handed to. */
  readonly open: (client: never) => object;
}

/**
 * A visitor's answer: `granted`; `pending`, where nothing leaves the page's memory until it is given; or `denied`, where nothing is
 * recorded.
 */
export type Consent = 'granted' | 'pending' | 'denied';

/**
 * What {@link createClient} takes.
 *
 * @example
 * const options: Options = { snapshot: '/snapshot.waft', trust, context: { visitorId: 'v1' }, exposures: recorder({ endpoint: '/v1/logs' }) };
 */
export interface Options {
  /** Where the snapshot is, or its bytes. */
  readonly snapshot: SnapshotSource;
  /** Whose snapshots are accepted. */
  readonly trust: Trust;
  /** Who is asking. Default: nobody known. */
  readonly context?: Context | undefined;
  /** What records exposures and events. Without it, or with `false`, none are recorded. Where it is wrong, `status().code` says so. */
  readonly exposures?: Exposures | false | undefined;
  /** A preview token (`waft token`), as from the page's address: made by `preview` of `waft/preview`. */
  readonly preview?: Plug<'preview'> | false | undefined;
  /** Variants that are fixed in this browser: made by `overrides` of `waft/preview`. */
  readonly overrides?: Plug<'overrides'> | false | undefined;
  /**
   * When newer rules are looked for, and whether they are adopted: made by `poll`, `stream` or `pin` of `waft/updates`. Without it, they are
   * not; time passes.
   */
  readonly updates?: Plug<'updates'> | false | undefined;
  /** Asks for the head, which kills flags and vouches for snapshots: made by `head` of `waft/head`. */
  readonly head?: Plug<'head'> | false | undefined;
  /** Says what is wrong and what to do, and what was decided: made by `debug` of `waft/debug`. */
  readonly debug?: Plug<'debug'> | false | undefined;
  /** Shows the client in the developer panel: made by `devtools` of `waft/devtools`. */
  readonly devtools?: Plug<'devtools'> | false | undefined;
  /** Lets `withContext` of `waft/server` decide for many requests: made by `contexts`, which is there, too. */
  readonly contexts?: Plug<'contexts'> | false | undefined;
  /** Whether errors are told by events and `status()` alone. By default one `console.warn` shows each. */
  readonly quiet?: boolean | undefined;
  /**
   * How long `createClient` waits for rules, in milliseconds. Default 2,000. Then those kept of an earlier page view are active, or there
   * are none and defaults are returned; what comes later is adopted.
   */
  readonly timeout?: number | undefined;
  /**
   * What to start from: `fresh`, the default, waits for the snapshot; `last-good` takes what is kept of an earlier page view, if it is, and
   * adopts the snapshot when it comes.
   */
  readonly start?: 'fresh' | 'last-good' | undefined;
  /** `() => import('waft/compat')`: the engine as JavaScript, called only where WebAssembly is refused. */
  readonly fallback?: (() => PromiseLike<Translated>) | undefined;
}

/** What `waft/compat` exports. */
export interface Translated {
  pop(): object;
  push(left: never): unknown;
}

/** What {@link createClientSync} takes: bytes, and nothing that is waited for. */
export interface SyncOptions extends Omit<Options, 'snapshot' | 'timeout' | 'start'> {
  readonly snapshot: ArrayBufferView | ArrayBufferLike;
}

/** A URL, or the bytes of a snapshot. */
export type SnapshotSource = string | URL | ArrayBufferView | ArrayBufferLike;

/**
 * A URL, a response, the bytes, or the compiled module of `waft/engine.wasm`. What a URL returns must match the SHA-384 in this package; a
 * response is the page's own, which may ask for that itself.
 */
export type EngineSource = string | Response | URL | ArrayBufferView | ArrayBufferLike | WebAssembly.Module;

/** A flag's value and how it came about: OpenFeature's evaluation details. Frozen. */
export interface Details<T, Variant extends string = string> {
  readonly flagKey: string;
  readonly value: T;
  /** Absent where the caller's default was returned. */
  readonly variant?: Variant;
  readonly reason: Reason;
  /**
   * Why the caller's default was returned; or `TARGETING_KEY_MISSING`, where an experiment, a ramp, a holdout or a share asked for a unit that the
   * context lacks, which the message names: `value` and `reason` are what the other rules say.
   */
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
  readonly flagMetadata: {
    /** The version of the snapshot that decided. */
    readonly version?: number;
    /** The rule that decided, by its place in the ruleset. */
    readonly ruleIndex?: number;
    /** The flag is on the kill list: it is off, whatever the snapshot says. */
    readonly killed?: true;
  };
}

/** The active snapshot. */
export interface Snapshot {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly issued: number;
  /** Milliseconds since 1970; from then on it is not adopted anew, and while active it is `STALE`. */
  readonly expires: number;
  /** What tells it from another of the same version, in hexadecimal. */
  readonly digest: string;
}

/** What became of a snapshot. */
export type Adoption = { readonly ok: true; readonly version: number } | { readonly ok: false; readonly code: Code };

/** How the client is. */
export interface Status {
  /** Why the last snapshot was refused or the engine stopped, or else why nothing is recorded; absent if all is well. */
  readonly code?: Code;
  /** The code, and where to read what to do. */
  readonly message?: string;
  /** The snapshot's URL, if the code concerns one. */
  readonly url?: string;
  /** The status of its answer; absent if there was none. */
  readonly httpStatus?: number;
  /** What was thrown, as by `fetch` or by a browser that refuses WebAssembly; the answer's content type; or the field of the trust that cannot be read. */
  readonly cause?: unknown;
  /** Until when the preview token shows something, in milliseconds since 1970, or why it shows nothing; absent without one. */
  readonly preview?: number | Code;
  /** The flags that `overrides` fixes, with their variants; absent if there are none. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** False where the browser does not keep the highest version seen: a later page may be served an older snapshot. Absent if all is well. */
  readonly versionKept?: false;
  /** List files that could not be fetched; absent if there are none. */
  readonly missingLists?: number;
  /** The number of the trust document that counts; absent if it is the page's own trust. Of `waft/head`. */
  readonly trustNumber?: number;
  /** Records that wait to be sent. */
  readonly queued: number;
  /** Records that a collector acknowledged in this page view. */
  readonly sent: number;
  /** Records given up: refused by the collector, too large, too many, or lost where nothing can be recorded. */
  readonly dropped: number;
}

/** An exposure, as it was recorded: the unit met a randomised variant. */
export interface Exposure {
  /** 32 hexadecimal digits; one per unit, experiment, phase and variant. */
  readonly id: string;
  readonly flagKey: string;
  readonly experiment: string;
  readonly phase: number;
  readonly variant: string;
  /** The rule that took the unit in. */
  readonly rule: string;
  readonly unitKind: string;
  /** As it is sent. */
  readonly unit: string;
  /** The unit's point for the split, below 2^32. */
  readonly point: number;
}

/** The events of a client and what their handlers get. */
export interface ClientEvents {
  /** The first snapshot is active. A handler added later is called too. */
  ready: { readonly version: number };
  /** Another snapshot is active: these flags have another value or variant for this context. */
  configurationChanged: { readonly version: number; readonly flagsChanged: readonly string[] };
  /** `setContext` was called, or `setConsent`, which also decides what is remembered of a unit. */
  contextChanged: { readonly context: Context };
  /** The active snapshot has expired. A handler added later is called too. */
  stale: { readonly version: number };
  /**
   * A snapshot was refused, the engine stopped, or nothing can be recorded; a handler added while it lasts is called too. Or part of a tracked
   * event was left out, or a list file cannot be fetched, each told once. The message is the code, and where to read what to do.
   */
  error: { readonly code: Code | Warning; readonly message: string } & Pick<Status, 'url' | 'httpStatus' | 'cause'>;
  /** An exposure was recorded. */
  exposure: Exposure;
}

/** What `track` takes besides the event's name. */
export interface TrackOptions {
  /** What the event is worth, such as an order's total. `"49.90"` is not a number: it is omitted, with an `error` event. At most 1e100. */
  readonly value?: number | undefined;
  /** What makes two calls one event, such as an order's number: a text of at most 1,024 UTF-16 units, or a number of at most 1e100. */
  readonly dedupe?: string | number | undefined;
  /**
   * Properties of the event, as JSON: at most 8 kB together, 32 levels deep. Those that cannot be sent are left out, counted in
   * `exposures.status().leftOut`, and named by an `error` event: big integers, functions, symbols, numbers that are none, dates that are none,
   * circles, getters that throw, and those for which there is no room.
   */
  readonly [property: string]: unknown;
}

/**
 * A client: one context, the active snapshot, and the queue of exposures. No member throws, and each works without
 * its `this`.
 */
export interface Client {
  /**
   * The flag's value; the default if the flag is absent, of another type, or no snapshot is active. Meeting an
   * experiment's variant records one exposure.
   *
   * @example
   * if (client.getBooleanValue('free-shipping', false)) showBanner();
   */
  getBooleanValue(key: FlagKey<boolean>, fallback: boolean): boolean;
  /** @example const label = client.getStringValue('cta-copy', 'Buy'); */
  getStringValue<Key extends FlagKey<string>>(key: Key, fallback: FlagValue<Key, string>): FlagValue<Key, string>;
  /** @example const limit = client.getNumberValue('cart-limit', 20); */
  getNumberValue(key: FlagKey<number>, fallback: number): number;
  /**
   * The same object at each read, deep-frozen.
   *
   * @example const theme = client.getObjectValue('theme', { accent: 'teal' });
   */
  getObjectValue<T extends object, Key extends FlagKey<object> = FlagKey<object>>(
    key: Key,
    fallback: ObjectDefault<Key, T>,
  ): ObjectValue<Key, T>;
  /** @example const { variant, reason } = client.getBooleanDetails('free-shipping', false); */
  getBooleanDetails<Key extends FlagKey<boolean>>(key: Key, fallback: boolean): Details<boolean, FlagVariant<Key>>;
  /** @example const { errorCode } = client.getStringDetails('absent', ''); // 'FLAG_NOT_FOUND' */
  getStringDetails<Key extends FlagKey<string>>(
    key: Key,
    fallback: FlagValue<Key, string>,
  ): Details<FlagValue<Key, string>, FlagVariant<Key>>;
  /** @example const { value } = client.getNumberDetails('cart-limit', 20); */
  getNumberDetails<Key extends FlagKey<number>>(key: Key, fallback: number): Details<number, FlagVariant<Key>>;
  /** @example const { value } = client.getObjectDetails('theme', {}); */
  getObjectDetails<T extends object, Key extends FlagKey<object> = FlagKey<object>>(
    key: Key,
    fallback: ObjectDefault<Key, T>,
  ): Details<ObjectValue<Key, T>, FlagVariant<Key>>;
  /**
   * The same without an exposure: for looking, not for showing. Without a default, `value` is `undefined` where it would be returned, and
   * the flag's type is any.
   *
   * @example const { variant } = client.peek('checkout');
   */
  peek<Key extends FlagKey>(key: Key): Details<FlagValue<Key> | undefined, FlagVariant<Key>>;
  /**
   * The default's type is the type expected; `undefined` takes any.
   *
   * @example const { value } = client.peek('headline', 'Welcome');
   */
  peek<T, Key extends FlagKey = FlagKey>(key: Key, fallback: T): Details<FlagValue<Key, T> | T, FlagVariant<Key>>;
  /**
   * Records what a read of the flag exposes, whatever its type: for `recorder({ mode: 'manual' })`, when its variant is shown. However
   * often and by whatever way, a unit is exposed to a variant once.
   *
   * @example
   * const { value } = await openFeatureClient.getBooleanDetails('free-shipping', false);
   * if (value) showBanner();
   * client.expose('free-shipping');
   */
  expose(key: FlagKey): void;
  /**
   * Every flag by its key, as `peek` returns it: nothing is exposed.
   *
   * @example for (const [key, { variant }] of Object.entries(client.all())) console.log(key, variant);
   */
  all(): Readonly<Record<string, Details<unknown>>>;
  /**
   * Resolves to true once rules are active, and to false if they are not within `timeout` milliseconds, 2,000 by default. Does not reject.
   *
   * @example if (await client.ready(500)) render();
   */
  ready(timeout?: number): Promise<boolean>;
  /**
   * Replaces the context. What is queued stays.
   *
   * @example client.setContext({ visitorId: 'v1', country: 'DE', account: 'a7' });
   */
  setContext(context: Context): void;
  /**
   * Records that something happened, for metrics. Two calls with one `dedupe` are one event, whatever page they came
   * from: its id is then the FNV-1a hash (128 bits) of the UTF-8 of name, U+0000 and `dedupe`; otherwise it is random.
   *
   * @example client.track('purchase', { value: 49.9, dedupe: order.number, currency: 'EUR' });
   */
  track(name: string, options?: TrackOptions): void;
  /**
   * Adopts a snapshot, or refuses it with a code; then the last good one stays active.
   *
   * @example const { ok } = await client.load('/snapshot.waft');
   */
  load(snapshot: SnapshotSource): Promise<Adoption>;
  /**
   * Calls a handler at an event. Returns how to stop that.
   *
   * @example const stop = client.on('configurationChanged', ({ flagsChanged }) => redraw(flagsChanged));
   */
  on<E extends keyof ClientEvents>(event: E, handler: (details: ClientEvents[E]) => void): () => void;
  /**
   * Sends what is queued now; resolves once that was tried.
   *
   * @example await client.flush();
   */
  flush(): Promise<void>;
  /** Sends once more what is queued and lets go of everything. Getters return defaults from then on. */
  close(): void;
  /** The active snapshot, if there is one. */
  readonly snapshot: Snapshot | undefined;
  /** @example const { code, queued } = client.status(); */
  status(): Status;
  /** What became of exposures and tracked events. */
  readonly exposures: {
    /** Nothing where a client was given nothing that records. @example const { waiting, lastStatus } = client.exposures.status() ?? {}; */
    status(): ExposureStatus | undefined;
    /**
     * Takes the visitor's answer. What happened while it was pending is recorded with its time, or forgotten. After `denied`,
     * what was recorded before is still sent.
     *
     * @example banner.onaccept = () => client.exposures.setConsent('granted');
     */
    setConsent(consent: Consent): void;
  };
}

/** How many records of exposures and tracked events wait to be sent, and what became of the others of this page view. */
export interface ExposureStatus {
  /** Not yet acknowledged, those on their way included. They outlive the page, but for events tracked while no rules are active. */
  readonly waiting: number;
  /** Acknowledged by a collector. */
  readonly sent: number;
  /** Dropped: 1,000 were waiting; or they took the room of the highest version seen, where storage was full. */
  readonly overflow: number;
  /** Dropped: longer than 16 kB. */
  readonly tooLong: number;
  /** Dropped: the collector will never take them (400, 422, or 413 for one alone). */
  readonly refused: number;
  /** Dropped: the collector took their request, but not them. */
  readonly rejected: number;
  /** Values, properties and names of tracked events that could not be sent. But where there is no name, the rest of the event is. */
  readonly leftOut: number;
  /** The HTTP status of the last answer; 0 if there was none, or it was cut. */
  readonly lastStatus: number | undefined;
  /** When the next request is due, in milliseconds since 1970; `undefined` if nothing waits, or while one is in flight. */
  readonly nextAttempt: number | undefined;
  /**
   * Where records are kept: `localStorage` in windows, `indexedDB` in workers and service workers; `memory` where the browser refused
   * to keep the last one, or has none of them open yet: what waits is then lost with the page.
   */
  readonly storage: 'localStorage' | 'indexedDB' | 'memory';
  /** Why nothing is recorded: `INVALID_EXPOSURES`; absent if all is well. */
  readonly code?: Code;
  /** Lost to that; absent if nothing was. */
  readonly lost?: number;
}
