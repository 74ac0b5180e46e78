/** Two versions of rules, compared, in words: what is changed, and who gets something else. */

import type { ReactNode } from 'react';
import type { Counts, Diff, Effect, FlagEffect } from '../engine/types.js';
import { Lines } from '../keys/lines.js';
import { count, counted, people, percent } from '../ui/numbers.js';

/** So many ways from one variant to another are told of a flag. */
const MOVES = 8;

export interface ComparedProps {
  readonly diff: Diff;
  /** What begins the names of its lists, and what is compared: `the draft`. */
  readonly name: string;
  readonly what: string;
  /** What is said where nobody was counted. */
  readonly nobody: ReactNode;
}

export function Compared({ diff, name, what, nobody }: ComparedProps) {
  const { population } = diff;
  const changes = changed(diff);
  if (changes.length === 0) return <p className="told">Nothing that pages decide by has changed: comments, tests, or how it is written.</p>;
  return (
    <div className="grid2">
      <section className="stack tight">
        <h3>What changes</h3>
        <Lines name={`${name}changes`} lines={changes} label={`What ${what} changes`} />
      </section>
      <section className="stack tight">
        <h3>Who would see something else</h3>
        {population ? (
          <Lines name={`${name}effect`} lines={moved(population)} label={`Who would see something else by ${what}`} />
        ) : (
          <p className="soft">{nobody}</p>
        )}
      </section>
    </div>
  );
}

/** What is written differently, and what is running meanwhile; those that belong to another are indented. */
function changed({ flags, shared, running, unchanged }: Diff): readonly string[] {
  const lines = [
    ...flags.flatMap(({ flag, change, parts, through = [] }) => [
      `${flag}: ${change === 'reached' ? 'changes' : change}${through.length > 0 ? `, through ${through.map(({ kind, name }) => `${kind} ${name}`).join(', ')}` : ''}`,
      ...inWords(parts),
    ]),
    ...shared.flatMap(({ kind, name, change, parts, reaches }) => [
      `${kind} ${name}: ${change}${reaches.length === 0 ? ', and no flag uses it' : ''}`,
      ...inWords(parts),
    ]),
    ...running.flatMap(({ kind, name, changes, rerandomised: next }) => [
      ...changes.map((change) => `${kind} ${name} is running: ${change}`),
      ...(next
        ? [
            `${kind} ${name}: phase ${next.phase} divides people anew from ${next.at.slice(0, 16).replace('T', ' ')} UTC; about ${percent(next.share, 1)} get another variant`,
          ]
        : []),
    ]),
  ];
  if (lines.length > 0 && flags.length + unchanged > 0)
    lines.unshift(`${counted(flags.length, 'flag changes', 'flags change')}, ${counted(unchanged, 'stays as it is', 'stay as they are')}`);
  return lines;
}

const inWords = (parts: Diff['shared'][number]['parts'] = []): readonly string[] =>
  parts.map(({ part, before, after }) => {
    // A long list is told by its beginning, which may be the same.
    if (before === after) return `  ${part}: others than before: ${after}`;
    if (before === undefined) return `  ${part} added: ${after}`;
    return after === undefined ? `  ${part} removed: ${before}` : `  ${part}: ${before} → ${after}`;
  });

/** Who gets something else, of all and by flag. */
const moved = ({ rows, moved: all, simulated, flags }: Effect): readonly string[] => [
  all.share === 0 ? `Nobody of ${people(rows)} gets another value` : `${said(all, rows)} get another value`,
  ...(simulated.length > 0 ? [`The file has no ids of ${simulated.join(', ')}: they were made up, and shares are expected ones`] : []),
  ...flags.flatMap((flag) => movedBy(flag, rows)),
];

const got = ({ variant }: FlagEffect['moves'][number]['before']): string => variant ?? 'the code fallback';

const NEW = { added: 'new, so nobody had it before', removed: 'removed, so everybody gets the code fallback' } as const;

/** A flag, and from what to what its people go. */
function movedBy({ flag, changed: all, lacks, moves }: FlagEffect, rows: number): readonly string[] {
  const [kind] = moves.map((move) => move.kind);
  const whole = kind === 'added' || kind === 'removed' ? NEW[kind] : `${said(all, rows)} get another value`;
  return [
    `${flag}: ${whole}`,
    ...moves
      .slice(0, MOVES)
      .map(
        (move) => `  ${got(move.before)} → ${got(move.after)}${move.kind === 'variant' ? ', of an equal value' : ''}: ${said(move, rows)}`,
      ),
    ...(moves.length > MOVES ? [`  and ${moves.length - MOVES} more, of fewer people each`] : []),
    ...(lacks.length > 0 ? [`  not known without: ${lacks.join(', ')}`] : []),
  ];
}

/** Where ids were made up, the share alone is known. */
function said({ rows: some, share, range }: Counts, rows: number): string {
  if (some !== undefined) return `${count(some)} of ${people(rows)} (${percent(some, rows)})`;
  const between = range ? ` (${percent(range[0], 1)} to ${percent(range[1], 1)})` : '';
  return `an expected ${percent(share, 1)}${between} of ${people(rows)}`;
}
