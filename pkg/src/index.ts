/**
 * Waft in the page: feature flags and experiments decided from signed snapshots by a small WebAssembly engine.
 *
 * - client.ts     `createClient`: options, decisions, queue and events put together
 * - decisions.ts  the snapshot in force, the context, and what was decided; engine.ts is the engine's border
 * - trust.ts, context.ts, bytes.ts  what crosses that border; codes.ts what comes back
 * - seen.ts       the highest version seen and the last good snapshot, over storage.ts
 * - exposures.ts  the queue of records; otlp.ts their form, ids.ts their names, http.ts their way
 *
 * Importing does nothing. Nothing throws into the page.
 */

export { createClient } from './client.js';
export type { Code, ErrorCode, Reason } from './codes.js';
export type {
  Adoption,
  Client,
  ClientEvents,
  Context,
  Details,
  EngineSource,
  Exposure,
  ExposureOptions,
  Options,
  Snapshot,
  SnapshotSource,
  Status,
  TrackOptions,
  Trust,
} from './types.js';
