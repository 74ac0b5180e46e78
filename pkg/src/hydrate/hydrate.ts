/** A client that a page has at once: it decides as the server did, until the page's own client is there. */

import { GETTERS } from '../client/getters.js';
import { textOf } from '../codes.js';
import { attempt } from '../platform/attempt.js';
import { fromBase64 } from '../platform/bytes.js';
import { inTime, TIMEOUT } from '../platform/deadline.js';
import type { Served } from '../served.js';
import type { Client, ClientEvents, Details, Options, Status } from '../types.js';
import { accept } from './accept.js';
import { detailsOf, type Shown, shownOf } from './shown.js';
import { type Source, sourceOf } from './source.js';

/** A client's status, and what became of the server's decisions. */
export type HydratedStatus = Omit<Status, 'code'> & {
  /** `HYDRATION_MISMATCH`: the server's decisions are for another visitor, expired, or by rules older than this browser has seen. */
  readonly code?: Status['code'] | 'HYDRATION_MISMATCH';
  /** How many flags are shown as the server decided them, although the page decides otherwise. */
  readonly disagreed: number;
  /** The keys of flags that the server left to the page. */
  readonly undecided: readonly string[];
};

/** A client, and what became of the server's decisions. */
export type HydratedClient = Omit<Client, 'status'> & {
  status(): HydratedStatus;
  /** What the server wrote, also where the page does not start from it: `waft/react` hydrates with it. */
  readonly initial: Readonly<Record<string, Details<unknown>>>;
  /** Exposes the flags that the server read for what it rendered itself. `waft/react` does, when its provider is mounted. */
  exposeRead(): void;
};

/** What makes the page's own client. */
export type Create<Given> = (options: Given) => Client | PromiseLike<Client>;

/**
 * Returns a client that decides as the server did, and as the page's own does once that has rules. A variant that was read stays for this page
 * view, unless its flag is switched off or the context changes. What is read is exposed with what the server told, once. On a server, which
 * has no `document`, no client is made.
 *
 * `json` is what `decide` of `waft/server` returned. Default the content of the element `waft-decided`.
 *
 * @example
 * const client = hydrate(createClient, { snapshot: '/snapshot.waft', trust, context, exposures: recorder({ endpoint: '/v1/logs' }) });
 * document.title = client.getStringValue('headline', 'Welcome');
 */
export function hydrate<Given extends Pick<Options, 'context' | 'trust'>>(
  create: Create<Given>,
  options: Given,
  json?: string,
): HydratedClient {
  const { document } = globalThis;
  const text = json ?? document?.getElementById('waft-decided')?.textContent;
  const written: Served | undefined = text ? attempt(() => JSON.parse(text)) : undefined;
  const served = accept(written, options?.context, options?.trust);
  const initial = attempt(() => written && detailsOf(written)) ?? {};
  const code = 'HYDRATION_MISMATCH';
  const mismatch = text && !served ? ({ code, message: textOf(code) } as const) : undefined;
  const source = sourceOf(served, mismatch);
  const shown = shownOf(served, initial, () => source.client);
  const status = (): HydratedStatus => ({
    ...mismatch,
    ...source.end.failure,
    ...(source.client?.status() ?? { queued: 0, sent: 0, dropped: 0 }),
    disagreed: shown.disagreed(),
    undecided: served?.undecided ?? [],
  });
  const meet = meeting(source, shown);
  const rest = restOf(source, shown, meet);
  // What was rendered is of the context of then.
  const exposeRead = (): void => (source.turn ? [] : (served?.read ?? [])).forEach((key) => rest.expose(key));
  const client = { ...readsOf(source, shown, meet, Object.keys(served?.flags ?? {})), ...rest, status, initial, exposeRead };
  if (document) {
    // What the page's rules are, if the server wrote them, is in place of where they are. First, so that it knows what reads are recorded.
    const { bytes } = served ?? {};
    const snapshot = bytes && attempt(() => fromBase64(bytes));
    // What throws, or is no function, is as a script that is gone: what the server decided stays.
    const made = new Promise<Client>((resolve) => resolve(create({ hydration: source.plug, ...options, ...(snapshot && { snapshot }) })));
    made.then(source.take, (cause) => {
      const failure = { code: 'ENGINE_FAILED', message: textOf('ENGINE_FAILED'), cause } as const;
      if (!(options as Pick<Options, 'quiet'> | undefined)?.quiet) console.warn('waft', failure);
      // What throws after it made a client has one.
      if (!source.client) source.end.reach(failure);
    });
  }
  return Object.defineProperty(client, 'snapshot', { get: () => source.client?.snapshot ?? shown.snapshot }) as unknown as HydratedClient;
}

