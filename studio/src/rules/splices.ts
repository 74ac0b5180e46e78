/** Changes of one part of a file's text. Each touches the lines of that part alone. */

import { isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { column, isBlock, isFirst, lineStart, nextLine, type Part, type Parsed, parts, quotes } from './parsed.js';
import type { Value } from './value.js';
import { block, entry, fits, flow, key, scalar } from './written.js';

/** What replaces a stretch of text. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export const apply = (text: string, splices: readonly Splice[]): string =>
  [...splices]
    .sort((one, other) => other.from - one.from)
    .reduce((now, { from, to, text: put }) => now.slice(0, from) + put + now.slice(to), text);

const isInBraces = ({ holder }: Part): boolean => holder.flow === true;
const isItem = ({ holder }: Part): boolean => isSeq(holder);

/** Puts another value in the place of a part's. */
export function replace({ text, style }: Parsed, part: Part, value: Value): Splice[] {
  const { node, mark, from, end } = part;
  const isScalarNow = typeof value !== 'object' || value === null;
  const line = isScalarNow ? scalar(value, style, typeof value === 'string' ? quotes(node) : undefined) : flow(value, style);
  const gap = end > from ? '' : /[:-]/.test(text[mark - 1] ?? '') ? ' ' : ': ';
  if (isInBraces(part)) return [{ from, to: end, text: gap + line }];

  const keeps = isScalarNow || fits(value, column(text, isBlock(node) ? mark + 1 : from), style);
  if (isItem(part)) {
    const indent = column(text, part.start) + 2;
    return [{ from: mark, to: end, text: ` ${keeps ? line : block(value, indent, style)}` }];
  }
  const indent = column(text, part.start) + style.step;
  const below = style.end + ' '.repeat(indent) + (keeps ? '' : block(value, indent, style));
  if (!isBlock(node)) {
    const isLong = node?.range && text.slice(mark, end).includes('\n');
    if (keeps && !isLong) return [{ from, to: end, text: gap + line }];
    return [{ from: mark, to: end, text: keeps ? ` ${line}` : below }];
  }
  // Lines of the old value go; comments above them stay.
  const first = lineStart(text, from);
  const put = keeps ? [{ from: mark, to: mark, text: ` ${line}` }] : [];
  const rest = keeps ? '' : below.slice(style.end.length) + text.slice(end, nextLine(text, end));
  return [...put, { from: first, to: nextLine(text, end), text: rest }];
}

/** Gives an entry another name. */
export const renamed = ({ style }: Parsed, part: Part, name: string): Splice[] => {
  const [from, to] = part.key?.range ?? [part.start, part.start];
  return [{ from, to, text: key(name, style) }];
};

/** Writes a new part of a list or map that has parts already, before the one at `index`. An entry has a `name`. */
export function add(parsed: Parsed, holder: YAMLMap | YAMLSeq, index: number, value: Value, name?: string, open = 0): Splice[] {
  const { text, style } = parsed;
  const all = parts(holder);
  if (holder.flow) {
    const written = name === undefined ? flow(value, style) : `${key(name, style)}: ${flow(value, style)}`;
    return addInBraces(parsed, holder, all, index, written);
  }
  const first = all[0];
  const indent = first ? column(text, first.start) : 0;
  const margin = ' '.repeat(indent);
  const below = (): string => (fits(value, indent + 2, style) ? flow(value, style) : block(value, indent + 2, style));
  const written = name === undefined ? `- ${below()}` : entry(name, value, indent, style, open);
  const before = all[index - 1];
  // Where parts are set apart by an empty line, so is this one.
  const above = all[index - 2];
  const isApart = before && above && /\n[ \t]*\r?\n/.test(text.slice(above.end, before.start));
  if (before) return [lineAfter(parsed, before.end, (isApart ? style.end : '') + margin + written)];
  if (!first) return [];
  if (!isFirst(text, first.start)) return [{ from: first.start, to: first.start, text: written + style.end + margin }];
  // Comments above the first part are its own.
  const line = commentsAbove(text, first.start);
  return [{ from: line, to: line, text: margin + written + style.end }];
}

/** A line of its own below the line where something ends. */
export function lineAfter({ text, style }: Parsed, end: number, line: string): Splice {
  const next = nextLine(text, end);
  const isOpen = next === text.length && next > 0 && text[next - 1] !== '\n';
  return { from: next, to: next, text: isOpen ? style.end + line : line + style.end };
}

/** Where the lines of comments begin that are directly above a line. */
function commentsAbove(text: string, at: number): number {
  let start = lineStart(text, at);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!/^[ \t]*#/.test(text.slice(above, start))) break;
    start = above;
  }
  return start;
}

