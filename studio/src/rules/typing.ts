/** What is typed into a file's text while others may change it. */

/** As a text area has it: line feeds alone. */
export const own = (text: string): string => text.replace(/\r\n?/g, '\n');

/** Where two texts differ: behind how many characters, and before how many at their ends. */
export function differing(one: string, other: string): [from: number, end: number] {
  const shorter = Math.min(one.length, other.length);
  let from = 0;
  while (from < shorter && one[from] === other[from]) from++;
  let end = 0;
  while (end < shorter - from && one.at(-1 - end) === other.at(-1 - end)) end++;
  return [from, end];
}

/**
 * The file with what was typed in it. It was `before` when typing began, and `text` by now: only the stretch that was typed differs from that, and the
 * rest keeps its line ends. Where both changed the same stretch, what was typed counts.
 */
export function withTyped(text: string, before: string, typed: string): string {
  const now = own(text);
  const [from, end] = differing(before, typed);
  const [fromNow, endNow] = differing(before, now);
  const into = (start: number, stop: number, [some, rest]: readonly [number, number]): string => {
    const [lineEnd = '\n'] = /\r?\n/.exec(text) ?? [];
    const written = typed.slice(some, typed.length - rest).replaceAll('\n', lineEnd);
    return text.slice(0, placeOf(text, start)) + written + text.slice(placeOf(text, stop));
  };
  if (before.length - end <= fromNow) return into(from, before.length - end, [from, end]);
  if (from >= before.length - endNow) return into(now.length - (before.length - from), now.length - end, [from, end]);
  const both = [Math.min(from, fromNow), Math.min(end, endNow)] as const;
  return into(both[0], now.length - both[1], both);
}

/** Where a place of the own text is in the file. */
function placeOf(text: string, place: number): number {
  let at = 0;
  for (let count = 0; count < place; count++) at += text.startsWith('\r\n', at) ? 2 : 1;
  return at;
}
