/** Texts by lines: what of them changed. A line has its own end, so that `\r\n`, `\n` and a missing last one are told apart. */

import { diff } from '@codemirror/merge';

/** Lines `from` to `to` (not included) of the first text became those of the second. */
export interface Hunk {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** The lines of a text, each with its end. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** One UTF-16 unit stands for each different line, so that lines are compared as characters are. */
const UNITS = 0xf000;

export function changedLines(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  const units = new Map<string, string>();
  const unit = (line: string): string => {
    const known = units.get(line);
    if (known !== undefined) return known;
    // Halves of surrogate pairs would be kept together.
    const code = units.size < 0xd800 ? units.size : units.size + 0x800;
    const made = String.fromCharCode(code);
    units.set(line, made);
    return made;
  };
  const [textA, textB] = [a, b].map((lines) => lines.map(unit).join('')) as [string, string];
  if (units.size > UNITS) return [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length }];
  return diff(textA, textB).map(({ fromA, toA, fromB, toB }) => ({ fromA, toA, fromB, toB }));
}
