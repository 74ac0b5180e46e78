/** A condition as a tree, for people to edit. How it decides is the compiler's matter. */

import type { Files } from '../shell/session.js';
import { get, set } from './rules.js';
import { type Entries, equal, isEntries, isList, type Path, type Value } from './value.js';

export type Condition =
  | {
      readonly kind: 'all' | 'any';
      readonly parts: readonly Condition[];
      /** As entries side by side, `{ plan: ..., orders: ... }`, which all have to hold. */
      readonly written?: 'map';
    }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'test'; readonly attribute: string; readonly operator: string; readonly operand: Value }
  | { readonly kind: 'segment' | 'list'; readonly name: string }
  | { readonly kind: 'flag'; readonly flag: string; readonly variants: Value }
  | { readonly kind: 'share'; readonly share: Value }
  /** Something that this page does not know. It stays as it is. */
  | { readonly kind: 'other'; readonly value: Value };

/** The tree of a condition. Parts of a map are on one level: one for each operator of an attribute, and for each flag. */
export function read(value: Value | undefined): Condition {
  if (value === undefined) return { kind: 'all', parts: [], written: 'map' };
  if (!isEntries(value)) return { kind: 'other', value };
  const parts = Object.entries(value).flatMap(([key, inner]) => entryParts(key, inner));
  const [part] = parts;
  return parts.length === 1 && part ? part : { kind: 'all', parts, written: 'map' };
}

function entryParts(key: string, value: Value): readonly Condition[] {
  const other: Condition = { kind: 'other', value: { [key]: value } };
  const each = (of: (name: string, inner: Value) => Condition): readonly Condition[] =>
    isEntries(value) && Object.keys(value).length > 0 ? Object.entries(value).map(([name, inner]) => of(name, inner)) : [other];
  switch (key) {
    case 'all':
    case 'any':
      return [isList(value) ? { kind: key, parts: value.map(read) } : other];
    case 'not':
      return [isEntries(value) ? { kind: 'not', part: read(value) } : other];
    case 'segment':
    case 'list':
      return [typeof value === 'string' ? { kind: key, name: value } : other];
    case 'flag':
      return each((flag, variants) => ({ kind: 'flag', flag, variants }));
    case 'share':
      return [{ kind: 'share', share: value }];
    default:
      return each((operator, operand) => ({ kind: 'test', attribute: key, operator, operand }));
  }
}

/** A condition as it is written. `write(read(value))` equals `value`. */
export function write(condition: Condition): Value {
  switch (condition.kind) {
    case 'all':
      return condition.written === 'map'
        ? (sideBySide(condition.parts) ?? { all: condition.parts.map(write) })
        : { all: condition.parts.map(write) };
    case 'any':
      return { any: condition.parts.map(write) };
    case 'not':
      return { not: write(condition.part) };
    case 'test':
      return { [condition.attribute]: { [condition.operator]: condition.operand } };
    case 'segment':
    case 'list':
      return { [condition.kind]: condition.name };
    case 'flag':
      return { flag: { [condition.flag]: condition.variants } };
    case 'share':
      return { share: condition.share };
    case 'other':
      return condition.value;
  }
}

/** Parts as entries of one map; undefined if two of them would have one key. */
function sideBySide(parts: readonly Condition[]): Value | undefined {
  const entries: Record<string, Value> = {};
  for (const part of parts) {
    const written = write(part);
    if (!isEntries(written)) return undefined;
    for (const [key, value] of Object.entries(written)) {
      const old = Object.hasOwn(entries, key) ? entries[key] : undefined;
      const isMerged = part.kind === 'test' || part.kind === 'flag';
      if (old === undefined) entries[key] = value;
      else if (isMerged && isEntries(old) && isEntries(value) && !Object.keys(value).some((name) => Object.hasOwn(old, name))) {
        entries[key] = { ...old, ...value } as Entries;
      } else return undefined;
    }
  }
  return entries;
}

/** Where the condition of something is written: a segment has it itself, or as its `if`. */
export function conditionPath(files: Files, path: Path): Path {
  const value = get(files, path);
  const isLong = path.length === 2 && path[0] === 'segments' && isEntries(value) && Object.hasOwn(value, 'if');
  return isLong ? [...path, 'if'] : path;
}

/** The condition of a segment, or at a path: a rule's `if`, a flag's `needs`, a holdout's `except`. */
export const conditionOf = (files: Files, path: Path): Condition => read(get(files, conditionPath(files, path)));

/** Writes a condition. One that holds for everybody is not written at all, where that is allowed. */
export function setCondition(files: Files, path: Path, condition: Condition): Files {
  const value = write(condition);
  const to = conditionPath(files, path);
  return equal(get(files, to), value) ? files : set(files, to, value);
}
