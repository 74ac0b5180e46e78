/** Two people changed the same rules: what each of them changed, where they agree, and where somebody has to choose. */

import type { Files } from '../shell/session.js';
import { changedLines, type Hunk, linesOf } from './lines.js';

/** A part of a file. `base` is the text as it was opened. */
export interface Part {
  readonly kind: 'same' | 'mine' | 'theirs' | 'conflict';
  readonly base: string;
  readonly mine: string;
  readonly theirs: string;
}

export type Choice = 'mine' | 'theirs';

/** A file that differs from what was opened, on one side or on both. `undefined`: there is no such file. */
export interface Merged {
  readonly path: string;
  /** Nothing to choose in it: one side changed it, or both in different places. */
  readonly isClean: boolean;
  readonly parts: readonly Part[];
  /** Somebody removed the file: it is taken as a whole. */
  readonly isWhole: boolean;
  readonly mine: string | undefined;
  readonly theirs: string | undefined;
}

/** Each file that differs somewhere, in the order of paths. */
export function mergedFiles(base: Files, mine: Files, theirs: Files): readonly Merged[] {
  const paths = [...new Set([base, mine, theirs].flatMap((files) => Object.keys(files)))].sort();
  return paths
    .filter((path) => base[path] !== mine[path] || base[path] !== theirs[path])
    .map((path) => mergedFile(path, base[path], mine[path], theirs[path]));
}

function mergedFile(path: string, base: string | undefined, mine: string | undefined, theirs: string | undefined): Merged {
  if (mine !== undefined && theirs !== undefined) {
    const parts = mergedParts(base ?? '', mine, theirs);
    return { path, isClean: parts.every(({ kind }) => kind !== 'conflict'), parts, isWhole: false, mine, theirs };
  }
  const kind = mine === theirs ? 'same' : base === theirs ? 'mine' : base === mine ? 'theirs' : 'conflict';
  const parts = [{ kind, base: base ?? '', mine: mine ?? '', theirs: theirs ?? '' }] as const;
  return { path, isClean: kind !== 'conflict', parts, isWhole: true, mine, theirs };
}

/** The parts of a text: those that overlap or touch on both sides are one. */
export function mergedParts(base: string, mine: string, theirs: string): readonly Part[] {
  const [lines, linesM, linesT] = [linesOf(base), linesOf(mine), linesOf(theirs)];
  const [ofMine, ofTheirs] = [[...changedLines(lines, linesM)], [...changedLines(lines, linesT)]];
  const parts: Part[] = [];
  const same = (from: number, to: number): void => {
    const text = lines.slice(from, to).join('');
    if (text) parts.push({ kind: 'same', base: text, mine: text, theirs: text });
  };
  let [at, shiftM, shiftT] = [0, 0, 0];
  while (ofMine.length > 0 || ofTheirs.length > 0) {
    const taken = take(ofMine, ofTheirs);
    same(at, taken.from);
    const side = (all: readonly string[], shift: number, hunks: readonly Hunk[]): [string, number] => {
      const grown = hunks.reduce((sum, { fromA, toA, fromB, toB }) => sum + (toB - fromB) - (toA - fromA), 0);
      return [all.slice(taken.from + shift, taken.to + shift + grown).join(''), shift + grown];
    };
    const text = lines.slice(taken.from, taken.to).join('');
    const [textM, nextM] = side(linesM, shiftM, taken.mine);
    const [textT, nextT] = side(linesT, shiftT, taken.theirs);
    [shiftM, shiftT, at] = [nextM, nextT, taken.to];
    const kind = textM === textT ? 'same' : textT === text ? 'mine' : textM === text ? 'theirs' : 'conflict';
    parts.push({ kind, base: text, mine: textM, theirs: textT });
  }
  same(at, lines.length);
  return parts;
}

/** Takes the next changes that belong together. */
function take(ofMine: Hunk[], ofTheirs: Hunk[]): { from: number; to: number; mine: readonly Hunk[]; theirs: readonly Hunk[] } {
  const from = Math.min(ofMine[0]?.fromA ?? Number.POSITIVE_INFINITY, ofTheirs[0]?.fromA ?? Number.POSITIVE_INFINITY);
  const [mine, theirs]: [Hunk[], Hunk[]] = [[], []];
  let to = from;
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false;
    for (const [queue, taken] of [
      [ofMine, mine],
      [ofTheirs, theirs],
    ] as const) {
      for (let next = queue[0]; next && next.fromA <= to; next = queue[0]) {
        taken.push(next);
        queue.shift();
        to = Math.max(to, next.toA);
        isGrowing = true;
      }
    }
  }
  return { from, to, mine, theirs };
}

/** The text that comes of it; a file that is gone is `undefined`. `choose` is asked for each part that both changed. */
export function textOf(file: Merged, choose: (part: number) => Choice): string | undefined {
  if (file.isWhole) {
    const kind = file.parts[0]?.kind;
    const choice = kind === 'conflict' ? choose(0) : kind;
    return choice === 'theirs' ? file.theirs : file.mine;
  }
  return file.parts
    .map((part, index) => (part.kind === 'conflict' ? part[choose(index)] : part.kind === 'theirs' ? part.theirs : part.mine))
    .join('');
}
