/** The shop as the studio frames it: the address says for whom. Another site may link to it, too, and shows nobody but its own reader a page. */

import type { Context } from 'waft';
import type { Viewer } from './session.js';

const BEGIN = '#preview=';

/** Whom an address asks for; undefined if it asks for nobody. */
export function asked(hash: string): Viewer | undefined {
  if (!hash.startsWith(BEGIN)) return undefined;
  try {
    const { context, counts } = JSON.parse(decodeURIComponent(hash.slice(BEGIN.length))) as { context?: unknown; counts?: unknown };
    return typeof context === 'object' && context !== null ? { context: context as Context, counts: counts === true } : undefined;
  } catch {
    return undefined;
  }
}
