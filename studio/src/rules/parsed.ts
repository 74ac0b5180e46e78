/** A file of a ruleset with the places of all that is in it. */

import { type CST, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { EditError, type Path, type Value } from './value.js';
import type { Quotes, Style } from './written.js';

export interface Parsed {
  readonly text: string;
  readonly style: Style;
  readonly root: Node | null;
  /** What it says. */
  readonly value: Value;
}

/** An entry of a map, or an item of a list. */
export interface Part {
  readonly holder: YAMLMap | YAMLSeq;
  readonly index: number;
  /** Of an entry, as it is written. */
  readonly key?: Node;
  readonly node: Node | null;
  /** Where its key or its dash begins; in braces, itself. */
  readonly start: number;
  /** Behind the colon or the dash; without one, where the value begins. */
  readonly mark: number;
  /** Where its value begins, or `mark` if nothing is written. */
  readonly from: number;
  /** Where what is written of it ends, without comments behind it. */
  readonly end: number;
}

/** Trees are for files that are being edited; what files say is small, and asked for all the time. */
const KEPT = 8;
const kept = new Map<string, Parsed>();
const VALUES = 4_096;
const values = new Map<string, Value | EditError>();

/** What a file says; or why it says nothing. */
export function said(text: string, file: string): Value | EditError {
  const name = `${file}\0${text}`;
  const known = values.get(name);
  if (known !== undefined) return known;
  let value: Value | EditError;
  try {
    ({ value } = parse(text, file));
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    value = error;
  }
  if (values.size >= VALUES) for (const first of values.keys()) if (values.delete(first)) break;
  values.set(name, value);
  return value;
}

/** Reads a file. Throws `SYNTAX` if it is no YAML, and `CANNOT_EDIT` if it uses what rulesets have no use for. */
export function parse(text: string, file: string): Parsed {
  const name = `${file}\0${text}`;
  const known = kept.get(name);
  if (known) return known;
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false, version: '1.2', merge: false });
  const [error] = document.errors;
  if (error) throw new EditError('SYNTAX', `${file}: ${error.message}`, file);
  const root = document.contents as Node | null;
  const step = /\n( {1,8})[^\s#-]/.exec(text)?.[1]?.length ?? 2;
  const style: Style = { json: file.endsWith('.json'), step, end: text.includes('\r\n') ? '\r\n' : '\n' };
  const parsed: Parsed = { text, style, root: root && isWritten(root) ? root : null, value: plain(root, file) };
  if (kept.size >= KEPT) for (const first of kept.keys()) if (kept.delete(first)) break;
  kept.set(name, parsed);
  return parsed;
}

const isWritten = (node: Node | null | undefined): node is Node =>
  !!node && !(isScalar(node) && node.type === 'PLAIN' && node.source === '');
const range = (node: Node): readonly [number, number, number] => node.range ?? [0, 0, 0];

/** A key as text: `404` and `true` are names, too. */
export function keyText(key: unknown, file = ''): string {
  if (!isScalar(key)) throw new EditError('CANNOT_EDIT', `${file}: a key is a list or a map`, file);
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
}

function plain(node: unknown, file: string): Value {
  if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [keyText(key, file), plain(value, file)]));
  if (isSeq(node)) return node.items.map((item) => plain(item, file));
  if (isScalar(node)) return node.value as Value;
  if (isAlias(node)) throw new EditError('CANNOT_EDIT', `${file}: rulesets have no anchors and aliases`, file);
  return null;
}

/** The parts of a list or map, in the order in which they are written. */
export function parts(holder: Node | null): readonly Part[] {
  if (isMap(holder)) return holder.items.map((pair, index) => entryPart(holder as YAMLMap, pair as Pair<Node, Node | null>, index));
  if (!isSeq(holder)) return [];
  const dashes = holder.flow ? [] : dashesOf(holder as YAMLSeq);
  return holder.items.map((item, index) => {
    const node = item as Node | null;
    const dash = dashes[index];
    const [begin] = node ? range(node) : [0];
    const mark = dash === undefined ? begin : dash + 1;
    const from = isWritten(node) ? begin : mark;
    return { holder: holder as YAMLSeq, index, node, start: dash ?? begin, mark, from, end: isWritten(node) ? endOf(node) : mark };
  });
}

function entryPart(holder: YAMLMap, pair: Pair<Node, Node | null>, index: number): Part {
  const { key, value } = pair;
  const [start, keyEnd] = range(key);
  const colon = (pair.srcToken as CST.CollectionItem | undefined)?.sep?.find(({ type }) => type === 'map-value-ind');
  const mark = colon ? colon.offset + 1 : keyEnd;
  const from = isWritten(value) ? range(value)[0] : mark;
  return { holder, index, key, node: value, start, mark, from, end: isWritten(value) ? endOf(value) : mark };
}

const dashesOf = (list: YAMLSeq): readonly number[] =>
  (list.srcToken as CST.BlockSequence).items.flatMap(({ start }) =>
    start.filter(({ type }) => type === 'seq-item-ind').map(({ offset }) => offset),
  );

/** Where what is written of a node ends: of a block, with its last part. */
function endOf(node: Node): number {
  const [, end] = range(node);
  if (isBlock(node)) return parts(node).at(-1)?.end ?? end;
  if (isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'))
    return (node.srcToken as CST.BlockScalar | undefined)?.source.endsWith('\n') ? end - 1 : end;
  return end;
}

/** Whether it is a list or map on lines of its own. */
export const isBlock = (node: Node | null): node is YAMLMap | YAMLSeq => (isMap(node) || isSeq(node)) && !node.flow;

/** The part at a path, and those on the way to it; fewer, if some is not written. */
export function way({ root }: Parsed, path: Path): readonly Part[] {
  const found: Part[] = [];
  let node = root;
  for (const step of path) {
    const part = parts(node).find(({ key, index }) => (typeof step === 'number' ? !key && index === step : key && keyText(key) === step));
    if (!part) break;
    found.push(part);
    node = part.node;
  }
  return found;
}

/** The quotes of a scalar. */
export function quotes(node: Node | null): Quotes {
  if (!isScalar(node)) return undefined;
  return node.type === 'QUOTE_SINGLE' ? 'single' : node.type === 'QUOTE_DOUBLE' ? 'double' : undefined;
}

export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;
/** Behind the line's break; of the last line, the text's end. */
export function nextLine(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found + 1;
}
/** How many characters are before it on its line. */
export const column = (text: string, at: number): number => at - lineStart(text, at);
/** Whether only white space is before it on its line. */
export const isFirst = (text: string, at: number): boolean => text.slice(lineStart(text, at), at).trim() === '';