const COMMA = /^(?:\s|(?:^|(?<=\s))#[^\n]*)*,/;
/** Behind the comma that follows a part in braces; undefined if none does. */
function comma(text: string, part: Part): number | undefined {
  const found = COMMA.exec(text.slice(part.end));
  return found ? part.end + found[0].length : undefined;
}

function addInBraces({ text, style }: Parsed, holder: Node, all: readonly Part[], index: number, written: string): Splice[] {
  const [first] = all;
  const [open = 0] = holder.range ?? [];
  // Each on its own line, if the first one is.
  const isLines = first !== undefined && text.slice(open, first.start).includes('\n');
  const margin = isLines ? style.end + ' '.repeat(column(text, first.start)) : ' ';
  const next = all[index];
  if (next) return [{ from: next.start, to: next.start, text: `${written},${margin}` }];
  const last = all.at(-1);
  if (!last) return [];
  const behind = comma(text, last);
  if (!isLines) return [{ from: last.end, to: last.end, text: `, ${written}` }];
  const [rest = ''] = /^[^\r\n]*/.exec(text.slice(behind ?? last.end)) ?? [];
  const lineEnd = (behind ?? last.end) + rest.length;
  // The bracket is on the same line: there is no comment to go past.
  if (!/^\s*(?:#.*)?$/.test(rest))
    return [{ from: behind ?? last.end, to: behind ?? last.end, text: `${behind ? '' : ','}${margin}${written}` }];
  const put = { from: lineEnd, to: lineEnd, text: `${margin}${written}${behind ? ',' : ''}` };
  if (behind) return [put];
  if (lineEnd === last.end) return [{ ...put, text: `,${put.text}` }];
  return [{ from: last.end, to: last.end, text: ',' }, put];
}

/** Takes a part away; of a list or map that has others. */
export function remove({ text }: Parsed, part: Part): Splice[] {
  const all = parts(part.holder);
  const next = all[part.index + 1];
  if (isInBraces(part)) return removeInBraces(text, part, all[part.index - 1], next);
  if (isFirst(text, part.start)) return [{ from: lineStart(text, part.start), to: nextLine(text, part.end), text: '' }];
  // The first one of a map that begins behind a dash: the next one comes up, unless there are comments between.
  const isClose = next !== undefined && text.slice(part.end, next.start).trim() === '';
  if (isClose) return [{ from: part.start, to: next.start, text: '' }];
  return [{ from: part.start, to: part.end, text: '' }];
}

function removeInBraces(text: string, part: Part, before: Part | undefined, next: Part | undefined): Splice[] {
  const behind = comma(text, part);
  if (next === undefined && behind === undefined && before) {
    const dead = comma(text, before) ?? before.end;
    const line = whole(text, part.start, part.end);
    const isClose = line.from === part.start && text.slice(dead, part.start).trim() === '';
    if (isClose) return [{ from: dead - 1, to: part.end, text: '' }];
    return [
      { from: dead - 1, to: dead, text: '' },
      { ...line, text: '' },
    ];
  }
  const end = behind ?? part.end;
  const line = whole(text, part.start, end);
  if (line.to > end) return [{ ...line, text: '' }];
  const [spaces = ''] = /^ */.exec(text.slice(end)) ?? [];
  return [{ from: part.start, to: next ? end + spaces.length : end, text: '' }];
}

/** With its line and the comment behind it, if nothing else is there. */
function whole(text: string, from: number, to: number): { from: number; to: number } {
  const next = nextLine(text, to);
  const isAlone = isFirst(text, from) && /^[ \t]*(?:#[^\n]*)?\r?\n$/.test(text.slice(to, next));
  return isAlone ? { from: lineStart(text, from), to: next } : { from, to };
}

/** Puts an item of a list elsewhere, with the comments above it. Undefined if the text has no lines to move. */
export function moved({ text, style }: Parsed, list: YAMLSeq, from: number, to: number): Splice[] | undefined {
  const all = parts(list);
  const stretches = all.map((part) => {
    if (list.flow) return { from: part.start, to: part.end };
    const before = all[part.index - 1];
    return { from: before ? nextLine(text, before.end) : commentsAbove(text, part.start), to: nextLine(text, part.end) };
  });
  const [first] = all;
  if (!first || (!list.flow && !isFirst(text, first.start))) return undefined;
  const texts = stretches
    .map((one) => text.slice(one.from, one.to))
    .map((one) => (list.flow || one.endsWith('\n') ? one : one + style.end));
  const [taken = ''] = texts.splice(from, 1);
  texts.splice(to, 0, taken);
  return stretches.map((one, index) => ({ ...one, text: texts[index] ?? '' }));
}
