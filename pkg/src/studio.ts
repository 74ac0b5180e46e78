/**
 * The studio: why a flag evaluates as it does, and who is in which segment. A larger module than the engine, loaded when it is
 * asked for, from `waft/studio`. It is a tool for pages that show rules to people: here mistakes throw. `waft/workbench` counts files of people.
 */

import type { Code } from './codes.js';
import * as glue from '../studio/studio.js';
import type { SegmentStory } from './explanation.js';
import { inTime } from './platform/deadline.js';
import { kindOf } from './platform/realm.js';
import { encodeContext, Instance, plain } from './studio/told.js';
import type { Explanations, Question, Studio } from './studio/types.js';
import type { EngineSource } from './types.js';

export type * from './explanation.js';
export type * from './studio/types.js';

/** How many contexts are handed over at a time. */
const SOME = 1_000;
/** How long its wasm may take, in milliseconds: it is a third of a megabyte. */
const DEADLINE = 60_000;

/**
 * Loads the studio, once for a page; a failure may be tried again.
 *
 * @example
 * const studio = await loadStudio();
 * const { flags } = studio.explain({ snapshot, trust, context: { visitorId: 'v1' } });
 */
export async function loadStudio(source: EngineSource = new URL('../studio/studio_bg.wasm', import.meta.url)): Promise<Studio> {
  await inTime(glue.default({ module_or_path: kindOf(source) === 'URL' ? String(source) : source }), DEADLINE);
  const wasm = new Instance(glue);

  function ask<T>(
    { snapshot, trust, context, now }: Question,
    question: (studio: InstanceType<typeof glue.Studio>, context: string, moment: number, clock: number) => T,
  ): T {
    return wasm.whole(() => {
      const clock = now ?? Date.now();
      const studio = new glue.Studio(snapshot, JSON.stringify(trust), clock);
      let trapped = false;
      try {
        return question(studio, encodeContext(context), now ?? studio.moment(clock), clock);
      } catch (error) {
        trapped = error instanceof Error;
        throw error;
      } finally {
        if (!trapped) studio.free();
      }
    });
  }

  return {
    explain: (about) =>
      ask(about, (studio, context, moment, clock) => {
        const preview: number | Code | undefined = about.preview ? studio.show(String(about.preview), clock) : undefined;
        return { flags: plain(studio.explain(context, moment)), ...(preview !== undefined && { preview }) } as Explanations;
      }),
    segments: (about) => ask(about, (studio, context, moment) => plain(studio.segments(context, moment)) as SegmentStory[]),
    population({ snapshot, trust, contexts, now = Date.now() }) {
      const texts: string[] = [];
      for (let from = 0; from < contexts.length; from += SOME) texts.push(`[${contexts.slice(from, from + SOME).map(encodeContext)}]`);
      const open = (): InstanceType<typeof glue.Studio> => {
        const studio = new glue.Studio(snapshot, JSON.stringify(trust), now);
        for (const text of texts) studio.add(text);
        return studio;
      };
      let studio = wasm.whole(open);
      let instance = wasm.traps;
      return {
        size: contexts.length,
        count: (flagKey, now) =>
          wasm.whole(() => {
            // Another question's trap took its people with it.
            if (instance !== wasm.traps) [studio, instance] = [open(), wasm.traps];
            return plain(studio.decide(flagKey, now ?? studio.moment(Date.now()))) as Record<string, number>;
          }),
        free: () => {
          if (instance === wasm.traps) studio.free();
        },
      };
    },
  };
}
