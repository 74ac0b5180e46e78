/** Rules that follow the release, and time that passes: variants that were met stay, and what time changes is told. */

import type { Host, Opened } from '../client/host.js';
import { TIMED } from '../engine/packed.js';
import { LONGEST_DELAY } from '../platform/deadline.js';
import { Seen, wrap } from './met.js';

/** Keeps what was met, and tells by `configurationChanged` when time alone changes a flag that was read. */
export function live(host: Host): Opened {
  const { decisions, events } = host;
  const seen = new Seen(host);
  /** Flags that were read, by index. */
  let read = new Set<number>();
  let due = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** How flags evaluate until then; and whether that is being found out, which reads nothing. */
  let values: Map<string, string> | undefined;
  let isLooking = false;
  const look = (): Map<string, string> => {
    isLooking = true;
    const all = decisions.all();
    isLooking = false;
    return all;
  };
  const ring = (): void => {
    due = Infinity;
    const before = values;
    values = look();
    const now = values;
    const { snapshot } = decisions;
    const flagsChanged = [...now.keys()].filter((key) => before && before.get(key) !== now.get(key));
    if (snapshot && flagsChanged.length) events.emit('configurationChanged', { version: snapshot.version, flagsChanged });
  };
  const arm = (until: number): void => {
    if (until >= due) return;
    due = until;
    clearTimeout(timer);
    // Timers ring early: by up to a millisecond.
    timer = setTimeout(() => (Date.now() < until ? again(until) : ring()), Math.min(until - Date.now() + 1, LONGEST_DELAY));
    (timer as { unref?(): void }).unref?.();
    // Not inside a decision.
    queueMicrotask(() => (values ??= look()));
  };
  const again = (until: number): void => {
    due = Infinity;
    arm(until);
  };
  const forget = (): void => {
    values = undefined;
    if (due < Infinity) queueMicrotask(() => (values ??= look()));
  };
  const change = (): void => {
    read = new Set();
    values = undefined;
    due = Infinity;
    clearTimeout(timer);
  };
  wrap(
    host,
    (engine, flag, key, decide) => {
      const packed = seen.held(engine, flag, key, decide());
      if (!isLooking) read.add(flag);
      if (packed & TIMED && read.has(flag)) {
        const until = engine.validUntil();
        if (until <= (decisions.snapshot?.expires ?? 0)) arm(until);
      }
      return packed;
    },
    change,
  );
  events.on('contextChanged', forget);
  return { close: () => clearTimeout(timer) };
}
