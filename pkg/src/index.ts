/**
 * Waft in the page: feature flags and experiments decided from signed snapshots by a small WebAssembly engine.
 *
 * Each folder imports only those below it:
 *
 * - client/     `clientWith`: options, loading.ts (ask.ts) and events.ts put together; lists.ts fetches the lists that conditions ask for;
 *               getters.ts names the getters for what stands before them
 * - exposures/  what is recorded, the entry `waft/exposures`: recorder.ts, of options.ts, makes records of exposure.ts, breakdown.ts and properties.ts,
 *               under ids.ts and pseudonyms.ts, in the form of otlp.ts; queue.ts stores them, and sends (post.ts) when backlog.ts says;
 *               shelves.ts is where (indexed.ts in workers), stored.ts reads what is found there; robots.ts are left out; handover.ts takes the
 *               recorder's place on servers
 * - context/    who is asking, as plain data, the entry `waft/context`: visitor.ts makes ids that last, url.ts and device.ts attributes
 * - updates/    newer rules, the entry `waft/updates`: policy.ts looks for them, by sse.ts, in one tab of all (tabs.ts); live.ts adopts and
 *               pinned.ts keeps them; met.ts holds what was exposed
 * - head/       the entry `waft/head`: head.ts takes heads apart (file.ts, of cbor.ts) and says what documents.ts mean; the entry `waft/documents`: follow.ts
 *               brings it under the trust that chain.ts leads to, by trust.ts
 * - debug/      the entry `waft/debug`: debug.ts logs decisions, and errors with their remedies.ts; trust.ts finds the wrong field
 * - preview/    what extends a client (host.ts), the entry `waft/preview`: token.ts shows preview tokens, overrides.ts fixes variants
 * - devtools/   the entry `waft/devtools`: devtools.ts registers clients (registry.ts) for panel.ts, whose tabs.ts show flags.ts with detail.ts,
 *               attributes.ts, sent.ts and signed.ts with envelope.ts, made of dom.ts and style.ts
 * - openfeature/ providers for OpenFeature's SDKs, web.ts and server.ts, over link.ts
 * - engine/     own.ts has the wasm, of a text (unpack.ts), elsewhere.ts loads it for `waft/lean`; module.ts compiles it, engine.ts is its border (exports.ts), context.ts and
 *               trust.ts what crosses it; active.ts has the active snapshot and survives traps, decisions.ts what was decided by it: flag.ts,
 *               packed.ts, variant.ts, or undecided.ts
 * - script/     `waft.iife.js`, for pages without a build: begin.ts starts by an element's attributes (settings.ts); hide.ts and stub.ts hide what
 *               would be seen to change
 * - compat.ts   the engine as JavaScript, the entry `waft/compat`
 * - storage/    the highest version seen and the last good snapshot, and what units keep, over local.ts and locks.ts
 * - platform/   what browsers have and may refuse: requests, deadlines, bytes, and things of other frames
 *
 * Importing does nothing. Nothing throws into the page.
 */

import { clientNow, clientWith } from './client/client.js';
import { giveBack } from './engine/module.js';
import { openNow, openOwn } from './engine/own.js';
import type { Client, Options, SyncOptions } from './types.js';

export type { Code, ErrorCode, Reason, Warning } from './codes.js';
export type { Attributes, DeepReadonly, FlagKey, Flags, FlagValue, FlagVariant } from './typed.js';
export type {
  Adoption,
  Client,
  ClientEvents,
  Consent,
  Context,
  Details,
  Exposure,
  Exposures,
  ExposureStatus,
  Options,
  Snapshot,
  SnapshotSource,
  Status,
  SyncOptions,
  TrackOptions,
  Trust,
} from './types.js';

/**
 * Makes a client. It always resolves to one: where no snapshot can be made active its getters return defaults, and
 * `status().code` says why. A snapshot that is refused, cannot be fetched, or does not come within `timeout` is replaced by the last
 * good one of earlier page views, which is verified again. What comes later is adopted.
 *
 * @example
 * const client = await createClient({
 *   snapshot: '/snapshot.waft',
 *   trust,
 *   context: { visitorId: 'v1', country: 'DE' },
 *   exposures: recorder({ endpoint: '/v1/logs' }),
 * });
 * document.title = client.getStringValue('headline', 'Welcome');
 */
export function createClient(options: Options): Promise<Client> {
  return clientWith(options, openOwn);
}

/**
 * Makes a client of a snapshot's bytes, which are verified and decided before this returns: before the first paint, where they are in the
 * page. A browser that compiles nothing of the engine's size while a page waits (Chromium before 114) returns defaults with the code
 * `ENGINE_LATER`, and emits `ready` once it has.
 *
 * @example
 * const client = createClientSync({ snapshot: Uint8Array.from(atob(rules), (char) => char.charCodeAt(0)), trust, context: { visitorId: 'v1' } });
 */
export function createClientSync(options: SyncOptions): Client {
  return clientNow(options, openOwn, openNow);
}

/**
 * Compiles the engine ahead of the first client, as where the rules are known later. A failure is the client's to tell.
 *
 * @example
 * void loadEngine();
 */
export async function loadEngine(): Promise<void> {
  await openOwn().then(giveBack, () => {});
}