/** Returns the server's decision if that is shown, and exposes it; otherwise, and where the server told nothing, `later` is asked. */
type Meet = (
  key: string,
  fallback: unknown,
  what: string,
  later: (own: Client) => unknown,
  isRead: boolean,
) => Details<unknown> | undefined;

function meeting(source: Source, shown: Shown): Meet {
  return (key, fallback, what, later, isRead) => {
    const found = shown.find(key, fallback);
    if (!found) return undefined;
    const { turn } = source;
    const exposures = shown.exposures(key);
    // What it exposes is recorded once the page decides alike.
    const wait = (): void => source.decide(what + key, (own) => shown.find(key, fallback) || later(own));
    if (exposures) source.use(() => source.record(key, exposures, isRead) || turn !== source.turn || wait());
    else wait();
    return found;
  };
}

/** The members that do not read flags. */
function restOf(source: Source, shown: Shown, meet: Meet) {
  const then = <T>(work: (client: Client) => Promise<T>, otherwise: T): Promise<T> =>
    new Promise((resolve) => {
      source.use((own) => resolve(work(own)));
      void source.end.reached.then(() => resolve(otherwise));
    });
  const rest: Omit<Client, keyof Reads | 'status'> = {
    setContext(replacement) {
      shown.drop();
      source.drop();
      source.use((own) => own.setContext(replacement));
    },
    expose(key) {
      const isShown = meet(key, undefined, '', (own) => own.expose(key), false);
      if (!isShown) source.decide(key, (own) => own.expose(key));
    },
    track: (name, options) => source.use((own) => own.track(name, options)),
    load: (snapshot) => then((own) => own.load(snapshot), { ok: false, code: 'ENGINE_FAILED' }),
    // The script that makes the client may be as late as rules are.
    ready: (timeout = TIMEOUT) =>
      inTime(
        then((own) => own.ready(timeout), false),
        timeout,
      ).catch(() => false),
    flush: () => then((own) => own.flush(), undefined),
    close() {
      shown.drop();
      source.drop();
      source.use((own) => own.close());
    },
    on<E extends keyof ClientEvents>(event: E, handler: (details: ClientEvents[E]) => void) {
      let stop: (() => void) | undefined = () => {};
      source.use((own) => stop && (stop = own.on(event, handler)));
      return () => {
        stop?.();
        stop = undefined;
      };
    },
    exposures: {
      status: () => source.client?.exposures.status(),
      setConsent: (consent) => source.use((own) => own.exposures.setConsent(consent)),
    },
  };
  return rest;
}

type Reads = Pick<Client, Extract<keyof Client, `get${string}` | 'peek' | 'all' | 'snapshot'>>;

/** The members that read flags. */
function readsOf(source: Source, shown: Shown, meet: Meet, keys: readonly string[]): Omit<Reads, 'snapshot'> {
  const peek = (key: string, fallback: unknown): Details<unknown> =>
    shown.find(key, fallback) ?? source.client?.peek(key, fallback) ?? nothing(key, fallback);
  const getter = (name: `get${string}` & keyof Client) => (key: string, fallback: unknown) => {
    const ask = (own: Client): unknown => (own[name] as (...of: unknown[]) => unknown)(key, fallback);
    const served = meet(key, fallback, `${name} `, ask, true);
    if (!served && source.client) return ask(source.client);
    const details = served ?? nothing(key, fallback);
    return name.endsWith('Value') ? details.value : details;
  };
  return {
    ...(Object.fromEntries(GETTERS.map((name) => [name, getter(name)])) as unknown as Reads),
    peek: peek as Client['peek'],
    all: () => ({ ...source.client?.all(), ...Object.fromEntries(keys.map((key) => [key, peek(key, undefined)])) }),
  };
}

function nothing(flagKey: string, value: unknown): Details<unknown> {
  return { flagKey, value, reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY', flagMetadata: {} };
}
