/** A client in memory: all that a page may ask of one, and what tests do to it. */

import type { Code } from '../codes.js';
import { Events, errorOf } from '../client/events.js';
import { isRecord } from '../platform/attempt.js';
import { inTime, TIMEOUT } from '../platform/deadline.js';
import { expectOptions, oneOf, TRUTH, type Wanted } from '../platform/options.js';
import type { FlagKey, FlagValue, FlagVariant } from '../typed.js';
import type { Client, Context, Details, Exposure, ExposureStatus, Snapshot, TrackOptions } from '../types.js';
import { type FlagOptions, Flags } from './flags.js';

export type { FlagOptions } from './flags.js';

const RECORD: Wanted = ['an object', isRecord];
const OPTIONS = { flags: RECORD, context: RECORD, ready: TRUTH, mode: oneOf('reads', 'manual') };

/** The last moment that JavaScript's dates know, in milliseconds since 1970. */
const FOREVER = 8.64e15;

/** How a test client starts. */
export interface TestOptions {
  /** Values by key: booleans, strings, finite numbers, objects. */
  readonly flags?: { readonly [Key in FlagKey]?: FlagValue<Key> } | undefined;
  /** Who is asking. It decides nothing here, but the unit of exposures is its `visitorId`. */
  readonly context?: Context | undefined;
  /** With `false`, no rules are active until {@link Client.load} is called, with anything. Default true. */
  readonly ready?: boolean | undefined;
  /** What exposes: `reads`, the default, or `manual`, where only {@link Client.expose} does. As of `recorder` in `waft/exposures`. */
  readonly mode?: 'reads' | 'manual' | undefined;
}

/** An event that was tracked. */
export interface Tracked {
  readonly name: string;
  readonly options: TrackOptions;
}

/** A {@link Client} whose flags a test sets, and what became of it. */
export interface TestClient extends Client {
  /**
   * Gives a flag another value; `undefined` removes it. `configurationChanged` is emitted at once if value or variant differ. Throws a
   * `TypeError` for what no flag can be.
   *
   * @example client.setFlag('headline', 'Hello', { variant: 'friendly', experiment: 'headline' });
   */
  setFlag<Key extends FlagKey>(key: Key, value: FlagValue<Key> | undefined, options?: FlagOptions<FlagVariant<Key>>): void;
  /**
   * Emits an `error` event, and makes it the code of `status()`. Rules stay active.
   *
   * @example client.fail('UNREACHABLE');
   */
  fail(code: Code): void;
  /** What was exposed, oldest first: once per unit, experiment and variant. */
  readonly exposed: readonly Exposure[];
  /** What was tracked, oldest first. */
  readonly tracked: readonly Tracked[];
}

/**
 * Makes a client of values, at once and without a promise. Throws a `TypeError` for an option that there is not.
 *
 * @example
 * const client = testClient({ flags: { 'free-shipping': true, headline: 'Hello' } });
 * client.getStringValue('headline', 'Welcome'); // 'Hello'
 * client.setFlag('free-shipping', false);
 */
export function testClient(given?: TestOptions): TestClient {
  const options = expectOptions('testClient', given, OPTIONS);
  const flags = new Flags();
  for (const [key, value] of Object.entries(options.flags ?? {})) flags.set(key, value, {});
  if (options.ready === false) flags.obstacle = 'PROVIDER_NOT_READY';
  return clientOf(new State(flags, options));
}

/** What a client in memory knows. */
class State {
  readonly flags: Flags;
  readonly events = new Events();
  readonly manual: boolean;
  readonly exposed: Exposure[] = [];
  readonly tracked: Tracked[] = [];
  context: Context;
  version = 1;
  code: Code | undefined;
  isDenied = false;

  constructor(flags: Flags, { context = {}, mode }: TestOptions) {
    this.flags = flags;
    this.manual = mode === 'manual';
    this.context = Object.freeze({ ...context });
  }

  get snapshot(): Snapshot | undefined {
    return this.flags.obstacle ? undefined : Object.freeze({ version: this.version, issued: 0, expires: FOREVER, digest: '00'.repeat(32) });
  }

  /** A read that exposes. */
  read<T>(key: string, type: string, fallback: T): Details<T> {
    const details = this.flags.read(key, type, fallback);
    if (!details.errorCode && !this.manual) this.expose(key);
    return details;
  }

