/** What stands in the recorder's place where nothing is recorded: exposures are handed over, as a server does to the page. */

import type { Exposure, Exposures } from '../types.js';
import { readExposure } from './exposure.js';
import type { Recorder } from './recorder.js';

/** Hands each exposure of `client.expose(key)` to `take`, at once. Reads expose nothing; nothing is sent, tracked or kept. */
export function handOver(take: (exposure: Exposure) => void): Exposures {
  const nothing = (): never => undefined as never;
  const standIn: { [Member in keyof Recorder]: unknown } = {
    expose(flagKey: string, text: string) {
      const { sticky: _, ...exposure } = readExposure(text);
      take({ flagKey, ...exposure });
    },
    sticky: { lines: '' },
    queue: { makeRoom: nothing },
    error: undefined,
    pseudonyms: undefined,
    consent: undefined,
    adopted: nothing,
    track: nothing,
    facts: nothing,
    status: nothing,
    flush: nothing,
    close: nothing,
  };
  return { open: () => standIn };
}
