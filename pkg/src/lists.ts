/** Lists of many ids lie in files of their own, beside the snapshot: loaded when a condition first asks for one. */

import type { Decisions } from './decisions.js';
import { request } from './http.js';

/** `waft::limits::LIST_BYTES`. */
const LARGEST = 64 << 20;

/** The digests of the files that are on their way, for each client. */
const coming = new WeakMap<Decisions, Set<string>>();

/**
 * Fetches files by number and digest, but for those on their way. The engine checks each against the signed manifest. If one was
 * taken, `onTaken` is told how flags came out before.
 */
export async function fetchLists(
  decisions: Decisions,
  files: readonly [number, string][],
  base: string | URL | undefined,
  onTaken: (before: Map<string, string>) => void,
): Promise<void> {
  const asked = coming.get(decisions) ?? new Set();
  coming.set(decisions, asked);
  const { snapshot } = decisions;
  const fetchOne = async ([file, digest]: [number, string]): Promise<boolean> => {
    asked.add(digest);
    try {
      const { status, bytes } = await request(new URL(`${digest}.list`, base), {}, LARGEST);
      return status === 200 && decisions.snapshot === snapshot && !decisions.list(file, bytes);
    } catch {
      // The conditions stay unknown until the next decision asks for the file again.
      return false;
    } finally {
      asked.delete(digest);
    }
  };
  const missing = files.filter(([, digest]) => !asked.has(digest));
  const before = missing[0] && decisions.all();
  const taken = await Promise.all(missing.map(fetchOne));
  if (before && taken.includes(true)) onTaken(before);
}
