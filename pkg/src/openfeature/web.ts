/** The provider for pages: one context at a time, and reads that do not wait. */

import {
  type EvaluationContext,
  type Hook,
  type JsonValue,
  OpenFeature,
  OpenFeatureEventEmitter,
  type Provider,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/web-sdk';
import type { Client, Context } from '../types.js';
import { Link, type LinkOptions, type Source } from './link.js';

/** What the provider for pages may be told. */
export interface WebOptions extends LinkOptions {
  /**
   * What records an exposure: `manual`, the default, where {@link WaftProvider.expose}, {@link exposeHook} and `useExposure` do; or `reads`.
   * For code that reads flags which nobody sees then, as React's does.
   */
  readonly exposures?: 'manual' | 'reads' | undefined;
}

/**
 * A provider for `@openfeature/web-sdk`. It is given a client, or what makes one of the context that the SDK starts it with. Context changes
 * are decided at once.
 *
 * @example
 * const provider = new WaftProvider(({ context }) => createClient({ snapshot: '/snapshot.waft', trust, context }));
 * await OpenFeature.setProviderAndWait(provider, { targetingKey: 'v1', country: 'DE' });
 * const headline = OpenFeature.getClient().getStringValue('headline', 'Welcome');
 */
export class WaftProvider implements Provider {
  readonly metadata = { name: 'waft' } as const;
  readonly runsOn = 'client';
  /** A client has one context. */
  readonly domainScoped = true;
  readonly events = new OpenFeatureEventEmitter();
  readonly hooks: Hook[];
  readonly #link: Link<{ readonly context: Context }>;

  constructor(source: Source<{ readonly context: Context }>, { exposures = 'manual', ...options }: WebOptions = {}) {
    this.#link = new Link(source, options, this.events as never, /^(manual|reads)$/.test(exposures) ? '' : 'exposures');
    this.hooks = exposures === 'reads' ? [exposeHook(this)] : [];
  }

  /** Waft's client, while the SDK uses the provider. */
  get client(): Client | undefined {
    return this.#link.client;
  }

  /** Records what a flag exposes, when its variant is shown. However often, a unit is exposed to a variant once. */
  expose(key: string): void {
    this.client?.expose(key);
  }

  /** Rejects with OpenFeature's error code where no rules are active. If they come later, `PROVIDER_READY` tells. */
  initialize(context: EvaluationContext = {}): Promise<void> {
    const link = this.#link;
    const own = link.contextOf(context);
    const opened = link.open({ context: own });
    // A client that was made elsewhere keeps its context until OpenFeature has one.
    if (!link.isOwn && Object.keys(own).length) this.client?.setContext(own);
    return opened;
  }

  onContextChange(_: EvaluationContext, context: EvaluationContext): Promise<void> | undefined {
    const link = this.#link;
    const opening = link.ask(context);
    // The SDK believes it to be ready, in whatever state it was.
    if (!opening) queueMicrotask(() => link.retell('PROVIDER_READY'));
    return opening;
  }

  async onClose(): Promise<void> {
    this.#link.close();
  }

  track(name: string, _: EvaluationContext, details: TrackingEventDetails): void {
    this.client?.track(name, details);
  }

  resolveBooleanEvaluation(key: string, fallback: boolean): ResolutionDetails<boolean> {
    return this.#link.read(key, fallback, false);
  }

  resolveStringEvaluation(key: string, fallback: string): ResolutionDetails<string> {
    return this.#link.read(key, fallback, '');
  }

  resolveNumberEvaluation(key: string, fallback: number): ResolutionDetails<number> {
    return this.#link.read(key, fallback, 0);
  }

  resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T): ResolutionDetails<T> {
    return this.#link.read(key, fallback, {});
  }
}

/**
 * A hook that records what a read exposes, for reads whose value is shown: of one read, of a client or of the whole page.
 *
 * @example
 * const bold = client.getBooleanValue('bold', false, { hooks: [exposeHook()] });
 */
export function exposeHook(provider?: Pick<WaftProvider, 'expose'>): Hook {
  return {
    after({ flagKey, clientMetadata }) {
      const exposing = provider ?? (OpenFeature.getProvider(clientMetadata.domain) as Partial<WaftProvider>);
      exposing.expose?.(flagKey);
    },
  };
}
