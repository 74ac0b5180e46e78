/** Whether a page may start from what a server decided. */

import { attempt } from '../platform/attempt.js';
import type { Served } from '../served.js';
import { digestOf } from '../server/same.js';
import { get, keyOf } from '../storage/local.js';
import type { Context, Trust } from '../types.js';

/** What the server decided, if it is for this visitor, in time, and by rules no older than the newest that this browser has seen. */
export function accept(served: Served | undefined, context: Context = {}, trust: Trust): Served | undefined {
  return attempt(() => {
    const { snapshot, latest, same, digest, flags, unitIds } = served as Served;
    const { project, environment, epoch = 0 } = trust;
    const [highest] = get(keyOf('seen', project, environment, epoch)).split(' ');
    const isWhole = snapshot && Object.keys(flags) && Array.isArray(unitIds);
    const isNew = Date.now() < latest && Number(snapshot?.version) >= Number(highest);
    return isWhole && isNew && digestOf(context, same) === digest ? served : undefined;
  });
}
