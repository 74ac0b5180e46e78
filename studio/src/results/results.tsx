/** The place where people read what came of experiments: the list of studies, and the one that was chosen. */

import { useEffect, useRef } from 'react';
import { href, useAddress } from '../shell/address.js';
import { Button } from '../ui/button.js';
import { useDropTarget } from '../ui/drop.js';
import { Empty } from '../ui/empty.js';
import { ErrorNote } from '../ui/error.js';
import { Figure } from '../ui/figure.js';
import { Opening } from '../ui/opening.js';
import { Progress } from '../ui/progress.js';
import { inBrief, type Kind } from './conclusion.js';
import type { Report, Study } from './report.js';
import { closeFile, dismiss, openFile, type State, useReport } from './reports.js';
import './results.css';
import { StudyPage } from './study.js';
import { count, counted } from '../ui/numbers.js';
import * as words from './words.js';

const keyOf = ({ name, phase }: Study): string => `${name}/${phase}`;

export default function Results() {
  const state = useReport();
  const target = useDropTarget(({ files: [file] }) => {
    if (file) void openFile(file);
  });
  usePrint();
  const { report, problem, refused } = state;
  return (
    <div className="results" {...target}>
      <Opened state={state} />
      {problem && (
        <ErrorNote
          code={problem.code}
          title={problem.cause}
          remedy={`${problem.remedy}.${report ? ' The report before it stays.' : ''}`}
          action={<Button onPress={dismiss}>Close</Button>}
        />
      )}
      {refused && (
        <ErrorNote
          code={refused.code}
          title="The collector’s report cannot be shown."
          remedy={`${refused.remedy}.${report ? ' Its last report stays.' : ''}`}
        >
          {refused.cause}
        </ErrorNote>
      )}
      {report ? <Studies report={report} /> : !refused && <Progress label="Loading results" />}
    </div>
  );
}

/** How many names of events are listed. */
const NAMES = 8;

/** What is here already, before any metric counts it. */
function Received({ received: { total, events = [] } }: { readonly received: NonNullable<State['received']> }) {
  const named = events.slice(0, NAMES).map(({ name, events: many }) => `${name} ${count(many)}`);
  const more = events.length > NAMES ? `, and ${events.length - NAMES} more names` : '';
  return (
    <p className="soft" data-received>
      Received so far: {counted(total, 'unique exposure')}, {named.length > 0 ? `events ${named.join(', ')}${more}` : 'no events'}. A metric
      counts what a unit did once its window is over.
    </p>
  );
}

/** What is shown, as of when, and the button for something else. */
function Opened({ state: { from, report, isAway, refused, received } }: { readonly state: State }) {
  const input = useRef<HTMLInputElement>(null);
  const moment = report && <time dateTime={report.asOf}>{report.asOf.replace('T', ' ').slice(0, 16)} UTC</time>;
  const figure = report && (
    <Figure value={counted(report.studies.length, 'study', 'studies')} sample={report.sample ?? false}>
      {overview(report)}
    </Figure>
  );
  return (
    <div className="results-opened">
      <Opening
        figure={figure}
        action={
          <>
            <Button kind="primary" onPress={() => input.current?.click()}>
              Open a report
            </Button>
            {from.kind === 'file' && <Button onPress={() => void closeFile()}>Close the report</Button>}
            <Button onPress={() => print()}>Print</Button>
            <input
              ref={input}
              type="file"
              hidden
              aria-label="Open a report"
              accept=".json,application/json"
              onChange={(event) => {
                const file = event.target.files?.[0];
                event.target.value = '';
                if (file) void openFile(file);
              }}
            />
          </>
        }
      />
      <p className="soft results-source">
        {from.kind === 'file' && `From ${from.name}. `}
        {report?.sample && 'Of an invented shop. '}
        {from.kind === 'serve' && !isAway && !refused && 'Live from the collector. '}
        {refused && report && 'The collector’s last report. '}
        {isAway && <strong role="alert">The collector does not answer. This is its last report. </strong>}
        {moment && <>As of {moment}.</>}
      </p>
      {from.kind === 'serve' && !isAway && !refused && received && <Received received={received} />}
    </div>
  );
}

