/** Who would see something else at a moment: the rules as opened against the draft, and who gets which variant then. */

import { useEffect, useState } from 'react';
import { Label } from 'react-aria-components/Label';
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components/Slider';
import { type Diff, engine, type FlagEffect } from '../engine/engine.js';
import { useAudience } from '../people/people.js';
import type { Rules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { count, people as inPeople, percent } from '../ui/figure.js';
import { Split } from '../ui/share.js';
import { day, momentsOf } from './written.js';

const DAY = 86_400_000;
/** Fewer say nothing of a share. */
const FEW = 100;

export interface ChangeProps {
  readonly rules: Rules;
  readonly flagKey: string;
  readonly variants: readonly string[];
  /** Shares of the experiment's variants, by name. */
  readonly planned?: Readonly<Record<string, number>>;
}

interface Found {
  readonly split?: Readonly<Record<string, number>>;
  readonly diff?: Diff;
  readonly error?: string;
}

export function Change({ rules, flagKey, variants, planned }: ChangeProps) {
  const audience = useAudience();
  const [today] = useState(() => Math.floor(Date.now() / 60_000) * 60_000);
  const [at, setAt] = useState(today);
  const found = useFound(rules, flagKey, at, audience.version);
  const hasPeople = audience.report !== undefined;
  const isChanged = rules.files !== rules.base;
  return (
    <div className="stack">
      <Scrubber today={today} at={at} onChange={setAt} moments={momentsOf(rules.files, flagKey)} />
      {!hasPeople && <p className="soft">Needs people: choose a file under Audiences, and their numbers are here.</p>}
      {found.error && hasPeople && <p role="alert">{found.error}</p>}
      {hasPeople && found.split && <Actual flagKey={flagKey} variants={variants} split={found.split} planned={planned} />}
      {hasPeople && !isChanged && (
        <p className="soft">The draft is as the rules were opened: nobody moves. Change something, and who moves is told here.</p>
      )}
      {hasPeople && isChanged && found.diff && <Moved diff={found.diff} flagKey={flagKey} />}
    </div>
  );
}

/** What the engine says at a moment; the latest question counts. */
function useFound(rules: Rules, flagKey: string, at: number, version: number): Found {
  const [found, setFound] = useState<Found>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: other people, other numbers.
  useEffect(() => {
    let isCurrent = true;
    const ask = async (): Promise<void> => {
      try {
        const split = await engine.decide(flagKey, at);
        const diff = rules.files === rules.base ? undefined : await engine.diff(rules.base, { now: at });
        if (isCurrent) setFound({ split, ...(diff && { diff }) });
      } catch (error) {
        if (isCurrent) setFound((last) => ({ ...last, error: error instanceof Error ? error.message : String(error) }));
      }
    };
    // The draft is compiled a moment after it was changed.
    const timer = setTimeout(() => void ask(), 200);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [rules.files, rules.base, flagKey, at, version]);
  return found;
}

interface ScrubberProps {
  readonly today: number;
  readonly at: number;
  readonly onChange: (at: number) => void;
  readonly moments: readonly number[];
}

/** Through time by days; and to each moment at which the rules say that something begins or ends. */
function Scrubber({ today, at, onChange, moments }: ScrubberProps) {
  const near = moments.filter((moment) => Math.abs(moment - today) < 366 * DAY);
  const from = Math.min(today - 30 * DAY, ...near) - DAY;
  const to = Math.max(today + 90 * DAY, ...near) + DAY;
  const next = near.find((moment) => moment > at);
  const before = near.filter((moment) => moment < at).at(-1);
  return (
    <div className="flag-time">
      <Slider value={at} minValue={from} maxValue={to} step={3_600_000} onChange={(value) => onChange(value as number)}>
        <div className="row between">
          <Label>
            At <strong>{new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC</strong>
            {at === today && ' (now)'}
          </Label>
          <span className="row">
            <Button small isDisabled={before === undefined} onPress={() => before !== undefined && onChange(before - 1_000)}>
              Before {before === undefined ? 'the first date' : day(before)}
            </Button>
            <Button small isDisabled={at === today} onPress={() => onChange(today)}>
              Now
            </Button>
            <Button small isDisabled={next === undefined} onPress={() => next !== undefined && onChange(next)}>
              {next === undefined ? 'No later date' : `To ${day(next)}`}
            </Button>
          </span>
        </div>
        <SliderTrack className="flag-track">
          {near.map((moment) => (
            <span key={moment} className="flag-mark" style={{ left: `${((moment - from) / (to - from)) * 100}%` }} />
          ))}
          <SliderThumb className="flag-thumb" aria-label="Moment" />
        </SliderTrack>
      </Slider>
    </div>
  );
}

interface ActualProps {
  readonly flagKey: string;
  readonly variants: readonly string[];
  readonly split: Readonly<Record<string, number>>;
  readonly planned: Readonly<Record<string, number>> | undefined;
}

function Actual({ flagKey, variants, split, planned }: ActualProps) {
  const parts = variants.map((name) => ({ name, value: split[name] ?? 0 }));
  const rest = split[''] ?? 0;
  const all = rest > 0 ? [...parts, { name: 'code fallback', value: rest, colour: 'var(--v0)' }] : parts;
  const whole = all.reduce((sum, { value }) => sum + value, 0);
  const words = Object.entries(planned ?? {}).map(([name, share]) => `${name} ${percent(share, 1)}`);
  return (
    <div className="stack tight">
      <Split label={`${flagKey} for ${inPeople(whole)}`} parts={all} />
      {whole < FEW && <p className="soft">Fewer than {FEW} people: too few to say how it is split.</p>}
      {whole >= FEW && words.length > 0 && (
        <p className="soft">Planned within the experiment: {words.join(', ')}. Whom it does not take gets what other rules say.</p>
      )}
    </div>
  );
}

function Moved({ diff, flagKey }: { readonly diff: Diff; readonly flagKey: string }) {
  const effect = diff.population?.flags.find(({ flag }) => flag === flagKey);
  const others = (diff.population?.flags ?? []).filter(({ flag, changed }) => flag !== flagKey && (changed.rows ?? 0) > 0);
  const changes = diff.running.filter(({ flag }) => flag === flagKey).flatMap(({ changes }) => changes);
  return (
    <div className="stack tight" data-moved={effect?.changed.rows ?? 0}>
      {effect ? (
        <Effect effect={effect} rows={diff.population?.rows ?? 0} />
      ) : (
        <p>Nobody gets something else of this flag at that moment.</p>
      )}
      {changes.map((said) => (
        <p key={said} className="flag-warning">
          It runs: {said}
        </p>
      ))}
      {others.length > 0 && (
        <p className="soft">
          Other flags that move people: {others.map(({ flag, changed }) => `${flag} (${count(changed.rows ?? 0)})`).join(', ')}.
        </p>
      )}
    </div>
  );
}

const got = ({ variant }: { readonly variant: string | null }): string => variant ?? 'code fallback';

function Effect({ effect, rows }: { readonly effect: FlagEffect; readonly rows: number }) {
  const moved = effect.changed.rows ?? Math.round(effect.changed.share * rows);
  return (
    <>
      <p>
        <strong className="flag-moved">{inPeople(moved)}</strong> of {count(rows)} ({percent(moved, rows)}) would get something else.
        {effect.simulated && ' Ids were made up, as the file has none of them.'}
      </p>
      <ul>
        {effect.moves.map((move) => (
          <li key={`${move.kind} ${got(move.before)} ${got(move.after)}`}>
            {count(move.rows ?? Math.round(move.share * rows))}: {got(move.before)} → {got(move.after)}
          </li>
        ))}
      </ul>
      {effect.lacks.length > 0 && (
        <p className="soft">The file has no column for {effect.lacks.join(', ')}: what depends on it is not known.</p>
      )}
    </>
  );
}
