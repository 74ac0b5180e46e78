/** What a server writes into a page, and the page reads. */

import type { Reason } from './codes.js';
import type { Snapshot } from './types.js';

/** As JSON. Pages of one deploy may read what a server of another wrote: members are only added. */
export interface Served {
  /** The rules that decided; absent if the server had none. */
  readonly snapshot?: Snapshot | undefined;
  /** Until when a page may start from it, in milliseconds since 1970. */
  readonly latest: number;
  /** Attributes by name, which the page must have, too; `null` is missing. */
  readonly context: readonly (readonly [string, unknown])[];
  readonly flags: Readonly<Record<string, { readonly value: unknown; readonly variant: string | undefined; readonly reason: Reason }>>;
}
