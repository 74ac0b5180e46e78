/**
 * A ruleset's text, edited: only the lines of what is changed are touched; comments, order, quotes and indentation stay. What it means is no
 * matter here: the compiler tells, and marks what is wrong.
 */

import type { Files } from '../shell/session.js';
import { without } from './difference.js';
import { edited, held, holder, home, read } from './files.js';
import { lineStart, parse, way } from './parsed.js';
import { at, changed, EditError, type Entries, isEntries, isList, type Path, type Value } from './value.js';

export { renameNamed, uses } from './names.js';
export { EditError, type EditCode, equal, type Path, type Value } from './value.js';

/** What is written at a path; undefined if nothing is. Of a section, what all files have of it. */
export function get(files: Files, path: Path): Value | undefined {
  const { said } = read(files);
  if (path.length !== 1) return at(said[holder(files, path) ?? ''], path);
  const found = Object.values(said).flatMap((value) => at(value, path) ?? []);
  const maps = found.filter(isEntries);
  return maps.length === 0 ? found[0] : (Object.assign({}, ...maps) as Entries);
}

/** The keys of a map, in the order in which they are written. */
export function keys(files: Files, path: Path): readonly string[] {
  if (path.length !== 1) {
    const file = holder(files, path);
    return file === undefined ? [] : keysOf(at(read(files).said[file], path));
  }
  return Object.values(read(files).said).flatMap((value) => keysOf(at(value, path)));
}

const keysOf = (value: Value | undefined): readonly string[] => (isEntries(value) ? Object.keys(value) : []);

export interface Where {
  readonly file: string;
  /** Of the key and its value, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** From 1. */
  readonly line: number;
}

/** Where something is written. */
export function where(files: Files, path: Path): Where | undefined {
  const file = holder(files, path);
  if (file === undefined) return undefined;
  const parsed = parse(files[file] ?? '', file);
  const found = way(parsed, path);
  const part = found.at(-1);
  if (!part || found.length < path.length) return undefined;
  const line = parsed.text.slice(0, lineStart(parsed.text, part.start)).split('\n').length;
  return { file, from: part.start, to: part.end, line };
}

/** Writes a value: of a map or list, what differs from what is written. Maps on the way are made. */
export function set(files: Files, path: Path, value: Value): Files {
  const file = holder(files, path) ?? (path.length > 2 ? held(files, path) : home(files, String(path[0]), String(path[1] ?? '')));
  return write(files, file, path, value);
}

const write = (files: Files, file: string, path: Path, value: Value): Files =>
  edited(
    files,
    file,
    (draft) => draft.within(path, () => draft.set(path, value)),
    (before) => changed(before, path, () => value),
  );

/** A new named thing of a section, where most of that section is. */
export function add(files: Files, section: string, key: string, value: Value): Files {
  return create(files, home(files, section, key), [section, key], value);
}

/** A new named thing in a file that is named, and made if there is none. */
export function create(files: Files, file: string, path: Path, value: Value): Files {
  if (holder(files, path) !== undefined) throw new EditError('DUPLICATE_NAME', `there is a ${path.slice(0, 2).join(' ')} already`);
  return write(files, file, path, value);
}

/** Puts an item into a list. */
export function insert(files: Files, path: Path, index: number, value: Value): Files {
  const into = (found: Value | undefined): Value => {
    const items = isList(found) ? found : [];
    return [...items.slice(0, index), value, ...items.slice(index)];
  };
  return edited(
    files,
    held(files, path),
    (draft) => draft.within(path, () => draft.insert(path, index, value)),
    (before) => changed(before, path, into),
  );
}

/** Takes an entry of a map or an item of a list away. Comments stay. */
export function remove(files: Files, path: Path): Files {
  const whole = (before: Value): Value => {
    const rest = without(before, path);
    return path.length === 1 && isEntries(rest) && Object.keys(rest).length === 0 ? null : rest;
  };
  return edited(files, held(files, path), (draft) => draft.remove(path), whole);
}

/** Gives a key another name, in its place. Where it is used, it stays: `renameNamed` follows. */
export function rename(files: Files, path: Path, key: string): Files {
  const last = path.at(-1);
  const entries = at(get(files, path.slice(0, 2)), path.slice(2, -1));
  const isTaken =
    path.length === 2 ? get(files, [path[0] as string, key]) !== undefined : isEntries(entries) && Object.hasOwn(entries, key);
  if (isTaken && key !== last) throw new EditError('DUPLICATE_NAME', `there is a ${key} already`);
  const other = (found: Value | undefined): Value =>
    Object.fromEntries(Object.entries((found ?? {}) as Entries).map(([name, value]) => [name === last ? key : name, value]));
  return edited(
    files,
    held(files, path),
    (draft) => draft.rename(path, key),
    (before) => changed(before, path.slice(0, -1), other),
  );
}

/** Puts an item of a list elsewhere, with the comments above it. */
export function move(files: Files, path: Path, from: number, to: number): Files {
  const order = (found: Value | undefined): Value => {
    const items = isList(found) ? [...found] : [];
    items.splice(to, 0, ...items.splice(from, 1));
    return items;
  };
  return edited(
    files,
    held(files, path),
    (draft) => draft.move(path, from, to),
    (before) => changed(before, path, order),
  );
}
