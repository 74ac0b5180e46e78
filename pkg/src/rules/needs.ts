/** What the flags of a snapshot depend on, for `decide` of `waft/server`. */

import type { FlagNeeds } from '../served.js';
import { Commands, MEMORY } from './commands.js';

/**
 * What each flag of a snapshot may depend on, by its key. Nothing is verified. Throws where the bytes are not a snapshot.
 *
 * @example
 * const needs = flagNeeds(readFileSync('snapshot.waft'));
 */
export function flagNeeds(snapshot: Uint8Array): Readonly<Record<string, FlagNeeds>> {
  const commands = new Commands(Date.now);
  const path = `${MEMORY}snapshot.waft`;
  commands.files.set(path, snapshot);
  const { flags } = commands.json<{ flags: Record<string, { needs: FlagNeeds }> }>('inspect', path);
  return Object.fromEntries(Object.entries(flags ?? {}).map(([key, { needs }]) => [key, needs]));
}
