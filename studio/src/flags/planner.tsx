/** How long an experiment takes, or what it can find: computed in Rust by the sequence that the report decides by. */

import { useEffect, useMemo, useState } from 'react';
import { type DayCount, engine, type ModelExperiment, type PlanAnswer, type PlanQuestion } from '../engine/engine.js';
import { useAudience } from '../people/people.js';
import { set } from '../rules/rules.js';
import type { Report } from '../results/report.js';
import { lastReport } from '../results/reports.js';
import { type Files, useRules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { count, exactly } from '../ui/numbers.js';
import { Select } from '../ui/select.js';
import { useFigures } from './figures.js';
import { change, day, percentText, type Shown } from './written.js';

const number = (typed: string): number | undefined => (typed.trim() !== '' && Number.isFinite(Number(typed)) ? Number(typed) : undefined);
const fraction = (typed: string): number | undefined => {
  const found = number(typed);
  return found === undefined ? undefined : found / 100;
};

/** What the rules say of the plan of an experiment: of the phase that was written last. */
function planned({ primary, isRate, windowDays, phases, plan }: ModelExperiment) {
  const phase = phases.at(-1);
  const weights = (phase?.split ?? []).map(({ share }) => share).filter((share) => share > 0);
  return { primary, isRate, windowDays, weights, parts: [phase?.traffic ?? 1], ...plan };
}

/** What the last report knows of an experiment: who entered, and what the control has. */
function seen(report: Report | undefined, { key, primary, phases }: ModelExperiment) {
  const study = report?.studies.find(({ kind, name }) => kind === 'experiment' && name === key);
  const days = study?.sampleRatio?.byDay.slice(-8, -1) ?? [];
  if (!study || days.length === 0) return undefined;
  const entered = days.reduce((sum, { units }) => sum + units.reduce((all, own) => all + own, 0), 0) / days.length;
  // They entered the last phase that began.
  const part = phases.filter(({ started }) => started).at(-1)?.traffic ?? 0;
  // From nobody who enters, nothing is known of those who might.
  if (part <= 0) return undefined;
  return {
    eligible: Math.round(entered / part),
    baseline: study.metrics.find((own) => own.metric === primary[0])?.arms[0]?.mean ?? undefined,
  };
}

export function Planner({ shown, experiment }: { readonly shown: Shown; readonly experiment: ModelExperiment }) {
  const { files } = shown;
  const { key, unit } = experiment;
  const rules = useMemo(() => planned(experiment), [experiment]);
  const report = useLastReport();
  const known = useMemo(() => seen(report, experiment), [report, experiment]);
  const [typed, setEligible] = useState('');
  const [column, setColumn] = useState('');
  const inflow = useInflow(shown, experiment, column);
  // What was counted stands until something else is typed.
  const eligible = column ? (typeof inflow === 'object' ? String(Math.round(inflow.perDay)) : '') : typed;
  const [baseline, setBaseline] = useState('');
  const [deviation, setDeviation] = useState('');
  const [detect, setDetect] = useState<string>();
  const [days, setDays] = useState('');
  const input = useMemo((): PlanQuestion => {
    const of = { eligible: number(eligible), deviation: number(deviation), days: number(days), units: rules.units };
    const base = rules.isRate ? fraction(baseline) : number(baseline);
    const effect = detect === undefined ? rules.detect : fraction(detect);
    const given = Object.entries({ ...of, baseline: base, detect: effect }).filter(([, value]) => value !== undefined);
    const { parts, isRate, windowDays, weights, alpha, power, atLeastDays, primary } = rules;
    return { parts, isRate, windowDays, weights, alpha, power, atLeastDays, primaryMetrics: primary.length, ...Object.fromEntries(given) };
  }, [eligible, baseline, deviation, detect, days, rules]);
  const answer = usePlanned(input);
  const shownDetect = detect ?? (rules.detect === undefined ? '' : String(Number((rules.detect * 100).toFixed(4))));
  return (
    <div className="stack">
      <div className="row end">
        <Field
          label={`Eligible ${unit}s a day`}
          type="number"
          min={1}
          width="11rem"
          value={eligible}
          onChange={(text) => {
            setColumn('');
            setEligible(text);
          }}
          hint="Whom the rule admits"
        />
        <Dates shown={shown} column={column} onChange={setColumn} />
        <Field
          label={rules.isRate ? `${rules.primary[0] ?? 'Metric'}: rate today` : `${rules.primary[0] ?? 'Metric'}: mean today`}
          type="number"
          step="any"
          {...(rules.isRate && { unit: '%' })}
          width="11rem"
          value={baseline}
          onChange={setBaseline}
        />
        {!rules.isRate && (
          <Field
            label="Standard deviation"
            type="number"
            step="any"
            width="11rem"
            value={deviation}
            onChange={setDeviation}
            hint={`Of one ${unit}`}
          />
        )}
        <Field
          label="Smallest change that matters"
          type="number"
          step="any"
          unit="%"
          width="12rem"
          value={shownDetect}
          onChange={setDetect}
        />
        <Field label="or: days it may run" type="number" min={1} max={730} width="9rem" value={days} onChange={setDays} />
        {known && (
          <Button
            small
            onPress={() => {
              setColumn('');
              setEligible(String(known.eligible));
              if (known.baseline !== undefined) setBaseline(String(Number((known.baseline * (rules.isRate ? 100 : 1)).toPrecision(4))));
            }}
          >
            Take from the last report
          </Button>
        )}
      </div>
      {column && <Inflow inflow={inflow} unit={unit} column={column} />}
      <Outcome planned={answer} input={input} unit={unit} />
      {answer?.days !== undefined && answer.units !== undefined && input.detect !== undefined && (
        <WritePlan
          files={files}
          experiment={key}
          detect={input.detect}
          units={answer.units}
          days={answer.days}
          hasPlan={rules.detect !== undefined}
          hasStarted={experiment.phases.some(({ started }) => started)}
        />
      )}
    </div>
  );
}

/** Whom the rule admits, by a day that the file says of them. */
function useInflow({ flag }: Shown, { rule = '' }: ModelExperiment, column: string): DayCount | 'none' | undefined {
  const { value, pending } = useFigures(column && `${flag.key} ${rule} ${column}`, 0, () => engine.trial(flag.key, rule, column));
  return pending ? undefined : value && (value.inflow ?? 'none');
}

interface DatesProps {
  readonly shown: Shown;
  readonly column: string;
  readonly onChange: (column: string) => void;
}

/** The columns of the file that are dates. */
function Dates({ shown: { model }, column, onChange }: DatesProps) {
  const { report } = useAudience();
  const dates = (report?.columns ?? []).flatMap(({ attribute }) =>
    attribute !== undefined && model.attributes[attribute]?.type === 'date' ? [attribute] : [],
  );
  if (dates.length === 0) return null;
  return (
    <Select
      label="or counted by a date"
      width="12rem"
      value={column}
      options={[{ value: '', name: 'not counted' }, ...dates]}
      onChange={onChange}
    />
  );
}

interface InflowProps {
  readonly inflow: DayCount | 'none' | undefined;
  readonly unit: string;
  readonly column: string;
}

function Inflow({ inflow, unit, column }: InflowProps) {
  if (inflow === undefined) return <p role="status">Counting…</p>;
  if (inflow === 'none')
    return (
      <p role="alert">
        Nobody whom the rule admits has a {unit} and a date in {column}: type how many come.
      </p>
    );
  const { from, days, perDay, fewest, most, undated } = inflow;
  if (days === 0) return <p role="alert">{column} has no whole day of them between the first and the last: type how many come.</p>;
  return (
    <p className="soft" role="status" data-inflow={perDay}>
      {count(Math.round(perDay))} a day by {column}, over {count(days)} days from {day(from)}: {count(fewest)} to {count(most)} on one day
      {undated > 0 && `; ${count(undated)} have no date, or one to come`}.
    </p>
  );
}

/** What results are known, if any are. */
function useLastReport(): Report | undefined {
  const isSample = useRules()?.source.kind === 'sample';
  const [report, setReport] = useState<Report>();
  useEffect(() => {
    void lastReport(isSample).then(setReport);
  }, [isSample]);
  return report;
}

/** The latest answer; one that was overtaken is dropped. */
function usePlanned(input: PlanQuestion): PlanAnswer | undefined {
  const [planned, setPlanned] = useState<PlanAnswer>();
  useEffect(() => {
    let isCurrent = true;
    engine.plan(input).then(
      (found) => isCurrent && setPlanned(found),
      () => isCurrent && setPlanned({ needs: ['the studio’s worker, which did not answer: reload the page'] }),
    );
    return () => {
      isCurrent = false;
    };
  }, [input]);
  return planned;
}

function Outcome({
  planned,
  input,
  unit,
}: {
  readonly planned: PlanAnswer | undefined;
  readonly input: PlanQuestion;
  readonly unit: string;
}) {
  if (!planned) return <p role="status">Counting…</p>;
  if (planned.needs.length > 0) {
    return (
      <p role="status" className="soft">
        Needs {planned.needs.join(', ')}.
      </p>
    );
  }
  const tested = `with ${exactly(input.power)} power, by the interval of the report (${exactly(1 - input.alpha)} confidence, read every day)`;
  return (
    <div role="status" className="stack tight">
      <p className="soft">
        {count(Math.round(planned.perDay ?? 0))} {unit}s enter a day
        {input.windowDays > 0 && `, and count after ${Number(input.windowDays.toFixed(1))} days`}.
      </p>
      {input.detect !== undefined && (
        <p className="flag-plan">
          {planned.days === undefined || planned.units === undefined ? (
            <>A change of {exactly(input.detect)} takes more than two years here: look for a larger one, or let more in.</>
          ) : (
            <>
              <strong>{planned.days === 1 ? '1 day' : `${count(planned.days)} days`}</strong> find a change of {exactly(input.detect)}{' '}
              {tested}: {count(planned.units)} {unit}s.
            </>
          )}
        </p>
      )}
      {input.days !== undefined && (
        <p className="flag-plan">
          {planned.detectable === undefined ? (
            <>
              In {count(input.days)} days nothing can be found: too few {unit}s count by then.
            </>
          ) : (
            <>
              In {count(input.days)} days: a change of <strong>{exactly(planned.detectable)}</strong> {tested}.
            </>
          )}
        </p>
      )}
      {planned.curve && (
        <table className="flag-curve num">
          <caption className="soft">Smallest change that is found, by days</caption>
          <tbody>
            <tr>
              <th scope="row">Days</th>
              {planned.curve.map(({ day }) => (
                <td key={day}>{day}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">Change</th>
              {planned.curve.map(({ day, detectable }) => (
                <td key={day}>{detectable === null ? '–' : exactly(detectable)}</td>
              ))}
            </tr>
          </tbody>
        </table>
      )}
    </div>
  );
}

interface WritePlanProps {
  readonly files: Files;
  readonly experiment: string;
  readonly detect: number;
  readonly units: number;
  readonly days: number;
  readonly hasPlan: boolean;
  readonly hasStarted: boolean;
}

/** Writes what was found into the rules. A running experiment keeps its plan: changing it with the data in view voids the guarantee. */
function WritePlan({ files, experiment, detect, units, days, hasPlan, hasStarted }: WritePlanProps) {
  const path = ['experiments', experiment, 'plan'];
  const write = (all: Files): Files => {
    const detected = set(all, [...path, 'detect'], percentText(detect));
    return set(set(detected, [...path, 'units'], units), [...path, 'atLeast'], `${Math.max(7, days)}d`);
  };
  return (
    <div className="row">
      <Button onPress={() => change(files, write)}>{hasPlan ? 'Change the plan' : 'Write this plan'}</Button>
      {hasPlan && hasStarted && (
        <span className="soft">Not once it runs: a plan that changes with the results in view guarantees nothing.</span>
      )}
    </div>
  );
}
