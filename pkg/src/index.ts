/**
 * Waft in the page: feature flags and experiments decided from signed snapshots by a small WebAssembly engine.
 *
 * - client.ts     `createClient`: options, decisions, queue and events put together
 * - decisions.ts  the snapshot in force, the context, and what was decided; engine.ts is the engine's border
 * - trust.ts, context.ts, text.ts  what crosses that border, realm.ts what it is; codes.ts what comes back
 * - http.ts, deadline.ts  what may never come
 * - seen.ts       the highest version seen and the last good snapshot, over storage.ts
 * - recorder.ts   exposures and events, loaded only where they are recorded: queue.ts stores and sends what machine.ts, which is
 *                 Rust behind numbers, says; shelf.ts is where (indexed.ts in workers), otlp.ts the form of a record, ids.ts its
 *                 name, exposure.ts what a decision exposes, pseudonyms.ts whom it names, robots.ts whom it leaves out, http.ts its way
 *
 * Importing does nothing. Nothing throws into the page.
 */

export { createClient, loadEngine } from './client.js';
export type { Code, ErrorCode, Reason, Warning } from './codes.js';
export type {
  Adoption,
  Client,
  ClientEvents,
  Consent,
  Context,
  Details,
  EngineSource,
  Exposure,
  ExposureOptions,
  ExposureStatus,
  Options,
  Snapshot,
  SnapshotSource,
  Status,
  TrackOptions,
  Trust,
} from './types.js';
