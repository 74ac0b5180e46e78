/** The one worker of the page: questions in, answers out, and another worker where it fails. */

import type { Draft } from 'waft/workbench';
import type { Answer, Member, Request } from './messages.js';
import type { Choices, Engine, Files, ListFile, News, Report } from './types.js';
// Built as a script: Firefox before 114 has no workers that are modules.
import EngineWorker from './worker.js?worker';

export type * from './types.js';

/** Asked anew, these take the place of those that wait. */
const SUPERSEDED: ReadonlySet<Member> = new Set(['compile', 'count', 'diff', 'against']);

interface Question {
  readonly id: number;
  readonly member: Member;
  readonly args: readonly unknown[];
  /** List files are handed over. */
  readonly lists?: boolean;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Reading {
  readonly file: Blob;
  readonly choices: Choices;
  readonly progress: ((share: number, rows: number) => void) | undefined;
  resolve(report: Report): void;
  reject(error: Error): void;
}

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });

/** Starts no worker before the first question. */
export function createEngine(start: () => Worker = () => new EngineWorker()): Engine {
  let worker: Worker | undefined;
  let ids = 0;
  /** What waits, and the one that the worker has. */
  const waiting: Question[] = [];
  let asked: Question | undefined;
  const readings = new Map<number, Reading>();
  const others = new Map<number, Question>();
  const watchers = new Set<(news: News) => void>();
  /** What another worker needs to go on: the last draft that compiled, and the people, with the attributes that they were read for. */
  let good: readonly unknown[] | undefined;
  let last: readonly [Files, { readonly environment?: string; readonly now?: number }] | undefined;
  let people: { readonly file: Blob; readonly choices: Choices; readonly attributes: string } | undefined;
  /** And the list files that it has, by their names. */
  const given = new Map<string, ListFile>();
  let attributes = '';
  /** Done once the last draft is compiled, and once people that are read again are there. */
  let compiled: Promise<unknown> = Promise.resolve();
  let fresh: Promise<unknown> = Promise.resolve();
  /** How often another worker was given what the one before had; and whether one is: questions wait. */
  let restored = 0;
  let restoring = false;
  /** Nobody is told of rules that lack the lists which the worker is about to get. */
  let isWhole = true;

  const tell = (news: News): void => {
    for (const watcher of watchers) watcher(news);
  };

  function open(): Worker {
    if (worker) return worker;
    const own = (worker = start());
    own.onmessage = ({ data }: MessageEvent<Answer>) => own === worker && take(data);
    own.onerror = (event) => {
      event.preventDefault();
      if (own === worker) crash(event.message || 'it cannot start: reload the page');
    };
    return own;
  }

  const post = (request: Request): void => open().postMessage(request);

  function take(answer: Answer): void {
    const { id } = answer;
    const reading = readings.get(id);
    if ('bytes' in answer) return reading?.progress?.(answer.bytes / (reading.file.size || 1), answer.rows);
    if ('error' in answer && answer.fatal) return crash(answer.error.message);
    const question = reading ?? others.get(id) ?? (asked?.id === id ? asked : undefined);
    readings.delete(id);
    others.delete(id);
    if ('error' in answer) question?.reject(failure(answer.error.code, answer.error.message));
    else {
      if (asked && question === asked && asked.member === 'compile') compiledBy(asked.args, answer.result as Draft);
      question?.resolve(answer.result as never);
    }
    if (question === asked) asked = undefined;
    next();
  }

  /** Hands the worker the next question, if it has none. */
  function next(): void {
    if (asked || (restoring && waiting[0]?.args !== good)) return;
    asked = waiting.shift();
    if (asked) post({ id: asked.id, member: asked.member, args: asked.args });
  }

  function ask<T>(member: Member, args: readonly unknown[], first = false): Promise<T> {
    return new Promise((resolve, reject) => {
      let own: Pick<Question, 'resolve' | 'reject'> = { resolve: resolve as (result: unknown) => void, reject };
      const at = SUPERSEDED.has(member) && !first ? waiting.findIndex((question) => question.member === member) : -1;
      if (at >= 0) {
        const [earlier] = waiting.splice(at, 1);
        const later = own;
        own = {
          resolve: (result) => [earlier, later].forEach((one) => one?.resolve(result)),
          reject: (error) => [earlier, later].forEach((one) => one?.reject(error)),
        };
      }
      waiting[first ? 'unshift' : 'push']({ id: ++ids, member, args, ...own });
      next();
    });
  }

  /** About people: those who are being read again come first. */
  const count = async <T>(member: Member, ...args: readonly unknown[]): Promise<T> => {
    await fresh;
    return ask<T>(member, args);
  };

  /** Another worker takes the place of one that failed: with all that it needs, but for what it failed at. */
  function crash(message: string): void {
    worker?.terminate();
    worker = undefined;
    const error = failure('CRASHED', `the worker failed at this, and another was started: ${message}`);
    const culprit = asked;
    asked = undefined;
    const lost = [...readings.values(), ...others.values()];
    readings.clear();
    others.clear();
    // What a worker is given anew made it fail: without it.
    if (culprit?.member === 'compile' && culprit.args === good) good = undefined;
    if (restoring && lost.some((one) => 'lists' in one && one.lists)) given.clear();
    if (lost.some((one) => 'file' in one && one.file === people?.file)) people = undefined;
    restoring = good !== undefined;
    const own = ++restored;
    fresh = (good ? restore(good, own).catch(() => {}) : Promise.resolve()).finally(() => {
      // That one may have failed, too.
      if (own !== restored) return;
      restoring = false;
      isWhole = true;
      next();
    });
    for (const one of lost) one.reject(error);
    culprit?.reject(error);
    next();
  }

  /** Gives a worker the rules; with the lists that they name, once more; and the people. It takes lists that it knows to be asked for. */
  async function restore(rules: readonly unknown[], own: number): Promise<void> {
    isWhole = given.size === 0;
    await ask('compile', rules, true);
    // One that was moved is missing, which the rules' findings say.
    for (const file of given.values()) await give([file]).catch(() => {});
    if (own !== restored) return;
    if (!isWhole) {
      isWhole = true;
      await ask('compile', rules, true);
    }
    await again();
  }

  /** Hands over list files. Returns the names of those that are of other rules. */
  function give(files: readonly ListFile[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const id = ++ids;
      others.set(id, { id, member: 'compile', args: [], lists: true, resolve: resolve as (result: unknown) => void, reject });
      post({ id, lists: files });
    });
  }

  /** Reads the people again. */
  async function again(): Promise<void> {
    if (!people) return;
    const { file, choices } = people;
    try {
      tell({ report: await readFile(file, choices) });
    } catch {
      // The file was moved: whoever counts is told that there is nobody.
    }
  }

  function readFile(file: Blob, choices: Choices, progress?: Reading['progress'], signal?: AbortSignal): Promise<Report> {
    const own = attributes;
    return new Promise<Report>((resolve, reject) => {
      if (signal?.aborted) return reject(failure('CANCELLED', 'reading was stopped'));
      // The worker gives up those it has.
      people = undefined;
      const id = ++ids;
      readings.set(id, { file, choices, progress, resolve, reject });
      signal?.addEventListener('abort', () => post({ id: ++ids, stop: id }), { once: true });
      post({ id, read: file, settings: choices as never });
    }).then((report) => {
      people = { file, choices, attributes: own };
      return report;
    });
  }

  /** Notes what was compiled, and has people read again if they have other attributes now. */
  function compiledBy(args: readonly unknown[], draft: Draft): void {
    if (draft.counted) {
      good = args;
      attributes = JSON.stringify(Object.entries(draft.model?.attributes ?? {}).map(([name, { type }]) => [name, type]));
      if (people && people.attributes !== attributes) fresh = again();
    }
    if (isWhole) tell({ draft });
  }

  function compile(files: Files, options: { readonly environment?: string; readonly now?: number } = {}): Promise<Draft> {
    last = [files, options];
    const asking = ask<Draft>('compile', last);
    compiled = asking.catch(() => {});
    return asking;
  }

  return {
    compile,
    async read(file, choices = {}, progress, signal) {
      await compiled;
      return readFile(file, choices, progress, signal);
    },
    async lists(files) {
      await compiled;
      const refused = await give(files);
      for (const file of files) if (!refused.includes(file.name)) given.set(file.name, file);
      if (last && refused.length < files.length) await compile(...last);
      return refused;
    },
    count: (now) => count('count', now),
    countCondition: (yaml, now) => count('countCondition', yaml, now),
    breakdown: (segment, attribute, now) => count('breakdown', segment, attribute, now),
    overlap: (one, other, now) => count('overlap', one, other, now),
    people: (segment, kind, from, some, now) => count('people', segment, kind, from, some, now),
    values: (attribute, prefix, limit) => count('values', attribute, prefix, limit),
    decide: (flag, now) => count('decide', flag, now),
    trial: (flag, rule, date, now) => count('trial', flag, rule, date, now),
    explain: (context, now) => ask('explain', [context, now]),
    segments: (context, now) => ask('segments', [context, now]),
    diff: (base, { now } = {}) => count('diff', base, now),
    against: (base, { now } = {}) => ask('against', [base, now]),
    plan: (question) => ask('plan', [question]),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** That of the page. */
export const engine: Engine = createEngine();
