/** Rules that `waft serve --rules FOLDER` has: read, and written unless somebody else wrote meanwhile. */

import { ask, askFile, Refused, Unchanged } from '../api/ask.js';
import type { ListFile } from '../engine/types.js';
import type { Files } from '../shell/session.js';
import { changedPaths } from './changed.js';

const PATH = '/api/rules';

/** `etag` names this version: what is saved says on which one it was made. */
export interface Served {
  readonly etag: string;
  readonly files: Files;
  /** The paths of the list files that they name. */
  readonly lists?: readonly string[];
}

/** What was saved, and what `waft lint` finds in it: drafts with errors are saved, and are not released. */
export interface Stored {
  readonly etag: string;
  readonly findings: readonly { readonly severity: 'error' | 'warning' }[];
}

/** The server's rules; `undefined` where there is no server, or it has none. */
export async function servedRules(): Promise<Served | undefined> {
  const served = await newerRules();
  return served === 'same' ? undefined : served;
}

/** The same, or `same` where the server has the version that is known. */
export async function newerRules(known?: string): Promise<Served | 'same' | undefined> {
  try {
    const { etag, files, lists = [] } = await ask<Served>(PATH, known === undefined ? {} : { headers: { 'If-None-Match': known } });
    return typeof etag === 'string' && files ? { etag, files, lists } : undefined;
  } catch (error) {
    if (error instanceof Unchanged) return 'same';
    if (error instanceof Refused) throw error;
    return undefined;
  }
}

/** Writes what differs from `base`. What is there, if that is another version by now. */
export async function putRules(base: Files, files: Files, etag: string): Promise<Stored | Served> {
  const changed = Object.fromEntries(changedPaths(base, files).map((path) => [path, files[path] ?? null]));
  try {
    return await ask<Stored>(PATH, { method: 'PUT', body: { files: changed }, headers: { 'If-Match': etag } });
  } catch (error) {
    if (error instanceof Refused && (error.status === 409 || error.status === 412)) {
      const told = error.body as Partial<Served>;
      const now = told.etag && told.files ? { etag: told.etag, files: told.files } : await servedRules();
      if (now) return now;
    }
    throw error;
  }
}

/** List files of the server's rules, by their paths, as two folders may have one of a name; and the paths of those that it does not give. */
export async function servedLists(
  paths: readonly string[],
): Promise<{ readonly files: readonly ListFile[]; readonly missing: readonly string[] }> {
  const files: ListFile[] = [];
  const missing: string[] = [];
  const take = async (path: string): Promise<void> => {
    const bytes = await askFile(`${PATH}/lists/${path.split('/').map(encodeURIComponent).join('/')}`);
    if (bytes) files.push({ name: path, bytes });
    else missing.push(path);
  };
  await Promise.all(paths.map(take));
  return { files, missing: missing.sort() };
}
