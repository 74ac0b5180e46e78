/** The clients that registered on this page, whichever copies and versions of the package they come from. */

import type { Overrides } from '../preview/overrides.js';
import type { Studio } from '../studio/types.js';
import type { Client, ClientEvents, Context, Exposure, Trust } from '../types.js';

/** A client, as the panel sees it. Names are those of the public API: a panel of another version reads them, too. */
export interface Registered {
  readonly client: Client;
  /** Project and environment. */
  readonly name: string;
  readonly trust: Trust;
  readonly overrides: Overrides;
  /** The context that the client decides for. */
  context(): Context;
  /** The attributes that the active rules know, and those that are units, with the units' names. */
  attributes(): readonly { readonly name: string; readonly unit: string | undefined }[];
  /** The active snapshot; `undefined` where it is not known. */
  snapshotBytes(): Uint8Array | undefined;
  /** The last exposures of this page view, the newest last. */
  readonly exposed: readonly (Exposure & { readonly time: number })[];
  /** The last error that was told, or none since rules were adopted. */
  error(): ClientEvents['error'] | undefined;
  /** Loads what explains decisions. */
  readonly studio: (() => Promise<{ loadStudio(): Promise<Studio> }>) | undefined;
}

/** What the page has of them. */
export interface Registry {
  readonly clients: Registered[];
  /** Tells the panel that a client came or went. Absent until there is a panel. */
  changed?: () => void;
}

/** The page's registry, made when first asked for. */
export function registry(): Registry {
  const page = globalThis as unknown as Record<symbol, Registry | undefined>;
  const found: Registry = page[Symbol.for('waft.devtools')] ?? { clients: [] };
  page[Symbol.for('waft.devtools')] = found;
  return found;
}
