/** The file of people in hand: what is being read, what came of it, and what is wrong with it. People stay in the worker that read them. */

import { useSyncExternalStore } from 'react';
import { engine } from '../engine/engine.js';
import type { Choices, ListFile, Report } from '../engine/types.js';
import { isSample } from '../shell/sample/people.js';
import { current } from '../shell/session.js';
import { forgetFile, keepFile, keptFile } from './kept.js';

export interface Refused {
  readonly file: string;
  readonly code: string;
  /** What is wrong. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
}

export interface Audience {
  readonly file?: File;
  readonly report?: Report;
  /** It is invented: figures of it are marked. */
  readonly sample: boolean;
  /** How the file is read; where it is being read anew, how it will be. */
  readonly choices: Choices;
  /** Of the file that is being read. */
  readonly progress?: { readonly file: string; readonly share: number; readonly rows: number };
  readonly error?: Refused;
  /** List files that belong to other rules. */
  readonly refused: readonly string[];
  /** Whether this browser keeps the file, as somebody asked. */
  readonly kept: boolean;
  /** Rises whenever counts may differ: other people, or other lists. */
  readonly version: number;
}

let state: Audience = { sample: false, choices: {}, refused: [], kept: false, version: 0 };
let stop: AbortController | undefined;
/** Of the people in hand. */
let settled: Choices = {};
const watchers = new Set<() => void>();

function become(change: Partial<Audience>, without: readonly (keyof Audience)[] = []): void {
  const next = { ...state, ...change };
  for (const name of without) delete (next as Partial<Record<keyof Audience, unknown>>)[name];
  state = next;
  for (const watcher of watchers) watcher();
}

/** People are read for the attributes that rules declare: not before some were compiled. */
let compiled = (): void => {};
const rules = new Promise<void>((resolve) => {
  compiled = resolve;
});
/** Lists that a server's rules name come after them: people are refused by rules that still lack some. Those of a folder come when somebody chooses them. */
let isLent = false;
let isLacking = false;

engine.watch((news) => {
  if ('draft' in news) {
    isLacking = !news.draft.counted && news.draft.findings.some(({ code }) => code === 'LIST_FILE');
    if (!isLacking || isLent || current()?.source.kind !== 'serve') compiled();
  }
  // Where attributes changed, the same file was read anew.
  else become({ report: news.report, version: state.version + 1 });
});

/** `read` is `choose ... : remedy`: what is wrong, and behind the last colon what to do. */
function refusal(file: string, { code = 'FAILED', message }: Error & { code?: string }): Refused {
  const at = message.lastIndexOf(': ');
  const [cause, remedy] = at < 0 ? [message, 'Choose another file.'] : [message.slice(0, at), message.slice(at + 2)];
  const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
  return { file, code, message: sentence(cause), remedy: sentence(remedy) };
}

export const audience = {
  /**
   * Reads a file in place of what is being read. The people in hand stay until it is read, and if it is refused. `wasKept`: this browser has the
   * file, as somebody asked.
   */
  async read(file: File, choices: Choices = {}, wasKept = false): Promise<void> {
    stop?.abort();
    const own = (stop = new AbortController());
    // What was chosen is shown at once, and a second choice is one more.
    const chosen = file === state.file && { choices };
    become({ progress: { file: file.name, share: 0, rows: 0 }, ...chosen }, ['error']);
    const told = (share: number, rows: number): void => {
      if (own === stop) become({ progress: { file: file.name, share, rows } });
    };
    try {
      await rules;
      if (own !== stop) return;
      const report = await engine.read(file, choices, told, own.signal);
      if (own !== stop) return;
      const isOther = file !== state.file;
      if (isOther && !wasKept) await forgetFile().catch(() => {});
      const kept = wasKept || (state.kept && !isOther);
      settled = choices;
      become({ file, report, choices, sample: isSample(file), kept, refused: [], version: state.version + 1 }, ['progress']);
      if (state.kept) await keepFile(file, choices);
    } catch (error) {
      if (own !== stop) return;
      const refused = refusal(file.name, error as Error);
      become({ choices: settled, ...(refused.code !== 'CANCELLED' && { error: refused }) }, ['progress']);
    }
  },

  /** Reads the file in hand again, by one more choice: of those that count now, however soon it follows the one before. */
  choose(choose: (now: Choices) => Choices): void {
    if (state.file) void audience.read(state.file, choose(state.choices));
  },

  stop(): void {
    stop?.abort();
    stop = undefined;
    become({ choices: settled }, ['progress']);
  },

  /** Takes files of the lists that the rules name. */
  async lists(files: readonly ListFile[]): Promise<void> {
    const refused = await engine.lists(files);
    become({ refused, version: state.version + 1 });
  },

  /** The lists that the server gives are there: no others come by themselves. */
  lent(): void {
    isLent = true;
    if (isLacking) compiled();
  },

  /** Keeps the file in this browser, or no more. */
  async keep(kept: boolean): Promise<void> {
    try {
      if (kept && state.file) await keepFile(state.file, state.choices);
      else await forgetFile();
      become({ kept: kept && state.file !== undefined });
    } catch (error) {
      const file = state.file?.name ?? '';
      become({
        error: {
          file,
          code: 'NOT_KEPT',
          message: `This browser did not keep it (${(error as Error).name}).`,
          remedy: 'Choose the file again next time.',
        },
      });
    }
  },

  /** Reads the file that was kept, if there is one. */
  async restore(): Promise<boolean> {
    const found = await keptFile();
    if (!found || state.file) return false;
    await audience.read(found.file, found.choices, true);
    return true;
  },
};

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};
const START = state;

export const useAudience = (): Audience =>
  useSyncExternalStore(
    watch,
    () => state,
    () => START,
  );
