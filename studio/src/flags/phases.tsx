/** The phases of an experiment: from when to when, how many it takes in, and how they are divided. */

import { useState } from 'react';
import type { Finding, ModelExperiment, ModelPhase } from '../engine/engine.js';
import { get, remove, set } from '../rules/rules.js';
import type { Files } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { ErrorNote } from '../ui/error.js';
import { Field } from '../ui/field.js';
import { colourOf } from '../ui/share.js';
import { Tag } from '../ui/tag.js';
import { Found } from './found.js';
import { Percent } from './percent.js';
import { Period } from './period.js';
import { type Before, evenly, newPhase, phasesPath, setShare } from './phase.js';
import { change, dateText, day, entries, findingsAt, inputOf, list, percentText, share, type Shown, text, tomorrow } from './written.js';

/** Something that has started was changed, and may not be: the compiler's finding. */
const NEEDED = 'PHASE_NEEDED';

interface PhasesProps {
  readonly shown: Shown;
  readonly experiment: ModelExperiment;
  /** The rules as they were opened. */
  readonly base: Files;
  readonly findings: readonly Finding[];
}

export function Phases({ shown, experiment, base, findings }: PhasesProps) {
  const { files } = shown;
  const path = phasesPath(experiment.key);
  const written = list(get(files, path)).map(entries);
  const at = findings.filter((finding) => written.some((_, place) => findingsAt([finding], files, [...path, place]).length > 0));
  const needed = findings.filter(({ code }) => code === NEEDED);
  const others = findings.filter((finding) => !at.includes(finding) && finding.code !== NEEDED);
  const running = experiment.running ?? -1;
  const isLast = running === written.length - 1;
  // One that is to come is changed itself.
  const hasBegun = experiment.phases[written.length - 1]?.started === true;
  return (
    <section className="stack tight" aria-label={`Phases of ${experiment.key}`}>
      <h3>Phases and their splits</h3>
      <Found findings={others} />
      {needed.length > 0 && (
        <ErrorNote tone="unsure" code={NEEDED} title={needed.map(({ message }) => message).join('; ')} remedy={remedies(needed)} />
      )}
      <ol className="stack tight flag-rules">
        {written.map((phase, place) => {
          const told = experiment.phases[place];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a phase is its place
            <li key={place} className="flag-rule stack tight" data-phase={text(phase.id)}>
              <div className="row">
                <strong>Phase {text(phase.id)}</strong> <State told={told} isRunning={place === running} />
              </div>
              {told?.started && place !== running ? (
                <Over told={told} />
              ) : (
                <PhaseFields shown={shown} experiment={experiment} at={place} phase={phase} />
              )}
              <Found
                findings={at.filter((finding) => findingsAt([finding], files, [...path, place]).length > 0 && finding.code !== NEEDED)}
              />
            </li>
          );
        })}
      </ol>
      {hasBegun && (isLast || running < 0) && (
        <NextPhase
          files={files}
          base={base}
          experiment={experiment}
          before={{ at: running < 0 ? written.length - 1 : running, isOver: running < 0 }}
          isNeeded={needed.length > 0}
        />
      )}
    </section>
  );
}

const remedies = (findings: readonly Finding[]): string => [...new Set(findings.map(({ remedy }) => remedy))].join('; ');

function State({ told, isRunning }: { readonly told: ModelPhase | undefined; readonly isRunning: boolean }) {
  if (!told) return null;
  if (isRunning) return <Tag tone="good">running</Tag>;
  return told.started ? <Tag>over</Tag> : <Tag tone="unsure">from {day(told.from)}</Tag>;
}

/** One that is over: what was decided stays decided. */
function Over({ told: { from, to, coverage, split } }: { readonly told: ModelPhase }) {
  return (
    <p className="soft">
      {day(from)} to {to === undefined ? 'its end' : day(to)}, {percentText(coverage)} of people:{' '}
      {split.map(({ variant, share: part }) => `${variant} ${percentText(part)}`).join(', ')}
    </p>
  );
}

interface PhaseFieldsProps {
  readonly shown: Shown;
  readonly experiment: ModelExperiment;
  readonly at: number;
  readonly phase: ReturnType<typeof entries>;
}

function PhaseFields({ shown: { files, flag }, experiment, at, phase }: PhaseFieldsProps) {
  const path = [...phasesPath(experiment.key), at];
  const split = entries(phase.split);
  const names = [...new Set([...flag.variants, ...Object.keys(split)])];
  const taking = names.filter((name) => split[name] !== undefined);
  const date = (name: string, next: string): void => {
    if (next) change(files, (all) => set(all, [...path, name], dateText(next)));
    else if (name === 'to' && phase.to !== undefined) change(files, (all) => remove(all, [...path, name]));
  };
  return (
    <>
      <div className="row end">
        <Period of={phase} onChange={date} />
        <Percent
          label={`Coverage of phase ${text(phase.id)}`}
          width="9rem"
          value={share(phase.coverage ?? '100%')}
          onChange={(percent) => change(files, (all) => set(all, [...path, 'coverage'], percent))}
        />
      </div>
      <div className="row end">
        {names.map((name, place) => (
          <span key={name} className="row end flag-share">
            <span className="flag-swatch" style={{ background: colourOf(place) }} aria-hidden="true" />
            <Percent
              label={`Split: ${name}`}
              width="8rem"
              value={share(split[name] ?? '0%')}
              hint={split[name] === undefined ? 'takes no part' : ''}
              onChange={(percent) =>
                change(files, (all) => setShare(all, experiment.key, at, name, percent === '0%' ? undefined : percent))
              }
            />
          </span>
        ))}
        <Button small isDisabled={taking.length === 0} onPress={() => change(files, (all) => set(all, [...path, 'split'], evenly(taking)))}>
          Divide evenly
        </Button>
      </div>
    </>
  );
}

interface NextPhaseProps {
  readonly files: Files;
  readonly base: Files;
  readonly experiment: ModelExperiment;
  readonly before: Before;
  /** The draft changes what has started. */
  readonly isNeeded: boolean;
}

/** Ends the phase, unless it is over, and begins another one, with what is written of it by now. */
function NextPhase({ files, base, experiment, before, isNeeded }: NextPhaseProps) {
  const [from, setFrom] = useState(() => inputOf(tomorrow()));
  const next = Math.max(...experiment.phases.map(({ id }) => id)) + 1;
  return (
    <div className="row end" data-next-phase={next}>
      <Field label={`Phase ${next} starts (UTC)`} type="datetime-local" width="13rem" value={from} onChange={setFrom} />
      <Button
        kind={isNeeded ? 'primary' : 'plain'}
        small
        isDisabled={!from}
        onPress={() => change(files, (all) => newPhase(all, base, experiment.key, before, dateText(from)))}
      >
        {isNeeded ? `Make this phase ${next}` : `Add phase ${next}`}
      </Button>
      <span className="soft">
        {isNeeded ? `Phase ${experiment.phases[before.at]?.id} stays as it was${before.isOver ? '' : ' and ends then'}. ` : ''}A new phase
        divides people anew; the report tells its results apart from those before.
      </span>
    </div>
  );
}
