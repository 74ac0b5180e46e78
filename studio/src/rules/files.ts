/** Which file of a ruleset holds what. */

import type { Files } from '../shell/session.js';
import { Draft } from './difference.js';
import { said } from './parsed.js';
import { at, EditError, isEntries, type Path, type Value } from './value.js';

/** Rule tests and lists lie beside a ruleset, and are no part of it. */
const isRules = (file: string): boolean => /\.(?:ya?ml|json)$/.test(file) && !/\.test\.(?:ya?ml|json)$/.test(file);

interface Read {
  readonly said: Readonly<Record<string, Value>>;
  readonly broken?: EditError;
}

const reads = new WeakMap<Files, Read>();

/** What each file says. One that is no YAML says nothing; the first of those is told by `broken`. */
export function read(files: Files): Read {
  const known = reads.get(files);
  if (known) return known;
  const all: Record<string, Value> = {};
  let broken: EditError | undefined;
  for (const file of Object.keys(files).filter(isRules)) {
    const value = said(files[file] ?? '', file);
    if (value instanceof EditError) broken ??= value;
    else all[file] = value;
  }
  const found = broken ? { said: all, broken } : { said: all };
  reads.set(files, found);
  return found;
}

/** The file that holds a section's named thing, or all of a section that is one value. */
export function holder(files: Files, path: Path): string | undefined {
  const { said } = read(files);
  return Object.keys(said).find((file) => at(said[file], path.slice(0, 2)) !== undefined);
}

/** The same; throws if there is none. */
export function held(files: Files, path: Path): string {
  const file = holder(files, path);
  if (file !== undefined) return file;
  const { broken } = read(files);
  throw broken ?? new EditError('NOT_FOUND', `there is no ${path.slice(0, 2).join(' ')}`);
}

/** Where something new of a section goes: a file of its own where each has one, else beside most others. */
export function home(files: Files, section: string, key: string): string {
  const { said } = read(files);
  const counts = Object.entries(said)
    .map(([file, value]) => {
      const entries = at(value, [section]);
      return [file, isEntries(entries) ? Object.keys(entries).length : 0] as const;
    })
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  const [most] = counts;
  const folders = new Set(counts.map(([file]) => file.slice(0, file.lastIndexOf('/') + 1)));
  const [folder = ''] = folders;
  if (counts.length > 1 && folders.size === 1 && folder !== '') return `${folder}${key}.yaml`;
  if (most) return most[0];
  const all = Object.keys(said);
  return (
    all.find((file) => at(said[file], [section]) !== undefined) ??
    all.find((file) => at(said[file], ['project']) !== undefined) ??
    all[0] ??
    'waft.yaml'
  );
}

/** Edits one file, and is sure that nothing else changed in it. */
export function edited(files: Files, file: string, work: (draft: Draft) => void, expected: (before: Value) => Value): Files {
  const draft = new Draft(file, files[file] ?? '');
  work(draft);
  const text = draft.done(expected);
  return text === files[file] ? files : { ...files, [file]: text };
}
