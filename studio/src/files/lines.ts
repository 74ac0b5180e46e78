/** Texts by lines: what of them changed. A line has its own end, so that `\r\n`, `\n` and a missing last one are told apart. */

/** Lines `from` to `to` (not included) of the first text became those of the second. */
export interface Hunk {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** The lines of a text, each with its end. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** How many lines may be taken and given until what lies between the first and the last is changed as a whole: 16 MB of steps. */
const MOST = 2_048;

/** What has to be taken from one text and put in to make the other: the least, as far as it is looked for. */
export function changedLines(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [toA, toB] = [a.length - end, b.length - end];
  if (start === toA && start === toB) return [];
  const whole: readonly Hunk[] = [{ fromA: start, toA, fromB: start, toB }];
  if (start === toA || start === toB) return whole;
  return between(a.slice(start, toA), b.slice(start, toB), start) ?? whole;
}

/**
 * Myers' algorithm ("An O(ND) difference algorithm and its variations", 1986). After `d` steps, `ends[k]` is how far in `a` one comes on diagonal `k`: where
 * as many more lines of `a` than of `b` were passed. Kept for each `d`, they lead back.
 */
function between(a: readonly string[], b: readonly string[], offset: number): readonly Hunk[] | undefined {
  const most = Math.min(MOST, a.length + b.length);
  const ends = new Int32Array(2 * most + 3);
  const at = (k: number): number => ends[most + 1 + k] ?? 0;
  const kept: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    kept.push(ends.slice(most + 1 - d - 1, most + 1 + d + 2));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      ends[most + 1 + k] = x;
      if (x >= a.length && x - k >= b.length) return hunks(kept, a.length, b.length, offset);
    }
  }
  return undefined;
}

function hunks(kept: readonly Int32Array[], lengthA: number, lengthB: number, offset: number): readonly Hunk[] {
  const found: Hunk[] = [];
  let [x, y] = [lengthA, lengthB];
  for (let d = kept.length - 1; d > 0; d--) {
    const before = (k: number): number => kept[d]?.[k + d + 1] ?? 0;
    const k = x - y;
    const isGiven = k === -d || (k !== d && before(k - 1) < before(k + 1));
    const last = isGiven ? k + 1 : k - 1;
    const [fromA, fromB] = [before(last), before(last) - last];
    const [toA, toB] = isGiven ? [fromA, fromB + 1] : [fromA + 1, fromB];
    const next = found.at(-1);
    const hunk = { fromA: fromA + offset, toA: toA + offset, fromB: fromB + offset, toB: toB + offset };
    // Steps without a line in common between them are one change.
    if (next && next.fromA === hunk.toA && next.fromB === hunk.toB)
      found[found.length - 1] = { ...next, fromA: hunk.fromA, fromB: hunk.fromB };
    else found.push(hunk);
    [x, y] = [fromA, fromB];
  }
  return found.reverse();
}
