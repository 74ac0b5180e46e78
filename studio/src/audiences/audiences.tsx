/** Everybody: how many people each flag and segment reaches, and where to change it. */

import './audiences.css';
import { lazy, Suspense } from 'react';
import type { Model } from '../engine/types.js';
import { useDraftState } from '../engine/use-draft.js';
import { Lists, People, Reading } from '../people/choose.js';
import { useAudience } from '../people/people.js';
import { go, useAddress } from '../shell/address.js';
import { Boundary } from '../shell/boundary.js';
import { Button, LinkButton } from '../ui/button.js';
import { Findings } from '../ui/error.js';
import { Figure } from '../ui/figure.js';
import { count } from '../ui/numbers.js';
import { Opening } from '../ui/opening.js';
import { Panel } from '../ui/panel.js';
import { Progress } from '../ui/progress.js';
import { useCounts } from './asked.js';
import { List } from './list.js';
import { NewSegment } from './new-segment.js';

const Flag = lazy(() => import('../flags/flag.js'));
const NewFlag = lazy(() => import('../flags/new-flag.js'));
const Segment = lazy(() => import('./segment.js'));

export default function Audiences() {
  const { flag, segment } = useAddress();
  const { draft, error } = useDraftState();
  const model = draft?.model;
  const counts = useCounts();

  const chosen = segment !== undefined || flag !== undefined;
  const errors = draft?.findings.filter(({ severity }) => severity === 'error') ?? [];
  return (
    <>
      <Opening
        figure={<Headline chosen={chosen} />}
        action={
          model && (
            <>
              <NewSegment model={model} />
              <Boundary name="New flag">
                <Suspense>
                  <NewFlag />
                </Suspense>
              </Boundary>
            </>
          )
        }
      >
        {chosen && <Reading />}
      </Opening>
      {errors.length > 0 && (
        <Panel
          title="The rules have errors"
          note={model ? 'Sizes are those of the last rules without errors.' : 'Nothing is counted until they are mended.'}
        >
          <Findings findings={errors} onOpen={({ file: of, line }) => open(model, of, line)} />
        </Panel>
      )}
      <Lists names={errors.filter(({ code }) => code === 'LIST_FILE').map(({ message }) => message.split(': ')[0] ?? '')} />
      {error && <p className="bad">{error}</p>}
      {!model && errors.length === 0 && !error && <Progress label="Compiling the rules" />}
      {model && (
        <div className="audience-places" data-chosen={chosen || undefined}>
          <List model={model} counts={counts} flag={flag} segment={segment} />
          <div className="stack detail">
            {chosen && (
              <div className="back">
                <LinkButton kind="quiet" small href="#audiences">
                  ← All flags and segments
                </LinkButton>
              </div>
            )}
            <Suspense fallback={<Progress label="Loading" />}>
              {segment !== undefined ? (
                <Segment key={segment} name={segment} model={model} counts={counts} findings={draft.findings} />
              ) : flag !== undefined ? (
                <Flag key={flag} flagKey={flag} />
              ) : (
                <People model={model} />
              )}
            </Suspense>
          </div>
        </div>
      )}
    </>
  );
}

/** The segment or flag that is written at a line. */
function open(model: Model | undefined, file: string, line: number): void {
  const near = <T extends { file: string; line: number }>(all: readonly T[]): T | undefined =>
    all.filter((one) => one.file === file && one.line <= line).sort((one, other) => other.line - one.line)[0];
  if (!model) return;
  const [segment, flag] = [near(model.segments), near(model.flags)];
  if (segment && (!flag || segment.line > flag.line)) go({ segment: segment.key, flag: undefined });
  else if (flag) go({ flag: flag.key, segment: undefined });
}

/** How many people there are, and of whom. */
function Headline({ chosen }: { readonly chosen: boolean }) {
  const { report, file, sample } = useAudience();
  if (!report) {
    return (
      <Figure value="No people yet" tone="unsure">
        Choose a file of people, and every flag and segment below shows whom it reaches.
      </Figure>
    );
  }
  const whole = report.sampledFrom > report.rows ? `, a sample of ${count(report.sampledFrom)},` : '';
  return (
    <Figure value={`${count(report.rows)} people`} sample={sample}>
      of {sample ? 'an invented audience' : file?.name}
      {whole} are counted below, by flag and by segment.{' '}
      <Button
        small
        kind="quiet"
        onPress={() => (chosen ? go({ segment: undefined, flag: undefined }) : document.querySelector('#people')?.scrollIntoView())}
      >
        Change the file
      </Button>
    </Figure>
  );
}
