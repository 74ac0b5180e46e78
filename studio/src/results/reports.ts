/** Where the report comes from: a file that somebody opened, the collector that serves this page, or the sample. */

import { useEffect, useReducer } from 'react';
import { isProblem, LARGEST, type Problem, type Report, readReport } from './report.js';

export type From = { readonly kind: 'sample' } | { readonly kind: 'file'; readonly name: string } | { readonly kind: 'serve' };

export interface State {
  readonly from: From;
  readonly report?: Report;
  /** What is wrong with a file that was opened last; the report before it stays. */
  readonly problem?: Problem;
  /** The collector does not answer: what is shown is its last report. */
  readonly isAway: boolean;
}

const ROUTE = '/api/report';
const KEPT = 'waft-studio-report';
/** A report is made anew at most every few seconds; a page that nobody looks at asks for none. */
const EVERY_MS = 10_000;

let state: State = { from: { kind: 'sample' }, isAway: false };
const watchers = new Set<() => void>();
const set = (next: State): void => {
  state = next;
  for (const watcher of watchers) watcher();
};

const sample = async (): Promise<Report> => (await import('./sample.json')).default as unknown as Report;

/** The report that is shown, or the collector's last one; of the sample's rules, the sample: what a planner can start from. */
export async function lastReport(isSample: boolean): Promise<Report | undefined> {
  return state.report ?? (isSample ? sample() : kept());
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

/** Asks the collector; where none serves this page, the sample is shown. */
async function ask(): Promise<void> {
  if (state.from.kind === 'file') return;
  const asked = await fetched();
  // A file was opened meanwhile.
  if ((state.from as From).kind === 'file') return;
  if (asked === 'none' && state.from.kind === 'serve') return set({ ...state, isAway: true });
  if (asked === 'none' || asked === 'away') {
    const last = asked === 'away' ? (state.from.kind === 'serve' ? state.report : kept()) : undefined;
    if (last) return set({ from: { kind: 'serve' }, report: last, isAway: true });
    if (!state.report) set({ from: { kind: 'sample' }, report: await sample(), isAway: false });
    return;
  }
  keep(asked);
  set({ from: { kind: 'serve' }, report: asked, isAway: false });
}

/** The report, or `none` where this page's server makes none, or `away` where it cannot be reached now. */
async function fetched(): Promise<Report | 'none' | 'away'> {
  try {
    const response = await fetch(ROUTE, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(30_000) });
    if (response.status >= 500) return 'away';
    if (!response.ok || !response.headers.get('content-type')?.startsWith('application/json')) return 'none';
    const read = readReport(await response.text());
    return isProblem(read) ? 'none' : read;
  } catch {
    return 'away';
  }
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
