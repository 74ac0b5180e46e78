/** A client that a page has at once: it decides as the server did, until the page's own client is there. */

import type { Client, ClientEvents, Context, Details, Status, Trust } from '../types.js';
import { accept } from './accept.js';
import { type Shown, shownOf } from './shown.js';

/** What {@link hydrate} takes. */
export interface HydrateOptions {
  /** The page's own client, or the promise of it. */
  readonly client: Client | PromiseLike<Client>;
  /** Who is asking, as `client` was told. */
  readonly context: Context;
  /** As `client` was told: what this browser has seen is kept by project, environment and epoch. */
  readonly trust: Trust;
  /** What `decide` of `waft/server` wrote. Default the content of the element `waft-decided`. */
  readonly json?: string;
}

/** A client's status, and what became of the server's decisions. */
export type HydratedStatus = Omit<Status, 'code'> & {
  /** `HYDRATION_MISMATCH`: the server's decisions are for another visitor, expired, or by rules older than this browser has seen. */
  readonly code?: Status['code'] | 'HYDRATION_MISMATCH';
  /** How many flags are shown as the server decided them, although the page decides otherwise. */
  readonly disagreed: number;
};

/** A client, and what became of the server's decisions. */
export type HydratedClient = Omit<Client, 'status'> & { status(): HydratedStatus };

/** The page's client, as soon as it exists. */
interface Source {
  client: Client | undefined;
  /** Calls with the client, once it exists. */
  use(work: (client: Client) => unknown): void;
  /** Calls with the client, once it has rules; of the same work only the last. */
  decide(what: string, work: (client: Client) => unknown): void;
  /** Forgets what waits for rules. */
  drop(): void;
}

/**
 * Returns a client that decides as the server did, and as `client` does once that has rules. A variant that was read stays for this page
 * view, unless its flag is switched off or the context changes. What was exposed is recorded when the page decides alike.
 *
 * @example
 * const client = hydrate({ client: createClient(options), context: options.context, trust });
 * document.title = client.getStringValue('headline', 'Welcome');
 */
export function hydrate({ client, context, trust, json }: HydrateOptions): HydratedClient {
  const source = sourceOf(client);
  const text = json ?? globalThis.document?.getElementById('waft-decided')?.textContent;
  const served = text ? accept(text, context, trust) : undefined;
  const shown = shownOf(served, () => source.client);
  const then = <T>(work: (client: Client) => Promise<T>): Promise<T> => new Promise((resolve) => source.use((own) => resolve(work(own))));
  const rest: Omit<HydratedClient, keyof Reads> = {
    setContext(replacement) {
      shown.drop();
      source.drop();
      source.use((own) => own.setContext(replacement));
    },
    expose: (key) => source.decide(key, (own) => shown.find(key, undefined) || own.expose(key)),
    track: (name, options) => source.use((own) => own.track(name, options)),
    load: (snapshot) => then((own) => own.load(snapshot)),
    ready: (timeout) => then((own) => own.ready(timeout)),
    flush: () => then((own) => own.flush()),
    close: () => source.use((own) => own.close()),
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
    status: () => ({
      ...(text && !served && ({ code: 'HYDRATION_MISMATCH' } as const)),
      ...(source.client?.status() ?? { queued: 0, sent: 0, dropped: 0 }),
      disagreed: shown.disagreed(),
    }),
  };
  const reads = readsOf(source, shown, Object.keys(served?.flags ?? {}));
  const snapshot = { get: () => source.client?.snapshot ?? served?.snapshot };
  return Object.defineProperty(Object.assign(reads, rest), 'snapshot', snapshot) as unknown as HydratedClient;
}

function sourceOf(given: Client | PromiseLike<Client>): Source {
  const waiting = new Map<string, (client: Client) => unknown>();
  const there = Promise.resolve(given).then((client) => {
    source.client = client;
    client.on('ready', () => {
      for (const work of waiting.values()) work(client);
      waiting.clear();
    });
    return client;
  });
  const source: Source = {
    client: undefined,
    use: (work) => void (source.client ? work(source.client) : there.then(work)),
    decide: (what, work) => void (source.client?.snapshot ? work(source.client) : waiting.set(what, work)),
    drop: () => waiting.clear(),
  };
  return source;
}

type Reads = Pick<Client, Extract<keyof Client, `get${string}` | 'peek' | 'all' | 'snapshot'>>;

/** The members that read flags. */
function readsOf(source: Source, shown: Shown, keys: readonly string[]): Omit<Reads, 'snapshot'> {
  const peek = (key: string, fallback: unknown): Details<unknown> =>
    shown.find(key, fallback) ?? source.client?.peek(key, fallback) ?? nothing(key, fallback);
  const getter = (name: `get${string}` & keyof Client) => (key: string, fallback: unknown) => {
    const ask = (own: Client): unknown => (own[name] as (...of: unknown[]) => unknown)(key, fallback);
    const served = shown.find(key, fallback);
    if (!served && source.client) return ask(source.client);
    // What it exposes is recorded once the page decides alike.
    if (served) source.decide(`${name} ${key}`, (own) => shown.find(key, fallback) || ask(own));
    const details = served ?? nothing(key, fallback);
    return name.endsWith('Value') ? details.value : details;
  };
  const names = ['Boolean', 'String', 'Number', 'Object'].flatMap((type) => [`get${type}Value`, `get${type}Details`]);
  return {
    ...(Object.fromEntries(names.map((name) => [name, getter(name as never)])) as unknown as Reads),
    peek: peek as Client['peek'],
    all: () => ({ ...source.client?.all(), ...Object.fromEntries(keys.map((key) => [key, peek(key, undefined)])) }),
  };
}

function nothing(flagKey: string, value: unknown): Details<unknown> {
  return { flagKey, value, reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY', flagMetadata: {} };
}
