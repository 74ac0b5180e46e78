/** What both providers have: a client, made when the SDK starts the provider, read as OpenFeature reads, and told of as it tells. */

import type { ErrorCode, EvaluationContext, FlagMetadata, ProviderEventEmitter, ResolutionDetails } from '@openfeature/core';
import type { Client, Context, Details } from '../types.js';

/** A client; or what makes one when the SDK starts the provider, which closes it when the SDK is done with it. */
export type Source<Given> = Client | ((given: Given) => Client | Promise<Client>);

/** What both providers may be told. */
export interface LinkOptions {
  /** The attribute that OpenFeature's targeting key is, where the context has no attribute of that name. Default `visitorId`. */
  readonly targetingKey?: string | undefined;
  /** Whether `flagMetadata` has the snapshot's `version` and the `ruleIndex` that decided, too. Default false. */
  readonly snapshotMetadata?: boolean | undefined;
}

/** The flag whose value has the metadata of all others, by their keys: docs/snapshot-format.md, section 10. */
const METADATA = '$metadata';

/** What an SDK's emitter may be told of a provider. */
type Told = 'PROVIDER_READY' | 'PROVIDER_STALE' | 'PROVIDER_ERROR' | 'PROVIDER_CONFIGURATION_CHANGED';

/** A provider's client. */
export class Link<Given> {
  readonly #source: Source<Given>;
  readonly #options: LinkOptions;
  readonly #events: { emit(event: Told, details?: object): void };
  #stops: (() => void)[] = [];
  /** Raised by whatever makes a client that is still awaited nobody's. */
  #turn = 0;
  /** What the SDK knows of the client. */
  #told: Told | undefined;
  #opening: Promise<void> | undefined;
  /** Who is asking by now, while the client is still awaited. */
  #asking: Context | undefined;
  /** Absent while the SDK has not started the provider. */
  client: Client | undefined;

  constructor(source: Source<Given>, options: LinkOptions, events: ProviderEventEmitter<never>, wrong?: string) {
    const { targetingKey, snapshotMetadata, ...unread } = options;
    const [told = wrong] = Object.keys(unread);
    // No provider fails for that.
    if (told) console.warn('waft', `WaftProvider: the option ${told} cannot be read`);
    this.#source = source;
    this.#options = { targetingKey, snapshotMetadata };
    this.#events = events as never;
  }

  /** Whether the client is made for this provider. */
  get isOwn(): boolean {
    return typeof this.#source === 'function';
  }

  /** Has a client from now on. Rejects with OpenFeature's error code where no rules are active: it is told when they are. */
  open(given: Given): Promise<void> {
    this.#opening = this.#open(given);
    return this.#opening;
  }

  async #open(given: Given): Promise<void> {
    const turn = ++this.#turn;
    this.#asking = undefined;
    const source = this.#source;
    const client = typeof source === 'function' ? await source(given) : source;
    if (turn !== this.#turn) {
      if (this.isOwn) client.close();
      return;
    }
    this.client = client;
    // It was made for whoever asked first.
    if (this.#asking) client.setContext(this.#asking);
    const tell = (): void => this.#tell();
    this.#stops = [
      client.on('ready', tell),
      client.on('stale', tell),
      client.on('error', tell),
      client.on('configurationChanged', ({ flagsChanged }) => {
        tell();
        // With other metadata, any may have changed.
        const isAny = flagsChanged.includes(METADATA);
        this.#events.emit('PROVIDER_CONFIGURATION_CHANGED', isAny ? {} : { flagsChanged });
      }),
    ];
    // The SDK takes what fulfils for ready and what rejects for an error, after this.
    const state = client.snapshot ? 'PROVIDER_READY' : 'PROVIDER_ERROR';
    setTimeout(() => this.retell(state));
    if (!client.snapshot) throw failureOf(client);
  }

  /** Has no client from now on. */
  close(): void {
    this.#turn++;
    for (const stop of this.#stops.splice(0)) stop();
    if (this.isOwn) this.client?.close();
    this.client = undefined;
    this.#told = undefined;
  }

  /** Tells how the client is, if not as the SDK believes. */
  retell(believed: Told): void {
    this.#told = believed;
    this.#tell();
  }

  /** Nothing is told before the SDK knows anything. */
  #tell(): void {
    const { client } = this;
    if (!client || !this.#told) return;
    const { snapshot } = client;
    const state = !snapshot ? 'PROVIDER_ERROR' : Date.now() < snapshot.expires ? 'PROVIDER_READY' : 'PROVIDER_STALE';
    if (state === this.#told) return;
    this.#told = state;
    const { code, message } = failureOf(client);
    this.#events.emit(state, snapshot ? {} : { errorCode: code, message });
  }

  /** Somebody else is asking. Of a client that is still to come, the promise of it is returned. */
  ask(context: EvaluationContext): Promise<void> | undefined {
    this.#asking = this.contextOf(context);
    this.client?.setContext(this.#asking);
    return this.client ? undefined : this.#opening;
  }

  /** A context as rules name it. */
  contextOf(context: EvaluationContext): Context {
    const { targetingKey: attribute = 'visitorId' } = this.#options;
    const { targetingKey } = context;
    return targetingKey === undefined ? context : { [attribute]: targetingKey, ...context };
  }

  /** A flag of the type of `sample`, exposed to nobody. */
  read<T>(key: string, fallback: T, sample: unknown): ResolutionDetails<T> {
    const details = this.client?.peek(key, sample) ?? CLOSED;
    const { variant, reason, errorCode, errorMessage } = details;
    const all = this.client?.peek<Record<string, FlagMetadata>>(METADATA, {}).value ?? {};
    const own = Object.hasOwn(all, key) ? all[key] : undefined;
    return {
      value: variant === undefined ? fallback : (details.value as T),
      reason,
      flagMetadata: { ...(this.#options.snapshotMetadata && details.flagMetadata), ...own },
      ...(variant !== undefined && { variant }),
      // With a code the SDK returns the caller's default. Where a unit is missing, rules say what is returned: the message alone tells.
      ...(errorCode && reason === 'ERROR' && { errorCode: errorCode as ErrorCode }),
      ...(errorMessage && { errorMessage }),
    };
  }
}

/** What is read where the SDK has not started the provider. */
const CLOSED: Details<unknown> = { flagKey: '', value: undefined, reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY', flagMetadata: {} };

/** Why a client without rules has none, under OpenFeature's code. */
function failureOf(client: Client): Error & { readonly code: string | undefined } {
  const { errorCode, errorMessage } = client.peek('', undefined);
  return Object.assign(new Error(errorMessage), { code: errorCode });
}
