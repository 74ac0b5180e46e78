/** Another value for a part of a file: what differs is written, the rest stays as it is. */

import { isMap, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { column, keyText, type Part, type Parsed, parse, parts, way } from './parsed.js';
import { add, apply, lineAfter, moved, remove, renamed, replace, type Splice } from './splices.js';
import { at, changed, EditError, type Entries, equal, isEntries, isList, type Path, type Value } from './value.js';
import { entry, flow } from './written.js';

/** A line longer than this is written anew, on several. */
const LONG = 140;
/** Past so many changes a list is written anew: each takes reading the file again. */
const MANY = 20;

/** A text that is edited step by step. */
export class Draft {
  readonly #before: Value;
  constructor(
    readonly file: string,
    public text: string,
  ) {
    this.#before = this.parsed.value;
  }

  get parsed(): Parsed {
    return parse(this.text, this.file);
  }

  get(path: Path): Value | undefined {
    return at(this.parsed.value, path);
  }

  /** The text, once it is sure that it says what it said before, but for what was to be changed. */
  done(expected: (before: Value) => Value): string {
    try {
      if (equal(this.parsed.value, expected(this.#before))) return this.text;
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
    }
    throw new EditError('CANNOT_EDIT', `${this.file}: the text is written in a way that cannot be edited here`, this.file);
  }

  apply(splices: readonly Splice[]): void {
    this.text = apply(this.text, splices);
  }

  part(path: Path): Part {
    const found = way(this.parsed, path);
    const part = found.at(-1);
    if (!part || found.length < path.length) throw new EditError('NOT_FOUND', `${this.file}: nothing at ${path.join('.')}`, this.file);
    return part;
  }

  /** Writes what differs. */
  set(path: Path, value: Value): void {
    const found = way(this.parsed, path);
    if (found.length < path.length) return this.#make(path, found, value);
    const old = this.get(path);
    if (old === undefined || equal(old, value)) return;
    const isSame = (isEntries(old) && isEntries(value)) || (isList(old) && isList(value));
    if (!isSame || Object.keys(old as object).length === 0 || Object.keys(value as object).length === 0) {
      this.apply(replace(this.parsed, this.part(path), value));
    } else if (isEntries(old) && isEntries(value)) this.#entries(path, old, value);
    else if (isList(old) && isList(value)) this.#items(path, old, value);
  }

  /** Does some work in a file; braces that become too long by it go onto lines of their own. */
  within(path: Path, work: () => void): void {
    const before = this.#line(path)?.length ?? 0;
    work();
    const line = this.#line(path);
    if (line && line.length > Math.max(LONG, before)) this.apply(replace(this.parsed, line.part, this.get(line.path) as Value));
  }

  /** The line of the outermost braces that a path is in, if it is one. */
  #line(path: Path): { readonly part: Part; readonly path: Path; readonly length: number } | undefined {
    const found = way(this.parsed, path);
    const depth = found.findIndex(({ node, holder }) => (isMap(node) || isSeq(node)) && node.flow && !holder.flow);
    const part = found[depth];
    const { text } = this.parsed;
    if (!part || text.slice(part.start, part.end).includes('\n')) return undefined;
    return { part, path: path.slice(0, depth + 1), length: column(text, part.end) };
  }

  #make(path: Path, found: readonly Part[], value: Value): void {
    const near = path.slice(0, found.length);
    const [step, ...rest] = path.slice(found.length);
    if (step === undefined) return;
    for (const inner of rest) {
      if (typeof inner === 'number') throw new EditError('NOT_FOUND', `${this.file}: nothing at ${path.join('.')}`, this.file);
    }
    const made = rest.reduceRight<Value>((inner, name) => ({ [name]: inner }), value);
    if (typeof step === 'number') this.insert(near, step, made);
    else this.enter(near, step, made);
  }

  /** A new entry of the map at a path, which takes its usual place. */
  enter(path: Path, name: string, value: Value, before?: number): void {
    const { root, text, style } = this.parsed;
    const holder = path.length === 0 ? root : this.part(path).node;
    const old = path.length === 0 ? this.parsed.value : this.get(path);
    if (path.length === 0 && !root) {
      this.apply([
        lineAfter(
          this.parsed,
          text.length,
          style.json ? flow({ [name]: value }, style) : entry(name, value, 0, style, opened(path, name, value)),
        ),
      ]);
    } else if (old === null || (isEntries(old) && Object.keys(old).length === 0)) {
      if (path.length === 0) this.apply([{ from: root?.range?.[0] ?? 0, to: root?.range?.[1] ?? 0, text: flow({ [name]: value }, style) }]);
      else this.apply(replace(this.parsed, this.part(path), { [name]: value }));
    } else if (!isMap(holder) || !isEntries(old)) {
      throw new EditError('NOT_A_MAP', `${this.file}: ${path.join('.')} is no map`, this.file);
    } else {
      const index = usualPlace(path, Object.keys(old), name) ?? before ?? Object.keys(old).length;
      this.apply(add(this.parsed, holder as YAMLMap, index, value, name, opened(path, name, value)));
    }
  }

  #entries(path: Path, old: Entries, value: Entries): void {
    const gone = Object.keys(old).filter((name) => !Object.hasOwn(value, name));
    const come = Object.keys(value).filter((name) => !Object.hasOwn(old, name));
    for (const name of [...gone]) {
      const same = come.find((other) => equal(value[other], old[name])) ?? (gone.length === 1 && come.length === 1 ? come[0] : undefined);
      if (same === undefined) continue;
      this.apply(renamed(this.parsed, this.part([...path, name]), same));
      gone.splice(gone.indexOf(name), 1);
      come.splice(come.indexOf(same), 1);
    }
    const names = Object.keys(value);
    for (const name of names) {
      if (!come.includes(name)) {
        this.set([...path, name], value[name] as Value);
        continue;
      }
      const before = names[names.indexOf(name) - 1];
      const node = this.part(path).node;
      const index = before === undefined ? 0 : parts(node).findIndex(({ key }) => keyText(key) === before) + 1;
      this.enter(path, name, value[name] as Value, index);
    }
    for (const name of gone) this.apply(remove(this.parsed, this.part([...path, name])));
  }

  #items(path: Path, old: readonly Value[], value: readonly Value[]): void {
    const steps = compare(old, value);
    if (steps === undefined || steps.length > MANY) return this.apply(replace(this.parsed, this.part(path), value));
    // From the end, so that places before stay. What is added comes first: a list is never left empty on the way.
    for (const { index, count, items } of steps.reverse()) {
      for (let more = count; more < items.length; more++)
        this.insert(path, index + count, items[items.length - 1 - (more - count)] as Value);
      for (let less = count - 1; less >= items.length; less--) this.apply(remove(this.parsed, this.part([...path, index + less])));
      for (let same = 0; same < Math.min(count, items.length); same++) this.set([...path, index + same], items[same] as Value);
    }
  }

  insert(path: Path, index: number, value: Value): void {
    const old = this.get(path);
    if (old === undefined || old === null) return this.set(path, [value]);
    if (!isList(old)) throw new EditError('NOT_A_LIST', `${this.file}: ${path.join('.')} is no list`, this.file);
    if (index < 0 || index > old.length)
      throw new EditError('NOT_FOUND', `${this.file}: ${path.join('.')} has ${old.length} items`, this.file);
    const part = this.part(path);
    if (old.length === 0) this.apply(replace(this.parsed, part, [value]));
    else this.apply(add(this.parsed, part.node as YAMLSeq, index, value));
  }

  remove(path: Path): void {
    const part = this.part(path);
    if (parts(part.holder).length > 1) return this.apply(remove(this.parsed, part));
    const empty = isSeq(part.holder) ? [] : {};
    if (path.length > 1) return this.apply(replace(this.parsed, this.part(path.slice(0, -1)), empty));
    const { from, to } = { from: part.start, to: part.end };
    this.apply(part.holder.flow ? [{ from, to, text: '' }] : remove(this.parsed, part));
  }

  rename(path: Path, name: string): void {
    this.apply(renamed(this.parsed, this.part(path), name));
  }

  move(path: Path, from: number, to: number): void {
    const { node } = this.part(path);
    if (!isSeq(node)) throw new EditError('NOT_A_LIST', `${this.file}: ${path.join('.')} is no list`, this.file);
    const splices = moved(this.parsed, node as YAMLSeq, from, to);
    if (splices) return this.apply(splices);
    const item = this.get([...path, from]) as Value;
    this.insert(path, to > from ? to + 1 : to, item);
    this.apply(remove(this.parsed, this.part([...path, to > from ? from : from + 1])));
  }
}

