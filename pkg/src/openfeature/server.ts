/** The provider for servers: each evaluation has a context of its own, all by one client. */

import {
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import { handOver } from '../exposures/handover.js';
import type { Client, Exposure, Exposures } from '../types.js';
import { Link, type LinkOptions, type Source } from './link.js';

/**
 * A provider for `@openfeature/server-sdk`. It is given a client, or what makes one. It records nothing: what an evaluation exposes is in its
 * `flagMetadata.exposures`, as JSON of {@link Exposure}s, for the page that shows it; where a client was given, it is not.
 *
 * @example
 * const provider = new WaftProvider(({ exposures }) => createClient({ snapshot: bytes, trust, exposures }));
 * await OpenFeature.setProviderAndWait(provider);
 * const headline = await OpenFeature.getClient().getStringValue('headline', 'Welcome', { targetingKey: 'v1' });
 */
export class WaftProvider implements Provider {
  readonly metadata = { name: 'waft' } as const;
  readonly runsOn = 'server';
  readonly events = new OpenFeatureEventEmitter();
  readonly #link: Link<{ readonly exposures: Exposures }>;
  #exposed: Exposure[] = [];

  constructor(source: Source<{ readonly exposures: Exposures }>, options: LinkOptions = {}) {
    this.#link = new Link(source, options, this.events as never);
  }

  /** Waft's client, while the SDK uses the provider. Its context is that of the last evaluation. */
  get client(): Client | undefined {
    return this.#link.client;
  }

  /** Rejects with OpenFeature's error code where no rules are active. If they come later, `PROVIDER_READY` tells. */
  initialize(): Promise<void> {
    return this.#link.open({ exposures: handOver((exposure) => this.#exposed.push(exposure)) });
  }

  async onClose(): Promise<void> {
    this.#link.close();
  }

  resolveBooleanEvaluation(key: string, fallback: boolean, context: EvaluationContext): Promise<ResolutionDetails<boolean>> {
    return this.#resolve(key, fallback, false, context);
  }

  resolveStringEvaluation(key: string, fallback: string, context: EvaluationContext): Promise<ResolutionDetails<string>> {
    return this.#resolve(key, fallback, '', context);
  }

  resolveNumberEvaluation(key: string, fallback: number, context: EvaluationContext): Promise<ResolutionDetails<number>> {
    return this.#resolve(key, fallback, 0, context);
  }

  resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T, context: EvaluationContext): Promise<ResolutionDetails<T>> {
    return this.#resolve(key, fallback, {}, context);
  }

  /** Nothing is awaited between the context and what is decided by it: no other evaluation comes between. */
  async #resolve<T>(key: string, fallback: T, sample: unknown, context: EvaluationContext): Promise<ResolutionDetails<T>> {
    const link = this.#link;
    const { client } = link;
    client?.setContext(link.contextOf(context));
    const details = link.read(key, fallback, sample);
    if (details.reason === 'ERROR' || !link.isOwn) return details;
    client?.expose(key);
    const exposed = this.#exposed.splice(0);
    return exposed.length ? { ...details, flagMetadata: { ...details.flagMetadata, exposures: JSON.stringify(exposed) } } : details;
  }
}
