/** What the page and its worker say to each other. */

import type { Trust } from 'waft';
import type { FileSettings, PopulationCount, Report } from 'waft/workbench';

/** From the page. An audience stays where it was read: the worker. */
export interface Read {
  readonly snapshot: Uint8Array;
  readonly trust: Trust;
  readonly file: Blob;
  readonly settings: FileSettings;
}
export type Request = { readonly read: Read } | { readonly lists: readonly File[] } | { readonly stop: true };

/** From the worker. */
export type Answer =
  | { readonly bytes: number; readonly rows: number }
  | { readonly report: Report; readonly counted: PopulationCount; readonly took: number; readonly refused: readonly string[] }
  | { readonly code: string; readonly message: string };
