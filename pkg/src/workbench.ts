/**
 * The workbench: rules that somebody changes, and a file of people to count by them. A larger module than the studio, for a worker: from `waft/workbench`.
 * Here mistakes throw.
 */

import * as glue from '../workbench/workbench.js';
import { inTime } from './platform/deadline.js';
import { kindOf } from './platform/realm.js';
import { encodeContext, Instance, plain } from './studio/told.js';
import type { EngineSource } from './types.js';
import type { Workbench } from './workbench/types.js';

export type * from './counted.js';
export type * from './explanation.js';
export type { Explanations } from './studio/types.js';
export type * from './workbench/diff.js';
export type * from './workbench/plan.js';
export type * from './workbench/types.js';

/** How long its wasm may take, in milliseconds: it is half a megabyte. */
const DEADLINE = 60_000;

const wasm = new Instance(glue);

/**
 * Loads the workbench, and makes one without rules or people. Its wasm is loaded once; a failure may be tried again.
 *
 * @example
 * const workbench = await openWorkbench();
 * workbench.compile({ 'waft.yaml': text });
 * await workbench.read(file);
 * workbench.count().segments[0]?.matches;
 */
export async function openWorkbench(source: EngineSource = new URL('../workbench/workbench_bg.wasm', import.meta.url)): Promise<Workbench> {
  await inTime(glue.default({ module_or_path: kindOf(source) === 'URL' ? String(source) : source }), DEADLINE);
  const bench = wasm.whole(() => new glue.Workbench());
  const instance = wasm.traps;
  let turn = 0;
  /** What the workbench answers, whose instance is whole. */
  function call<T>(question: (bench: glue.Workbench) => T): T {
    if (instance !== wasm.traps) throw Object.assign(new Error('the workbench has failed since: open another'), { code: 'FAILED' });
    return wasm.whole(() => question(bench));
  }
  /** The same, as plain data. */
  const ask = <T>(question: (bench: glue.Workbench) => unknown): T => plain(call(question)) as T;
  /** The same at a moment. */
  const at = <T>(now: number | undefined, question: (bench: glue.Workbench, moment: number) => unknown): T =>
    ask((bench) => question(bench, now ?? bench.moment(Date.now())));

  return {
    compile: (files, { environment, now = Date.now() } = {}) => ask((bench) => bench.compile(JSON.stringify(files), environment, now)),
    open: ({ snapshot, trust, now = Date.now() }) => ask((bench) => bench.open(snapshot, JSON.stringify(trust), now)),
    putList: (name, bytes) => ask((bench) => bench.putList(name, bytes)),
    async read(file, { settings = {}, progress, signal } = {}) {
      const own = ++turn;
      const reading: Promise<glue.People> = call((bench) => bench.read(file, JSON.stringify(settings), progress, signal));
      const people = await reading.catch((error) =>
        wasm.whole(() => {
          throw error;
        }),
      );
      // The file that was asked for last is the one, whichever is done first.
      if (own !== turn) {
        people.free();
        throw Object.assign(new Error('another file is read'), { code: 'CANCELLED' });
      }
      return ask((bench) => bench.take(people));
    },
    count: (now) => at(now, (bench, moment) => bench.count(moment)),
    countCondition: (yaml, now) => at(now, (bench, moment) => bench.countCondition(yaml, moment)),
    breakdown: (segment, attribute, now) => at(now, (bench, moment) => bench.breakdown(segment, attribute, moment)),
    overlap: (one, other, now) => at(now, (bench, moment) => bench.overlap(one, other, moment)),
    people: (segment, kind, from, count, now) => at(now, (bench, moment) => bench.people(segment, kind, from, count, moment)),
    values: (attribute, prefix, limit) => ask((bench) => bench.values(attribute, prefix, limit)),
    decide: (flagKey, now) => at(now, (bench, moment) => bench.decide(flagKey, moment)),
    trial: (flagKey, rule, date, now) => at(now, (bench, moment) => bench.trial(flagKey, rule, date, moment)),
    explain: (context, now) => ({ flags: at(now, (bench, moment) => bench.explain(encodeContext(context), moment)) }),
    segments: (context, now) => at(now, (bench, moment) => bench.segments(encodeContext(context), moment)),
    diff: (base, now) => at(now, (bench, moment) => bench.diff(JSON.stringify(base), moment)),
    against: (base, now) => at(now, (bench, moment) => bench.against(JSON.stringify(base), moment)),
    plan: (question) => ask(() => glue.planTrial(JSON.stringify(question))),
    free: () => {
      if (instance === wasm.traps) bench.free();
    },
  };
}
