/** Lists of many ids lie in files of their own, beside the snapshot: loaded when a condition first asks for one. */

import type { Decisions } from '../engine/decisions.js';
import { LIST_BYTES } from '../limits.js';
import { request } from '../platform/http.js';
import type { Snapshot } from '../types.js';

/** The files that are there or on their way, by digest, for the snapshot that asked: what comes for another one is of no use to it. */
const coming = new WeakMap<Snapshot, Map<string, Promise<boolean>>>();

/**
 * Fetches files by number and digest, each once, and waits for those on their way. The engine checks each against the signed manifest. If
 * one was taken, `onTaken` is told how flags came out before. One that is not is `missing`, and told once.
 */
export async function fetchLists(
  decisions: Decisions,
  files: readonly [number, string][],
  base: string | URL | undefined,
  onTaken: (before: Map<string, string>) => void,
  missing: Set<string>,
  onMissing: () => void,
): Promise<void> {
  const { snapshot } = decisions;
  if (!snapshot) return;
  const asked = coming.get(snapshot) ?? new Map<string, Promise<boolean>>();
  coming.set(snapshot, asked);
  const fetchOne = async ([file, digest]: [number, string]): Promise<boolean> => {
    try {
      const { status, bytes } = await request(new URL(`${digest}.list`, base), {}, LIST_BYTES);
      if (status === 200 && decisions.snapshot?.digest === snapshot.digest && !decisions.list(file, bytes)) {
        missing.delete(digest);
        return true;
      }
    } catch {
      // It cannot be had.
    }
    // The conditions stay unknown until the next decision asks for the file again.
    asked.delete(digest);
    if (decisions.snapshot?.digest === snapshot.digest && !missing.has(digest)) {
      missing.add(digest);
      onMissing();
    }
    return false;
  };
  const wanted = files.filter(([, digest]) => !asked.has(digest));
  const before = wanted[0] && decisions.all();
  for (const file of wanted) asked.set(file[1], Promise.resolve(file).then(fetchOne));
  const taken = await Promise.all(files.map(([, digest]) => asked.get(digest)));
  if (before && taken.includes(true)) onTaken(before);
}
