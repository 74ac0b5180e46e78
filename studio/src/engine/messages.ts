/** What the page and its worker say to each other. */

import type { FileSettings, Report, Workbench } from 'waft/workbench';
import type { ListFile } from './types.js';

/** What is asked of the workbench as it is: one at a time. */
export type Member = Exclude<keyof Workbench, 'read' | 'open' | 'putList' | 'free'>;

/** From the page. `id` is that of the question, which its answer has, too. */
export type Request = { readonly id: number } & (
  | { readonly member: Member; readonly args: readonly unknown[] }
  | { readonly read: Blob; readonly settings: FileSettings }
  | { readonly lists: readonly ListFile[] }
  /** Reading of that id. */
  | { readonly stop: number }
);

/** From the worker. */
export type Answer = { readonly id: number } & (
  | { readonly result: unknown }
  | { readonly bytes: number; readonly rows: number }
  /** `fatal`: the worker cannot go on. */
  | { readonly error: { readonly code: string; readonly message: string }; readonly fatal?: boolean }
);

export type { FileSettings, Report };