  expose(key: string): void {
    if (this.isDenied) return;
    const exposure = this.flags.exposure(key, String(this.context.visitorId ?? ''));
    if (!exposure) return;
    this.exposed.push(exposure);
    this.events.emit('exposure', exposure);
  }

  /** Makes the flags those of a new version. */
  change(flagsChanged: readonly string[]): void {
    this.version++;
    if (!this.flags.obstacle) this.events.emit('configurationChanged', { version: this.version, flagsChanged });
  }

  /** Makes flags readable, if they are not. */
  start(): void {
    if (!this.flags.obstacle) return;
    this.flags.obstacle = undefined;
    this.events.emit('ready', { version: this.version });
  }
}

/** Each member works without its `this`, as those of a client do. */
function clientOf(state: State): TestClient {
  const { flags, events } = state;
  return Object.assign(readsOf(state), {
    exposed: state.exposed,
    tracked: state.tracked,
    setFlag(key: string, value: unknown, options: FlagOptions = {}) {
      if (flags.set(key, value, options)) state.change([key]);
    },
    fail(code: Code) {
      state.code = code;
      events.emit('error', errorOf({ code }));
    },
    ...restOf(state),
  });
}

type Reads = Pick<Client, Extract<keyof Client, `get${string}` | 'peek' | 'all' | 'snapshot'>>;

/** The members that read flags. */
function readsOf(state: State): Reads {
  const { flags } = state;
  return {
    get snapshot() {
      return state.snapshot;
    },
    getBooleanValue: (key, fallback) => state.read(key, 'boolean', fallback).value,
    getStringValue: (key, fallback) => state.read(key, 'string', fallback).value,
    getNumberValue: (key, fallback) => state.read(key, 'number', fallback).value,
    getObjectValue: (key, fallback) => state.read(key, 'object', fallback as never).value,
    getBooleanDetails: (key, fallback) => state.read(key, 'boolean', fallback),
    getStringDetails: (key, fallback) => state.read(key, 'string', fallback),
    getNumberDetails: (key, fallback) => state.read(key, 'number', fallback),
    getObjectDetails: (key, fallback) => state.read(key, 'object', fallback as never),
    peek: <T>(key: string, fallback?: T) => flags.read(key, fallback === null ? 'undefined' : typeof fallback, fallback as T),
    all: () => Object.fromEntries(Array.from(flags.keys(), (key) => [key, flags.read<unknown>(key, 'undefined', undefined)])),
  };
}

/** The members that do not. */
function restOf(state: State): Omit<Client, keyof Reads> {
  const { flags, events } = state;
  return {
    expose: (key) => state.expose(key),
    setContext(context) {
      state.context = Object.freeze({ ...context });
      events.emit('contextChanged', { context: state.context });
    },
    track(name, options = {}) {
      if (!state.isDenied) state.tracked.push({ name, options });
    },
    load: async () => {
      if (flags.obstacle === 'GENERAL') return { ok: false, code: 'GENERAL' };
      state.code = undefined;
      state.start();
      return { ok: true, version: state.version };
    },
    ready(timeout = TIMEOUT) {
      if (!flags.obstacle) return Promise.resolve(true);
      let off: (() => void) | undefined;
      const ready = new Promise<true>((resolve) => (off = events.on('ready', () => resolve(true))));
      return inTime(ready, timeout)
        .catch(() => false)
        .finally(off);
    },
    on(event, handler) {
      const error = state.code && errorOf({ code: state.code });
      return events.on(event, handler, event === 'ready' ? state.snapshot : event === 'error' ? error : undefined);
    },
    flush: async () => {},
    close() {
      flags.obstacle = state.code = 'GENERAL';
      events.clear();
    },
    exposures: {
      status: (): ExposureStatus => ({ ...IDLE, ...(state.code && { code: state.code }) }),
      setConsent(consent) {
        state.isDenied = consent === 'denied';
      },
    },
    status: () => ({ ...(state.code && { code: state.code }), queued: 0, sent: 0, dropped: 0 }),
  };
}

/** Nothing is sent. */
const IDLE: ExposureStatus = {
  waiting: 0,
  sent: 0,
  overflow: 0,
  tooLong: 0,
  refused: 0,
  rejected: 0,
  leftOut: 0,
  lastStatus: undefined,
  nextAttempt: undefined,
  storage: 'memory',
};
