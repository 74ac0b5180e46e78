/** What is in a ruleset's text, apart from how it is written. */

/** As YAML's core schema reads it: dates, durations, `5%`, `on` and `off` are texts. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type Entries = { readonly [key: string]: Value };

/** From the top of a file: `['flags', 'banner', 'rules', 0, 'serve']`. */
export type Path = readonly (string | number)[];

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
export const isEntries = (value: Value | undefined): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether both say the same. In which order a map's entries are written makes no difference. */
export function equal(one: Value | undefined, other: Value | undefined): boolean {
  if (isList(one)) return isList(other) && one.length === other.length && one.every((item, index) => equal(item, other[index]));
  if (!isEntries(one)) return Object.is(one, other);
  if (!isEntries(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && equal(one[key], other[key]));
}

/** What is at a path; undefined if nothing is. */
export function at(value: Value | undefined, path: Path): Value | undefined {
  let found = value;
  for (const step of path) {
    if (isList(found) && typeof step === 'number') found = found[step];
    else if (isEntries(found) && typeof step === 'string' && Object.hasOwn(found, step)) found = found[step];
    else return undefined;
  }
  return found;
}

/** A copy in which `change` was made to the list or map at a path. Maps on the way are made. */
export function changed(value: Value | undefined, path: Path, change: (found: Value | undefined) => Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (typeof step === 'number') {
    const items = isList(value) ? [...value] : [];
    items[step] = changed(items[step], rest, change);
    return items;
  }
  const entries = isEntries(value) ? value : {};
  const inner = changed(Object.hasOwn(entries, step) ? entries[step] : undefined, rest, change);
  return Object.fromEntries([...Object.entries(entries).filter(([key]) => key !== step), [step, inner]]);
}

export type EditCode = 'SYNTAX' | 'NOT_FOUND' | 'DUPLICATE_NAME' | 'NOT_A_MAP' | 'NOT_A_LIST' | 'CANNOT_EDIT';

const REMEDIES: Readonly<Record<EditCode, string>> = {
  SYNTAX: 'mend the text of the file first: what is wrong is marked there',
  NOT_FOUND: 'look for it in the text: it may have been renamed or removed',
  DUPLICATE_NAME: 'choose another name',
  NOT_A_MAP: 'edit the text of the file',
  NOT_A_LIST: 'edit the text of the file',
  CANNOT_EDIT: 'edit the text of the file',
};

/** Why something was not edited. The text is as it was. */
export class EditError extends Error {
  readonly remedy: string;
  constructor(
    readonly code: EditCode,
    message: string,
    readonly file?: string,
  ) {
    super(message);
    this.name = 'EditError';
    this.remedy = REMEDIES[code];
  }
}
