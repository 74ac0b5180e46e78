/**
 * The studio: why a flag evaluates as it does, and who is in which segment. A larger module than the engine, loaded when it is
 * asked for, from `waft/studio`. It is a tool for pages that show rules to people: here mistakes throw.
 */

import type { Code } from './codes.js';
import * as glue from '../studio/studio.js';
import { copyContext } from './engine/context.js';
import type { PopulationCount, Report, SegmentStory } from './explanation.js';
import { TEXT_LENGTH } from './limits.js';
import { wellFormed } from './platform/bytes.js';
import { inTime } from './platform/deadline.js';
import { kindOf, timeOf } from './platform/realm.js';
import type { Explanations, Preview, Question, Studio } from './studio/types.js';
import type { Context, EngineSource } from './types.js';

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
  /** How many instances have trapped. */
  let traps = 0;

  /** What work returns. What the studio throws is a text, and becomes an error; after a trap its instance is never called again. */
  function whole<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error)) throw told(error);
      traps++;
      // An experimental option of wasm-bindgen makes it.
      (glue as { __wbg_reset_state?(): void }).__wbg_reset_state?.();
      throw error;
    }
  }

  function ask<T>(
    { snapshot, trust, context, now }: Question,
    question: (studio: InstanceType<typeof glue.Studio>, context: string, moment: number, clock: number) => T,
  ): T {
    return whole(() => {
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
    async audience({ snapshot, trust, file, settings = {}, progress, signal, now: clock = Date.now() }) {
      let audience: glue.Audience;
      const instance = traps;
      try {
        audience = await glue.readAudience(snapshot, JSON.stringify(trust), clock, file, JSON.stringify(settings), progress, signal);
      } catch (error) {
        return whole(() => {
          throw error;
        });
      }
      /** What an audience answers, whose instance is whole. */
      const ask = <T>(work: () => T): T => {
        if (instance !== traps) throw new Error('the studio has failed since: read the file again');
        return whole(work);
      };
      return {
        report: plain(audience.report()) as Report,
        count: (now) => ask(() => plain(audience.count(now ?? audience.moment(Date.now()))) as PopulationCount),
        decide: (flagKey, now) => ask(() => plain(audience.decide(flagKey, now ?? audience.moment(Date.now()))) as Record<string, number>),
        adopt: ({ snapshot, trust, now }) => ask(() => audience.adopt(snapshot, JSON.stringify(trust), now ?? Date.now())),
        putList: (bytes) => ask(() => audience.putList(bytes)),
        free: () => {
          if (instance === traps) audience.free();
        },
      };
    },
    population({ snapshot, trust, contexts, now = Date.now() }) {
      const texts: string[] = [];
      for (let from = 0; from < contexts.length; from += SOME) texts.push(`[${contexts.slice(from, from + SOME).map(encodeContext)}]`);
      const open = (): InstanceType<typeof glue.Studio> => {
        const studio = new glue.Studio(snapshot, JSON.stringify(trust), now);
        for (const text of texts) studio.add(text);
        return studio;
      };
      let studio = whole(open);
      let instance = traps;
      return {
        size: contexts.length,
        count: (flagKey, now) =>
          whole(() => {
            // Another question's trap took its people with it.
            if (instance !== traps) [studio, instance] = [open(), traps];
            return plain(studio.decide(flagKey, now ?? studio.moment(Date.now()))) as Record<string, number>;
          }),
        free: () => {
          if (instance === traps) studio.free();
        },
      };
    },
    preview({ csv, ...about }) {
      try {
        return ask(about, (studio, _, moment) => plain(studio.preview(new TextEncoder().encode(csv), moment)) as Preview);
      } catch (error) {
        return { rows: 0, columns: [], ignored: [], segments: [], error: (error as Error).message };
      }
    },
  };
}

/** What the studio throws as an error: a text, or a code and a text. */
function told(thrown: unknown): Error {
  if (typeof thrown !== 'object' || thrown === null) return new Error(String(thrown));
  const { code, message } = thrown as { code: string; message: string };
  return Object.assign(new Error(message), { code });
}

/** What the studio tells, as `JSON.parse` makes it: maps are objects, which may have a property `__proto__` of their own. */
function plain(told: unknown): unknown {
  if (Array.isArray(told)) return told.map(plain);
  if (typeof told !== 'object' || told === null) return told;
  const entries: Iterable<[string, unknown]> = told instanceof Map ? told : Object.entries(told);
  return Object.fromEntries(Array.from(entries, ([name, value]) => [name, plain(value)]));
}

/** The context as JSON that means what the engine would be told: dates are milliseconds; what has no type is an object. */
function encodeContext(context: Context | undefined): string {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(copyContext(context))) {
    if (value === undefined || value === null) continue;
    const plain = timeOf(value) ?? value;
    const isList = Array.isArray(plain) && plain.every((item) => typeof item === 'string');
    if (typeof plain === 'string' && plain.length <= TEXT_LENGTH) known[name] = wellFormed(plain);
    else if (isList) known[name] = plain.map(wellFormed);
    else known[name] = typeof plain === 'boolean' || Number.isFinite(plain) ? plain : {};
  }
  return JSON.stringify(known);
}
