/** A line of YAML or JSON in parts of one colour: for the eye alone, and knowing no more than its own line. */

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly severity: 'error' | 'warning';
}

export interface Coloured {
  readonly text: string;
  readonly kind?: 'key' | 'string' | 'comment';
  readonly mark?: Span['severity'];
}

/** Texts in quotes, with the colon of a key behind them; keys without quotes; comments. */
const PARTS =
  /("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?=(\s*:(?:\s|$))?)|([^\s{}[\],#"'&*!|>%@`:-][^{}[\],#"':]*?|[\w.-]+)(?=\s*:(?:\s|$))|((?<=^|\s)#.*$)/g;

/** Longer lines are data, and have no colours. */
const LONG = 2_000;

/** Marks are laid over the colours: one that ends behind the line marks a space there. */
export function coloured(line: string, marks: readonly Span[] = []): readonly Coloured[] {
  const kinds: Array<{ from: number; to: number; kind: NonNullable<Coloured['kind']> }> = [];
  for (const { index, 0: text, 1: quoted, 2: colon, 4: comment } of line.length > LONG ? [] : line.matchAll(PARTS)) {
    const kind = comment ? 'comment' : quoted && colon === undefined ? 'string' : 'key';
    kinds.push({ from: index, to: index + text.length, kind });
  }
  const end = Math.max(line.length, ...marks.map(({ to }) => to));
  const text = line.padEnd(end);
  const edges = [...new Set([0, end, ...[...kinds, ...marks].flatMap(({ from, to }) => [from, to])])].sort((one, other) => one - other);
  return edges.slice(1).map((to, at) => {
    const from = edges[at] ?? 0;
    const within = (one: { from: number; to: number }): boolean => one.from <= from && to <= one.to;
    const kind = kinds.find(within)?.kind;
    const severity = marks.filter(within).map(({ severity }) => severity);
    const mark = severity.includes('error') ? 'error' : severity[0];
    return { text: text.slice(from, to), ...(kind && { kind }), ...(mark && { mark }) };
  });
}
