/** Where the report comes from: a file that somebody opened, the collector that serves this page, or the sample. */

import { useEffect, useReducer } from 'react';
import { Absent, ask as askServer, Refused } from '../api/ask.js';
import { isProblem, LARGEST, lacking, type Problem, type Report, readReport, reportOf } from './report.js';

export type From = { readonly kind: 'sample' } | { readonly kind: 'file'; readonly name: string } | { readonly kind: 'serve' };

export interface State {
  readonly from: From;
  readonly report?: Report;
  /** What is wrong with a file that was opened last; the report before it stays. */
  readonly problem?: Problem;
  /** Why the collector's last report cannot be shown; the one before stays. */
  readonly refused?: Problem;
  /** The collector does not answer: what is shown is its last report. */
  readonly isAway: boolean;
  /** What the collector has received so far, also what no metric counts yet. */
  readonly received?: Received;
}

export interface Received {
  readonly total: number;
  /** By name, the most frequent first. */
  readonly events?: readonly { readonly name: string; readonly events: number }[];
}

const ROUTE = '/api/report';
const COUNTS = '/api/exposures';
const KEPT = 'waft-studio-report';
/** How long a report may take, in milliseconds. */
const PATIENCE = 60_000;
/** A report is made anew at most every few seconds; a page that nobody looks at asks for none. */
const EVERY_MS = 10_000;

let state: State = { from: { kind: 'sample' }, isAway: false };
const watchers = new Set<() => void>();
const set = (next: State): void => {
  state = next;
  for (const watcher of watchers) watcher();
};

const sample = async (): Promise<Report> => (await import('./sample.json')).default as unknown as Report;

/** What a planner can start from: of the sample's rules the sample, of other rules what was opened or collected. */
export async function lastReport(isSample: boolean): Promise<Report | undefined> {
  if (state.report && (state.report.sample ?? false) === isSample) return state.report;
  return isSample ? sample() : kept();
}

/** Shows a report that was opened. Returns nothing: what is wrong with it is in the state. */
export async function openFile(file: File): Promise<void> {
  if (file.size > LARGEST) {
    const cause = `${file.name} has ${Math.round(file.size / 1e6)} MB; a report has a few hundred kB at most.`;
    return set({ ...state, problem: { code: 'TOO_LARGE', cause, remedy: 'Choose the output of waft report --format json' } });
  }
  const read = readReport(await file.text());
  if (isProblem(read)) return set({ ...state, problem: { ...read, cause: `${file.name}: ${read.cause}` } });
  set({ from: { kind: 'file', name: file.name }, report: read, isAway: false });
}

/** Back to what was shown before a file was opened. */
export async function closeFile(): Promise<void> {
  set({ from: { kind: 'sample' }, isAway: false });
  await ask();
}

export const dismiss = (): void => {
  const { problem: _, ...rest } = state;
  set(rest);
};

/** How often the collector was asked, and which of these answers is shown: a slow one comes behind one that was asked for later. */
let turns = 0;
let shownTurn = 0;

/** Asks the collector; where none serves this page, the sample is shown. */
async function ask(): Promise<void> {
  if (state.from.kind === 'file') return;
  const turn = ++turns;
  const asked = await fetched();
  // A file was opened meanwhile.
  if ((state.from as From).kind === 'file' || turn < shownTurn) return;
  shownTurn = turn;
  const from = { kind: 'serve' } as const;
  if ('report' in asked) {
    keep(asked.report);
    const { received } = state;
    set({ from, report: asked.report, isAway: false, ...(received && { received }) });
    return count(asked.report);
  }
  const last = state.from.kind === 'serve' ? state.report : asked.is === 'none' ? undefined : kept();
  const shown = { from, ...(last && { report: last }) };
  if (asked.is === 'refused') return set({ ...shown, isAway: false, refused: asked.why });
  if (last) return set({ ...shown, isAway: true });
  if (!state.report) set({ from: { kind: 'sample' }, report: await sample(), isAway: false });
}

/** `none`: this page's server makes no report. `away`: it cannot be reached now. `refused`: there is one, and it cannot be shown. */
type Fetched = { readonly report: Report } | { readonly is: 'none' | 'away' } | { readonly is: 'refused'; readonly why: Problem };

async function fetched(): Promise<Fetched> {
  const refused = (code: string, cause: string, remedy: string): Fetched => ({ is: 'refused', why: { code, cause, remedy } });
  try {
    const told = await askServer<object>(ROUTE, { patience: PATIENCE });
    const report = reportOf(told);
    return report ? { report } : refused('NOT_A_REPORT', `What it answers is no report that this page reads: ${lacking(told)}.`, SAME);
  } catch (error) {
    if (error instanceof Absent) return { is: 'none' };
    if (error instanceof Refused) return refused(error.code || String(error.status), error.message, ASK);
    return { is: 'away' };
  }
}

const SAME = 'Serve the studio and the collector by the same version of waft';
const ASK = 'Ask whoever runs the server, or open a report from a file';

/** Until when nothing is counted: a large collector is not kept busy with it. */
let rests = 0;

/** What came in so far. A metric counts a unit once its window is over, so that a report says nothing of this hour. */
async function count({ set: of }: Report): Promise<void> {
  if (Date.now() < rests) return;
  const start = Date.now();
  // Without it, the report is told all the same.
  const received = await askServer<Received>(`${COUNTS}?set=${encodeURIComponent(of)}`).catch(() => undefined);
  rests = Date.now() + 4 * (Date.now() - start);
  if (received && state.from.kind === 'serve') set({ ...state, received });
}

/** The last report of the collector, for when it is away. Results hold sums, and nobody's rows. */
function keep(report: Report): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(report));
  } catch {
    // Too large, or storage is off: then there is none.
  }
}

function kept(): Report | undefined {
  try {
    const read = readReport(localStorage.getItem(KEPT) ?? '');
    return isProblem(read) ? undefined : read;
  } catch {
    return undefined;
  }
}

/** What is shown, kept up to date while the page is looked at. */
export function useReport(): State {
  const [, changed] = useReducer((turn: number) => turn + 1, 0);
  useEffect(() => {
    watchers.add(changed);
    changed();
    const look = (): void => {
      if (document.visibilityState === 'visible') void ask();
    };
    look();
    const timer = setInterval(() => {
      if (state.from.kind === 'serve') look();
    }, EVERY_MS);
    return () => {
      watchers.delete(changed);
      clearInterval(timer);
    };
  }, []);
  return state;
}
