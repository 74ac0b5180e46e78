/** Rules and time that stay as they were when the page opened: newer rules are kept for the next page view, and only kills apply at once. */

import type { Host } from '../client/host.js';
import type { Code } from '../codes.js';
import type { Decisions } from '../engine/decisions.js';
import { reserve } from '../engine/module.js';
import { INDEX, REASON, RULE, TIMED } from '../engine/packed.js';
import { placeOf, Seen, trialOf, wrap } from './met.js';

/** The number of `DISABLED` in `reasonOf`. */
const DISABLED = 4;

/** Freezes rules and time. Returns what takes newer rules, and why it refuses them. */
export function pinned(host: Host): (bytes: Uint8Array) => Promise<Code | undefined> {
  const { decisions, events } = host;
  const seen = new Seen(host);
  const read = new Set<string>();
  /** The variants that killed flags have from now on. */
  const killed = new Map<string, string>();
  let moment: number | undefined;
  wrap(
    host,
    (engine, flag, key, decide) => {
      read.add(key);
      const { issued = 0, expires = Infinity } = decisions.snapshot ?? {};
      const packed = seen.held(engine, flag, key, decide(Math.max(issued, Math.min(moment ?? issued, expires))) & ~TIMED);
      const off = killed.get(key);
      const place = off === undefined ? -1 : placeOf(engine, flag, off);
      return place < 0 ? packed : place | (INDEX << RULE) | (DISABLED << REASON);
    },
    (_engine, now) => {
      moment ??= now;
    },
  );
  return async (bytes) => {
    const newer = await adopted(host, bytes);
    if (typeof newer === 'string') return newer;
    const kills = [...read].filter((key) => !killed.has(key) && isKilled(decisions, newer, key, seen.trials(key)));
    const before = decisions.all();
    for (const key of kills) killed.set(key, newer.details(key, 0, undefined, false).variant ?? '');
    newer.close();
    if (!kills.length) return undefined;
    // What was decided before is to be decided anew.
    const { context, snapshot } = decisions;
    decisions.context = context;
    const now = decisions.all();
    const flagsChanged = kills.filter((key) => before.get(key) !== now.get(key));
    if (snapshot && flagsChanged.length) events.emit('configurationChanged', { version: snapshot.version, flagsChanged });
    return undefined;
  };
}

/** Verifies newer rules to their end, beside the active ones, and keeps them for the next page view. What decides by them, or why not. */
async function adopted({ decisions, loading, store }: Host, bytes: Uint8Array): Promise<Decisions | Code> {
  if (!decisions.wasm) return 'ENGINE_FAILED';
  await loading.head?.prepare(bytes);
  const newer = new (decisions.constructor as typeof Decisions)(decisions.trust);
  newer.wasm = await reserve(decisions.wasm);
  newer.gate = decisions.gate;
  newer.context = decisions.context;
  newer.sticky = loading.recorder?.sticky.lines ?? '';
  const code = newer.adopt(bytes, store.highest());
  if (code) return code;
  for (;;) {
    const { code, isWhole } = newer.advance();
    if (code) return code;
    if (isWhole) break;
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { snapshot } = newer;
  if (!snapshot) return 'GENERAL';
  await store.raise(snapshot);
  if (store.highest()?.digest === snapshot.digest) store.keep(snapshot, bytes);
  return newer;
}

/** Whether newer rules switch a flag off, or stop an experiment that it has exposed. */
function isKilled(decisions: Decisions, newer: Decisions, key: string, trials: ReadonlySet<string> | undefined): boolean {
  const [old, now] = [decisions, newer].map((of) => of.details(key, 0, undefined, false));
  // What a head kills comes back with the head, and is off by the rules then.
  if (now?.reason === 'DISABLED') return old?.reason !== 'DISABLED' || !!old.flagMetadata.killed;
  if (!trials || now?.reason === 'ERROR') return false;
  const left = newer.exposures(key).map(trialOf);
  // Where a list file is missing, nobody knows.
  return !newer.wanted().length && ![...trials].every((trial) => left.includes(trial));
}
