/** Lists of many ids lie in files of their own, beside the snapshot: loaded when a condition first asks for one. */

import type { Decisions } from './decisions.js';
import { request } from './http.js';

/** `waft::limits::LIST_BYTES`. */
const LARGEST = 64 << 20;

/** Fetches files by number and digest; true if one was taken. The engine checks each against the signed manifest. */
export async function fetchLists(
  decisions: Decisions,
  files: readonly [number, string][],
  base: string | URL | undefined,
): Promise<boolean> {
  const { snapshot } = decisions;
  const fetchOne = async ([file, digest]: [number, string]): Promise<boolean> => {
    const { status, bytes } = await request(new URL(`${digest}.list`, base), {}, LARGEST);
    return status === 200 && decisions.snapshot === snapshot && !decisions.list(file, bytes);
  };
  const taken = await Promise.all(files.map((file) => fetchOne(file).catch(() => false)));
  return taken.includes(true);
}
