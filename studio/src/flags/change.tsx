/** Who would see something else at a moment: the rules as opened against the draft, and who gets which variant then. */

import { useState } from 'react';
import { type Diff, engine, type FlagEffect, type ModelFlag } from '../engine/engine.js';
import { useAudience } from '../people/people.js';
import type { Rules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Counting } from '../ui/counting.js';
import { count, people as inPeople, percent } from '../ui/figure.js';
import { Split } from '../ui/share.js';
import { useFigures, useChange } from './figures.js';
import { Reached } from './reached.js';
import { day } from './written.js';

const HOUR = 3_600_000; // milliseconds
const DAY = 24 * HOUR;

export function Change({ rules, flag }: { readonly rules: Rules; readonly flag: ModelFlag }) {
  const { key, variants, moments } = flag;
  const audience = useAudience();
  const [today] = useState(() => Math.floor(Date.now() / 60_000) * 60_000);
  const [at, setAt] = useState(today);
  const { value: split, error, pending } = useFigures(key, at, () => engine.decide(key, at));
  const hasPeople = audience.report !== undefined;
  const isChanged = rules.files !== rules.base;
  const diff = useChange(rules, at);
  const trials = flag.rules.filter(({ does }) => does !== 'serve');
  return (
    <div className="stack">
      <Scrubber today={today} at={at} onChange={setAt} moments={moments} />
      {!hasPeople && <p className="soft">Needs people: choose a file under Audiences, and their numbers are here.</p>}
      {hasPeople && (error ?? diff.error) && <p role="alert">{(error ?? diff.error)?.message}</p>}
      {hasPeople && split && (
        <Counting isPending={pending}>
          <Actual flagKey={key} variants={variants} split={split} />
        </Counting>
      )}
      {hasPeople && !split && !error && <p role="status">Counting…</p>}
      {hasPeople && trials.map((rule) => <Reached key={rule.id} flag={flag} rule={rule} at={at} />)}
      {!isChanged && hasPeople && (
        <p className="soft">The draft is as the rules were opened: nobody moves. Change something, and who moves is told here.</p>
      )}
      {isChanged && diff.value && (
        <Counting isPending={diff.pending}>
          <Moved diff={diff.value} flagKey={key} />
        </Counting>
      )}
    </div>
  );
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
  const moment = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return (
    <div className="flag-time">
      <div className="row between">
        <span>
          At <strong>{moment}</strong>
          {at === today && ' (now)'}
        </span>
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
      <div className="flag-track">
        <div className="flag-marks" aria-hidden="true">
          {near.map((mark) => (
            <span key={mark} className="flag-mark" style={{ left: `${((mark - from) / (to - from)) * 100}%` }} />
          ))}
        </div>
        <input
          type="range"
          aria-label="Moment"
          aria-valuetext={moment}
          min={from}
          max={to}
          step={HOUR}
          value={at}
          onChange={(event) => onChange(Number(event.target.value))}
        />
      </div>
    </div>
  );
}

interface ActualProps {
  readonly flagKey: string;
  readonly variants: readonly string[];
  readonly split: Readonly<Record<string, number>>;
}

function Actual({ flagKey, variants, split }: ActualProps) {
  const parts = variants.map((name) => ({ name, value: split[name] ?? 0 }));
  const rest = split[''] ?? 0;
  const all = rest > 0 ? [...parts, { name: 'code fallback', value: rest, colour: 'var(--v0)' }] : parts;
  const whole = all.reduce((sum, { value }) => sum + value, 0);
  return <Split label={`${flagKey} for ${inPeople(whole)}`} parts={all} />;
}

function Moved({ diff, flagKey }: { readonly diff: Diff; readonly flagKey: string }) {
  const { population } = diff;
  const effect = population?.flags.find(({ flag }) => flag === flagKey);
  const others = (population?.flags ?? []).filter(({ flag, changed }) => flag !== flagKey && (changed.rows ?? 0) > 0);
  const running = diff.running.filter(({ flag }) => flag === flagKey);
  return (
    <div className="stack tight" data-moved={effect?.changed.rows ?? 0}>
      {effect && <Effect effect={effect} rows={population?.rows ?? 0} />}
      {population && !effect && <p>Nobody gets something else of this flag at that moment.</p>}
      {running.flatMap(({ changes }) =>
        changes.map((said) => (
          <p key={said} className="flag-warning">
            It runs: {said}
          </p>
        )),
      )}
      {running.map(
        ({ kind, name, rerandomised }) =>
          rerandomised && (
            <p key={`${kind} ${name}`} className="flag-warning" data-anew={rerandomised.phase}>
              Phase {rerandomised.phase} of {name} divides people anew, from {rerandomised.at.slice(0, 16).replace('T', ' ')} UTC: of those
              in both phases {percent(rerandomised.share, 1)} get another value. Results of each phase are told apart, and those of phase{' '}
              {rerandomised.phase} begin at nobody.
            </p>
          ),
      )}
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
        {moved === 0 && effect.moves.length > 0 && effect.moves.every(({ kind }) => kind === 'added') ? (
          'A new flag: nobody had it before.'
        ) : (
          <>
            <strong className="flag-moved">{inPeople(moved)}</strong> of {count(rows)} ({percent(moved, rows)}) would get something else.
          </>
        )}
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
