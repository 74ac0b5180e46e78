/** What the hooks below one provider share: the client, as soon as it exists, who listens to it, and which flags are shown. */

import type { Client, Details } from '../types.js';

/** What the hooks ask of a client. */
export interface FlagClient extends Pick<Client, 'peek' | 'expose' | 'on' | 'snapshot'> {
  /** What a server rendered, as a client of `waft/hydrate` has it: components hydrate with it. */
  readonly initial?: Initial;
  /** Exposes what the server itself read: called once the provider is mounted. */
  exposeRead?(): void;
}

/** A client, or the promise of one; nothing where there is none yet. */
export type ClientSource = FlagClient | PromiseLike<FlagClient> | null | undefined;

/** What a server decided, by flag: `client.all()` there. */
export type Initial = Readonly<Record<string, Details<unknown>>>;

/** Two copies of this package share it below one provider, so members are only added. */
export interface Store {
  /** A flag as it is decided now; as the server decided it while React hydrates, or as long as no rules are active. Exposes nothing. */
  peek<T>(key: string, fallback: T, isHydrating: boolean): Details<T>;
  /** Calls a listener whenever flags may have changed. Returns how to stop that. */
  subscribe(listener: () => void): () => void;
  /** Exposes a committed flag, now and for every other unit, if what is committed is what is decided. Returns how to stop that. */
  show(key: string, isCurrent: () => boolean): () => void;
  /** Takes another client, once its promise resolves. Returns how to let go of it. */
  use(source: ClientSource): () => void;
  /** That of no provider, which nobody was told of yet. */
  isAlone?: boolean;
}

/** After each of these, a flag may be decided otherwise. */
const EVENTS = ['ready', 'configurationChanged', 'contextChanged', 'stale', 'error'] as const;

/** A store of its own for each provider. */
export function storeOf(source?: ClientSource, initial?: Initial): Store {
  let client = isPromise(source) ? undefined : source;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();
  const shown = new Set<() => void>();

  const changed = (): void => {
    for (const listener of [...listeners]) listener();
    // Once React has rendered: a component that is removed or shows another variant by then does not show this one.
    clearTimeout(timer);
    timer = setTimeout(() => shown.forEach((expose) => expose()));
  };

  return {
    peek<T>(flagKey: string, fallback: T, isHydrating: boolean): Details<T> {
      const servers = initial && !client?.snapshot ? initial : isHydrating ? (initial ?? client?.initial) : undefined;
      const decided = servers && Object.hasOwn(servers, flagKey) && servers[flagKey];
      if (decided && (fallback === undefined || typeof fallback === typeof decided.value)) return decided as Details<T>;
      if (client && !(servers && isHydrating)) return client.peek(flagKey, fallback);
      return { flagKey, value: fallback, reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY', flagMetadata: {} };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show(key, isCurrent) {
      const expose = (): void => {
        if (client && isCurrent()) client.expose(key);
      };
      expose();
      shown.add(expose);
      return () => shown.delete(expose);
    },
    use(source) {
      let stops: (() => void)[] | undefined = [];
      const take = (next: FlagClient | null | undefined): void => {
        if (!stops) return;
        const isOther = client !== next;
        client = next;
        if (next) stops = EVENTS.map((event) => next.on(event, changed));
        next?.exposeRead?.();
        if (isOther) changed();
      };
      if (isPromise(source)) source.then(take);
      else take(source);
      return () => {
        stops?.forEach((stop) => stop());
        stops = undefined;
      };
    },
  };
}

function isPromise(source: ClientSource): source is PromiseLike<FlagClient> {
  return !!source && 'then' in source;
}
