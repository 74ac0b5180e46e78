/** Whether a page may start from what a server decided. */

import { attempt } from '../platform/attempt.js';
import type { Served } from '../served.js';
import { get, keyOf } from '../storage/local.js';
import type { Context, Trust } from '../types.js';

/** What the server decided, if it is for this visitor, in time, and by rules no older than the newest that this browser has seen. */
export function accept(json: string, context: Context, { project, environment, epoch = 0 }: Trust): Served | undefined {
  return attempt(() => {
    const served: Served = JSON.parse(json);
    const { snapshot, latest } = served;
    const [highest] = get(keyOf('seen', project, environment, epoch)).split(' ');
    const isSame = served.context.every(([name, value]) => JSON.stringify(context[name] ?? null) === JSON.stringify(value));
    const isWhole = snapshot && Object.keys(served.flags);
    return isWhole && Date.now() < latest && snapshot.version >= Number(highest) && isSame ? served : undefined;
  });
}
