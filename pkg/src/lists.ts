/** Lists of many ids lie in files of their own, beside the snapshot: loaded when a condition first asks for one. */

import type { Decisions } from './decisions.js';
import { request } from './http.js';

/** `waft::limits::LIST_BYTES`. */
const LARGEST = 64 << 20;

/** The digests of the files that are on their way, for each client. */
const coming = new WeakMap<Decisions, Set<string>>();

/**
 * Fetches files by number and digest, but for those on their way. The engine checks each against the signed manifest. If one was
 * taken, `onTaken` is told how flags came out before. One that is not is `missing`, and told once.
 */
export async function fetchLists(
  decisions: Decisions,
  files: readonly [number, string][],
  base: string | URL | undefined,
  onTaken: (before: Map<string, string>) => void,
  missing: Set<string>,
  onMissing: () => void,
): Promise<void> {
  const asked = coming.get(decisions) ?? new Set();
  coming.set(decisions, asked);
  const { snapshot } = decisions;
  const fetchOne = async ([file, digest]: [number, string]): Promise<boolean> => {
    asked.add(digest);
    try {
      const { status, bytes } = await request(new URL(`${digest}.list`, base), {}, LARGEST);
      if (decisions.snapshot !== snapshot) return false;
      if (status === 200 && !decisions.list(file, bytes)) {
        missing.delete(digest);
        return true;
      }
    } catch {
      // It cannot be had.
    } finally {
      asked.delete(digest);
    }
    // The conditions stay unknown until the next decision asks for the file again.
    if (decisions.snapshot === snapshot && !missing.has(digest)) {
      missing.add(digest);
      onMissing();
    }
    return false;
  };
  const wanted = files.filter(([, digest]) => !asked.has(digest));
  const before = wanted[0] && decisions.all();
  const taken = await Promise.all(wanted.map(fetchOne));
  if (before && taken.includes(true)) onTaken(before);
}