const KINDS: readonly (readonly [Kind, string])[] = [
  ['harmed', 'with a failed guardrail'],
  ['unreadable', 'not to be read'],
  ['worse', 'worse'],
  ['waits', 'better, with a guardrail not cleared'],
  ['better', 'better'],
  ['safe', 'with all guardrails cleared'],
  ['unknown', 'without a conclusion'],
  ['empty', 'without figures'],
];

/** How many of each outcome there are. */
function overview({ studies }: Report): string {
  const kinds = studies.map((study) => inBrief(study).kind);
  const said = KINDS.flatMap(([kind, text]) => {
    const many = kinds.filter((one) => one === kind).length;
    return many > 0 ? [`${many} ${text}`] : [];
  });
  return said.length > 0 ? `${said.join(', ')}.` : 'No experiment has started.';
}

function Studies({ report }: { readonly report: Report }) {
  const { experiment } = useAddress();
  const { studies } = report;
  // A link from a flag has the name alone: of its phases, the newest comes first.
  const study = studies.find((one) => keyOf(one) === experiment) ?? studies.find(({ name }) => name === experiment) ?? studies[0];
  return (
    <>
      {report.warnings.map((warning) => (
        <p key={warning} className="results-note" data-tone="unsure">
          Warning: {warning}
        </p>
      ))}
      {studies.length === 0 && (
        <Empty title="Nothing to compare yet">
          No experiment, holdout or monitored ramp has started. Add one to a flag, and release it.
        </Empty>
      )}
      {studies.length > 1 && (
        <nav aria-label="Studies" className="results-list">
          {studies.map((one) => {
            const { tone, headline } = inBrief(one);
            return (
              <a
                key={keyOf(one)}
                href={href({ place: 'results', experiment: keyOf(one) })}
                aria-current={one === study ? 'true' : undefined}
                data-tone={tone}
                data-study={keyOf(one)}
              >
                <strong>{words.title(one, studies)}</strong>
                <span>{headline}</span>
                <small>
                  {words.kindOf(one)}, {words.period(one)}
                </small>
              </a>
            );
          })}
        </nav>
      )}
      {study && <StudyPage key={keyOf(study)} study={study} of={report} />}
      <Unknown report={report} />
      <HowToRead />
    </>
  );
}

function Unknown({ report: { unknown, unknownMore } }: { readonly report: Report }) {
  if (unknown.length === 0) return null;
  const all = unknown.length + unknownMore;
  return (
    <details>
      <summary>{counted(all, 'name')} not in the ruleset, or not started</summary>
      <ul>
        {unknown.map(([name, units]) => (
          <li key={name}>
            {name}: {counted(units, 'unit')}
          </li>
        ))}
      </ul>
    </details>
  );
}

function HowToRead() {
  return (
    <details className="results-how">
      <summary>How to read this</summary>
      <p>
        Each difference has an interval that stays valid however often you look: an asymptotic confidence sequence. Read it every day, and
        decide as soon as it excludes zero. “No conclusion yet” does not mean “no effect”.
      </p>
      <p>
        Bars show the difference as a share of the control's value, so that all metrics share one axis. Primary metrics decide, and share
        the error rate. Secondary metrics explain.
      </p>
      <p>
        A guardrail is cleared once it is known not to be worse than its margin, and harmed once it is known to be. In between it is not
        cleared.
      </p>
      <p>
        A sample ratio mismatch (SRM) means that units are lost on the way, hardly ever by chance. No result is shown until the cause is
        found.
      </p>
    </details>
  );
}

/** Paper has no buttons: what is folded is opened for it. */
function usePrint(): void {
  useEffect(() => {
    let folded: HTMLDetailsElement[] = [];
    const before = (): void => {
      folded = [...document.querySelectorAll<HTMLDetailsElement>('.results-study details:not([open])')];
      for (const one of folded) one.open = true;
    };
    const after = (): void => {
      for (const one of folded) one.open = false;
    };
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
}
