/**
 * A patch that `git apply` and `patch -p1` take.
 *
 * Its paths are those of the folder that was opened, so it is applied there: git takes a patch without the line `diff --git` relative to the
 * folder it runs in, and one with it relative to the top of the repository. Only empty files need that line, as they have no lines to show.
 */

import type { Files } from '../shell/session.js';
import { changedPaths } from './changed.js';
import { changedLines, type Hunk, linesOf } from './lines.js';

const CONTEXT = 3;

/** All that changed between two folders. */
export const patchOf = (base: Files, files: Files): string =>
  changedPaths(base, files)
    .map((path) => filePatch(path, base[path], files[path]))
    .join('');

function filePatch(path: string, before: string | undefined, after: string | undefined): string {
  const [from, to] = [before === undefined ? '/dev/null' : name(`a/${path}`), after === undefined ? '/dev/null' : name(`b/${path}`)];
  if (!before && !after) {
    const mode = before === undefined ? 'new file mode 100644' : 'deleted file mode 100644';
    return `diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}\n${mode}\n`;
  }
  const [a, b] = [linesOf(before ?? ''), linesOf(after ?? '')];
  const groups = grouped(changedLines(a, b));
  return `--- ${from}\n+++ ${to}\n${groups.map((group) => section(group, a, b)).join('')}`;
}

/** Changes whose context would overlap are shown together. */
function grouped(hunks: readonly Hunk[]): readonly (readonly Hunk[])[] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last && before && hunk.fromA - before.toA <= 2 * CONTEXT) last.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

function section(group: readonly Hunk[], a: readonly string[], b: readonly string[]): string {
  const [first, last] = [group[0], group.at(-1)] as [Hunk, Hunk];
  const [startA, endA] = [Math.max(0, first.fromA - CONTEXT), Math.min(a.length, last.toA + CONTEXT)];
  const startB = first.fromB - (first.fromA - startA);
  const endB = last.toB + (endA - last.toA);
  const lines: string[] = [];
  let at = startA;
  for (const { fromA, toA, fromB, toB } of group) {
    lines.push(...a.slice(at, fromA).map((line) => marked(' ', line)));
    lines.push(...a.slice(fromA, toA).map((line) => marked('-', line)));
    lines.push(...b.slice(fromB, toB).map((line) => marked('+', line)));
    at = toA;
  }
  lines.push(...a.slice(at, endA).map((line) => marked(' ', line)));
  return `@@ -${range(startA, endA)} +${range(startB, endB)} @@\n${lines.join('')}`;
}

/** Lines are counted from 1; of an empty range, the line before it is named. */
const range = (from: number, to: number): string => `${to > from ? from + 1 : from},${to - from}`;

const marked = (mark: string, line: string): string =>
  line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`;

/** A tab ends a name that has spaces. */
const name = (path: string): string => {
  const text = quoted(path);
  return text === path && path.includes(' ') ? `${path}\t` : text;
};

/** As git writes names that have quotes or control characters. */
const quoted = (path: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is quoted
  /[\u0000-\u001f"\\\u007f]/.test(path)
    ? // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is quoted
      `"${path.replace(/[\u0000-\u001f"\\\u007f]/g, (character) =>
        '"\\'.includes(character) ? `\\${character}` : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
      )}"`
    : path;
