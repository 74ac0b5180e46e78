/**
 * Waft in the page: feature flags and experiments decided from signed snapshots by a small WebAssembly engine.
 *
 * Each folder imports only those below it:
 *
 * - client/     `createClient`: options, loading.ts and events.ts put together; warm-up.ts decides sample.ts ahead of rules; lists.ts
 *               fetches the lists that conditions ask for
 * - exposures/  what is recorded, the entry `waft/exposures`: recorder.ts, of options.ts, makes records of exposure.ts and properties.ts,
 *               under ids.ts and pseudonyms.ts, in the form of otlp.ts; queue.ts stores them, and sends (post.ts) when machine.ts says, which is
 *               Rust behind numbers and whose traps ledger.ts survives; shelves.ts is where (indexed.ts in workers), stored.ts reads what is
 *               found there; robots.ts are left out; handover.ts takes the recorder's place on servers
 * - context/    who is asking, as plain data, the entry `waft/context`: visitor.ts makes ids that last, url.ts and device.ts attributes
 * - openfeature/ providers for OpenFeature's SDKs, web.ts and server.ts, over link.ts
 * - engine/     module.ts loads the wasm, engine.ts is its border, context.ts and trust.ts what crosses it; active.ts has the active
 *               snapshot and survives traps, decisions.ts what was decided by it: flag.ts, packed.ts, variant.ts, or undecided.ts
 * - storage/    the highest version seen and the last good snapshot, and what units keep, over local.ts and locks.ts
 * - platform/   what browsers have and may refuse: requests, deadlines, bytes, and things of other frames
 *
 * Importing does nothing. Nothing throws into the page.
 */

export { createClient, loadEngine } from './client/client.js';
export type { Code, ErrorCode, Reason, Warning } from './codes.js';
export type { Attributes, DeepReadonly, FlagKey, Flags, FlagValue, FlagVariant } from './typed.js';
export type {
  Adoption,
  Client,
  ClientEvents,
  Consent,
  Context,
  Details,
  EngineSource,
  Exposure,
  Exposures,
  ExposureStatus,
  Options,
  Snapshot,
  SnapshotSource,
  Status,
  TrackOptions,
  Trust,
} from './types.js';
