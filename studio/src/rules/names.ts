/** Where the names of a ruleset are used. */

import type { Files } from '../shell/session.js';
import { edited, held, read } from './files.js';
import { at, changed, EditError, type Entries, isEntries, isList, type Path, type Value } from './value.js';

export type Section = 'segments' | 'flags' | 'experiments' | 'lists' | 'layers' | 'holdouts' | 'metrics' | 'attributes' | 'units';

/** A use: the text at a path, or the key that is its last step. */
interface Use {
  readonly file: string;
  readonly path: Path;
  readonly isKey: boolean;
}

/** What holds anything, and no names. */
const ANYTHING = new Set(['meta', 'metadata', 'variants', 'description', 'title']);
/** Keys of conditions that are no attributes. */
const WORDS = new Set(['all', 'any', 'not', 'segment', 'list', 'flag', 'share', 'if']);

/** Where a name of a section is used; not where it is declared. */
export const uses = (files: Files, section: Section, key: string): readonly Path[] => found(files, section, key).map(({ path }) => path);

function found(files: Files, section: Section, key: string): readonly Use[] {
  const uses: Use[] = [];
  for (const [file, value] of Object.entries(read(files).said))
    walk(value, [], section, key, (path, isKey) => uses.push({ file, path, isKey }));
  return uses;
}

function walk(value: Value, path: Path, section: Section, name: string, tell: (path: Path, isKey: boolean) => void): void {
  if (isList(value)) {
    value.forEach((item, index) => {
      if (item === name && isNameAt(section, path)) tell([...path, index], false);
      walk(item, [...path, index], section, name, tell);
    });
  } else if (isEntries(value)) {
    for (const [key, inner] of Object.entries(value)) {
      const here = [...path, key];
      if (key === name && isKeyAt(section, path)) tell(here, true);
      if (inner === name && isNameAt(section, here)) tell(here, false);
      if (!ANYTHING.has(key) || path.length < 2) walk(inner, here, section, name, tell);
    }
  }
}

/** Whether a text at a path, or in the list there, is a name of a section. */
function isNameAt(section: Section, path: Path): boolean {
  const [first, , third] = path;
  const last = path.filter((step) => typeof step === 'string').at(-1);
  if (path.length < 3) return false;
  switch (section) {
    case 'segments':
      return last === 'segment';
    case 'lists':
      return last === 'list';
    case 'experiments':
      return last === 'experiment' && first === 'flags';
    case 'holdouts':
      return last === 'holdout' && first === 'flags';
    case 'units':
      return last === 'unit' || (last === 'of' && path.includes('share'));
    case 'attributes':
      return (last === 'attribute' && (first === 'units' || first === 'lists')) || (last === 'breakdown' && first === 'experiments');
    case 'metrics':
      return (
        (third === 'metrics' && (last === 'metrics' || last === 'primary' || last === 'secondary')) ||
        (first === 'metrics' && last === 'ratio')
      );
    default:
      return false;
  }
}

/** Whether a key of the map at a path is a name of a section. */
function isKeyAt(section: Section, path: Path): boolean {
  const [first] = path;
  const last = path.filter((step) => typeof step === 'string').at(-1);
  switch (section) {
    case 'flags':
      return path.length > 1 && (last === 'flag' || (last === 'requires' && first === 'flags'));
    case 'layers':
      return first === 'experiments' && last === 'layer';
    case 'metrics':
      return last === 'guardrails' || (last === 'guard' && first === 'flags');
    case 'units':
      return first === 'flags' && path.length > 3 && path.at(-2) === 'targets';
    case 'attributes':
      return isCondition(path);
    default:
      return false;
  }
}

/** Whether a map at a path is a condition. */
function isCondition(path: Path): boolean {
  const [first] = path;
  const words = path.filter((step) => typeof step === 'string');
  const start = first === 'segments' ? 2 : words.findIndex((word, index) => index > 1 && /^(?:if|needs|except)$/.test(word)) + 1;
  if (start === 0 || words.length < start) return false;
  const inner = words.slice(start);
  return inner.every((word) => WORDS.has(word) && !/^(?:segment|list|flag|share)$/.test(word));
}

/** Gives a named thing another name, and follows wherever it is used. */
export function renameNamed(files: Files, section: Section, from: string, to: string): Files {
  if (from === to) return files;
  const { said } = read(files);
  if (Object.values(said).some((value) => at(value, [section, to]) !== undefined)) {
    throw new EditError('DUPLICATE_NAME', `there is a ${to} in ${section} already`);
  }
  const declared: Use = { file: held(files, [section, from]), path: [section, from], isKey: true };
  const all = [...found(files, section, from), declared];
  let next = files;
  for (const file of new Set(all.map((use) => use.file))) {
    // What is deeper comes first: the way to it has its old names.
    const own = all.filter((use) => use.file === file).sort((one, other) => other.path.length - one.path.length);
    next = edited(
      next,
      file,
      (draft) => {
        for (const { path, isKey } of own) {
          if (isKey) draft.rename(path, to);
          else draft.set(path, to);
        }
      },
      (before) => own.reduce((value, use) => after(value, use, to), before),
    );
  }
  return next;
}

const after = (value: Value, { path, isKey }: Use, to: string): Value =>
  isKey
    ? changed(value, path.slice(0, -1), (map) =>
        Object.fromEntries(Object.entries((map ?? {}) as Entries).map(([name, inner]) => [name === path.at(-1) ? to : name, inner])),
      )
    : changed(value, path, () => to);