/** How many levels of something new are on lines of their own, even if they fit on one: flags are read by their fields. */
function opened([section]: Path, name: string, value: Value): number {
  const isLong = /^(?:flags|experiments)$/.test(String(section ?? name)) || (isEntries(value) && Object.hasOwn(value, 'if'));
  return (section === undefined ? 1 : 0) + (isLong ? 1 : 0);
}

const FLAG = 'type title description meta metadata enabled needs variants whenOff requires targets holdout rules default in'.split(' ');
const RULE = 'id description from to if onUnknown serve experiment ramp paused unit salt guard steps'.split(' ');
const PHASE = 'id from to coverage split ended description'.split(' ');
const STEP = 'to after units at'.split(' ');
const EXPERIMENT = 'meta description unit layer salt correlate sticky breakdown metrics plan phases'.split(' ');
const SEGMENT = 'title description if'.split(' ');

/** Where people look for a field of a flag, a rule and the like: behind those that come before it. Undefined where there is no such order. */
function usualPlace(path: Path, names: readonly string[], name: string): number | undefined {
  const order = orderOf(path);
  const place = order.indexOf(name);
  if (place < 0) return undefined;
  return names.reduce((found, other, index) => (order.indexOf(other) < place ? index + 1 : found), 0);
}

function orderOf(path: Path): readonly string[] {
  const within = path.at(-2);
  if (typeof path.at(-1) === 'number') return within === 'rules' ? RULE : within === 'phases' ? PHASE : within === 'steps' ? STEP : [];
  if (path.length !== 2) return [];
  return within === 'flags' ? FLAG : within === 'experiments' ? EXPERIMENT : within === 'segments' ? SEGMENT : [];
}

