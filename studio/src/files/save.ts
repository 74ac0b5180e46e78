/** Where rules are opened from and saved to. Nothing here changes what pages load: that takes a release, and its signatures. */

import { current, type Files, open, type Rules, resume, rulesOnly, type Source, saved } from '../shell/session.js';
import { kept, keep } from '../keys/store.js';
import { toast } from '../ui/toast.js';
import { type Folder, fromHandle, mayWrite, type Opened, writeInto } from './folder.js';
import { changedPaths } from './changed.js';
import { putRules, type Served, servedLists } from './served.js';

/** Opens what was read of a folder. Where the browser lets the page write into it, the folder comes back after a reload. */
export async function openFolder({ name, files, handle }: Opened): Promise<void> {
  const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  folders.set(id, handle);
  open({ kind: 'files', name, id }, files);
  if (handle) await keep('folder', id, handle);
}

/** The folders that this page has opened, or found again. */
const folders = new Map<string, Folder | undefined>();

export function openServed({ etag, files, lists }: Served): void {
  open({ kind: 'serve', etag }, files);
  void lend(lists);
}

/**
 * Gives the engine the lists that a server's rules name. They are of people, and no part of a draft. It takes those that the rules name, so that it reads
 * the rules first. People are read from then on, also where a list did not come.
 */
export async function lend(paths: readonly string[] = []): Promise<void> {
  const { files, missing } = await servedLists(paths);
  const [{ compileNow }, { audience }] = await Promise.all([import('../engine/use-draft.js'), import('../people/people.js')]);
  try {
    // Others may have been opened, and another environment chosen, while the lists came.
    const rules = current();
    if (rules?.source.kind !== 'serve') return;
    if (missing.length > 0) toast(`${LACKING} ${missing.join(', ')}. ${REMEDY}`, { tone: 'bad' });
    if (files.length === 0) return;
    await compileNow(rules.files);
    await audience.lists(files);
  } finally {
    audience.lent();
  }
}

const LACKING = 'The server does not give a list that its rules name:';
const REMEDY = 'Put it into the folder of the rules, and reload the page; or choose it in Audiences and flags.';

/** The folder into which rules of this source can be saved. */
export async function folderOf(source: Source): Promise<Folder | undefined> {
  if (source.kind !== 'files' || source.id === undefined) return undefined;
  const { id } = source;
  if (!folders.has(id)) folders.set(id, await kept<Folder>('folder', id));
  return folders.get(id);
}

/** Somebody else saved meanwhile: what is there now, and where. */
export interface Conflict {
  readonly base: Files;
  readonly mine: Files;
  readonly theirs: Files;
  readonly source: Source;
  readonly where: 'on the server' | 'in the folder';
}

/** How many errors the server finds in what was saved; none are looked for in a folder. */
export interface Saved {
  readonly errors: number;
}

/** Saves `files`, unless what is there is no longer `base`. */
export async function save(rules: Rules): Promise<Conflict | Saved> {
  const { source, base, files } = rules;
  // Of a conflict, all of theirs may have been chosen.
  if (changedPaths(base, files).length === 0) return { errors: 0 };
  const into = await folderOf(source);
  if (source.kind === 'serve') {
    const result = await putRules(base, files, source.etag);
    // What is there by now may be this draft: saved before, and the answer was lost on its way.
    if ('files' in result && changedPaths(result.files, files).length > 0)
      return { base, mine: files, theirs: result.files, source: { kind: 'serve', etag: result.etag }, where: 'on the server' };
    saved(source, { kind: 'serve', etag: result.etag }, files);
    const findings = 'findings' in result ? result.findings : [];
    return { errors: findings.filter(({ severity }) => severity === 'error').length };
  }
  if (!into) throw new Error('There is no folder or server to save to: download the patch or the files.');
  if (!(await mayWrite(into)))
    throw new Error('The browser was not allowed to write into the folder: save again and allow it, or download the patch.');
  // Lists are no part of a draft, and gone from it after a reload: those in hand stay, and those in the folder.
  const lists = Object.fromEntries(Object.entries(base).filter(([path]) => !(path in rulesOnly(base))));
  const theirs = { ...lists, ...rulesOnly((await fromHandle(into)).files) };
  // Or the draft itself, where all of it was written, and something else failed then.
  const isOther = changedPaths(base, theirs).length > 0 && changedPaths(theirs, files).length > 0;
  if (isOther) return { base, mine: files, theirs, source, where: 'in the folder' };
  await writeInto(into, changedPaths(base, files), files);
  saved(source, source, files);
  return { errors: 0 };
}

/** Saves what was made of a conflict: on top of what the others saved. */
export async function saveMerged({ theirs, source }: Conflict, merged: Files): Promise<Conflict | Saved> {
  const rules = { source, base: theirs, files: merged };
  // The way back would lead to a draft that takes back what they did.
  resume(rules);
  return save(rules);
}