interface Step {
  readonly index: number;
  readonly count: number;
  readonly items: readonly Value[];
}

/** What is between the items that both have, in order (longest common subsequence); undefined if that takes too long. */
function compare(old: readonly Value[], value: readonly Value[]): Step[] | undefined {
  let start = 0;
  while (start < Math.min(old.length, value.length) && equal(old[start], value[start])) start++;
  let end = 0;
  while (end < Math.min(old.length, value.length) - start && equal(old.at(-1 - end), value.at(-1 - end))) end++;
  const [left, right] = [old.slice(start, old.length - end), value.slice(start, value.length - end)];
  if (left.length * right.length > 100_000) return undefined;
  const lengths = left.map(() => new Array<number>(right.length + 1).fill(0));
  const length = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    const row = lengths[i] as number[];
    for (let j = right.length - 1; j >= 0; j--) {
      row[j] = equal(left[i], right[j]) ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [fromI, fromJ] = [i, j];
    while ((i < left.length || j < right.length) && !(i < left.length && j < right.length && equal(left[i], right[j]))) {
      if (i < left.length && (j >= right.length || length(i + 1, j) >= length(i, j + 1))) i++;
      else j++;
    }
    if (i > fromI || j > fromJ) steps.push({ index: start + fromI, count: i - fromI, items: right.slice(fromJ, j) });
    else {
      i++;
      j++;
    }
  }
  return steps;
}

/** What a map or list is after a part of it was taken away. */
export const without = (value: Value, path: Path): Value =>
  changed(value, path.slice(0, -1), (found) => {
    const last = path.at(-1);
    if (isList(found)) return found.filter((_, index) => index !== last);
    return Object.fromEntries(Object.entries((found ?? {}) as Entries).filter(([name]) => name !== last));
  });
