/** What is proposed: why, what was checked, what changes and for whom; and the three things that can be done with it. */

import type { Effect } from '../engine/types.js';
import { href } from '../shell/address.js';
import { Code } from '../ui/code.js';
import { counted, people, percent } from '../ui/numbers.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { Act } from '../keys/act.js';
import { Lines } from '../keys/lines.js';
import { Compared } from './compared.js';
import { approve, propose, publish, type Review, reject, type State } from './steps.js';
import type { Seen } from './use-server.js';

/** So many flags are told in sentences. */
const SAID = 5;

export function Proposed({ seen, isStale }: { readonly seen: Seen; readonly isStale: boolean }) {
  const { state, review } = seen;
  return (
    <Panel id="proposed" title="Proposed">
      {/* Another proposal closes the dialogs of this one: nobody signs what came while they read. */}
      {review ? <Open key={review.digest} state={state} review={review} isStale={isStale} /> : <Closed state={state} isStale={isStale} />}
    </Panel>
  );
}

function Open({ state, review, isStale }: { readonly state: State; readonly review: Review; readonly isStale: boolean }) {
  const { version, base, proposal, exceeds } = review;
  const waitsFor = state.waitsFor ?? [];
  const isReady = waitsFor.length === 0;
  const replaces = base === 0 ? 'It is the first release.' : `It replaces version ${base}.`;
  return (
    <div className="stack">
      <div className="row between">
        <p className="told">
          <strong>Version {version}</strong>
          {review.why && `: ${review.why}`}
        </p>
        {isReady ? <Tag tone="good">has all signatures</Tag> : <Tag tone="unsure">waits for {waitsFor.join('; ')}</Tag>}
      </div>
      <Reached population={review.diff?.population} />
      <div className="row">
        {isReady ? (
          <Act
            name={`Publish version ${version}`}
            kind="primary"
            isDisabled={isStale}
            will={[
              `Version ${version} goes live. ${replaces}`,
              'Open pages that listen for changes take it within seconds, others when they load next.',
              'It can be rolled back: the rules of an earlier version are then proposed again.',
            ]}
            run={() => publish(proposal, version)}
          />
        ) : (
          <Act
            name={`Approve version ${version}`}
            kind="primary"
            isDisabled={isStale}
            signs="approver"
            why="optional"
            will={[
              `Your signature is added to version ${version} as it is shown here, and to nothing else.`,
              replaces.replace('It replaces', 'Once published, it replaces').replace('It is', 'Once published, it is'),
              'Nothing changes for pages yet: publishing is a step of its own.',
            ]}
            run={({ key, why }) => approve(key, review, why)}
          />
        )}
        <Act
          name="Reject"
          label={`Reject version ${version}`}
          isDisabled={isStale}
          signs="approver"
          why="required"
          will={[
            `The proposal of version ${version} is closed, with your name and your reason.`,
            'What is live stays live. The rules can be proposed again.',
          ]}
          run={({ key, why }) => reject(key, proposal, version, why)}
        />
        <Propose signs={state.signs} isStale={isStale} instead={version} />
      </div>
      <Changes review={review} />
      <section className="stack tight">
        <h3>Checks and signatures</h3>
        {exceeds.length > 0 && (
          <p>
            <Tag tone="unsure">exceeds a limit</Tag> {exceeds.join('; ')}
          </p>
        )}
        <Lines name="checks" lines={[...review.checks, ...review.signed.map((who) => `signed by ${who}`)]} label="Checks and signatures" />
      </section>
    </div>
  );
}

/** What changes and for whom: in words, and as the command line tells it, which is what is recorded. */
function Changes({ review: { diff, changes, effect } }: { readonly review: Review }) {
  const lines = [...changes, ...effect];
  // The first release: nothing was live.
  if (!diff)
    return (
      <section className="stack tight">
        <h3>What changes</h3>
        <Lines name="changes" lines={lines} label="What changes" />
      </section>
    );
  return (
    <>
      <Compared
        diff={diff}
        name=""
        what="the proposal"
        nobody={
          <>
            Nobody was counted. Start the server with <code>--population people.csv</code>, or open your own file in Audiences and flags.
          </>
        }
      />
      <details>
        <summary>As the command line tells it</summary>
        <Code block>{lines.join('\n')}</Code>
      </details>
    </>
  );
}

/** The effect in a sentence for each flag. */
function Reached({ population }: { readonly population: Effect | undefined }) {
  if (!population) return null;
  const { rows, flags } = population;
  const found = flags.filter(({ changed }) => changed.share > 0);
  if (found.length === 0) return <p data-reached>Nobody of the {people(rows)} whom the server counted gets something else.</p>;
  return (
    <ul className="plain-list" data-reached>
      {found.slice(0, SAID).map(({ flag, changed: { rows: some, share } }) => (
        <li key={flag}>
          <a href={href({ place: 'audiences', flag, segment: undefined })}>{flag}</a> changes for{' '}
          {some === undefined ? (
            <>
              an expected <strong>{percent(share, 1)}</strong> of those whom the server counted
            </>
          ) : (
            <>
              <strong>{people(some)}</strong> ({percent(some, rows)} of those whom the server counted)
            </>
          )}
        </li>
      ))}
      {found.length > SAID && <li>and {counted(found.length - SAID, 'more flag')}, listed below</li>}
    </ul>
  );
}

function Closed({ state: { state, version, signs }, isStale }: { readonly state: State; readonly isStale: boolean }) {
  const told =
    state === 'lapsed'
      ? `Version ${version} lapsed: something else is live by now, or its snapshot is gone. Propose it again.`
      : state === 'rejected'
        ? `Version ${version} was rejected.`
        : 'Nothing is proposed.';
  return (
    <div className="stack">
      <p className="told">
        {told}{' '}
        <span className="soft">
          Save rules to the server and propose them here, or let CI run <Code>waft release propose</Code>.
        </span>
      </p>
      <div className="row">
        <Propose signs={signs} isStale={isStale} />
      </div>
    </div>
  );
}

interface ProposeProps {
  readonly signs: State['signs'];
  readonly isStale: boolean;
  /** The open proposal, which would be superseded. */
  readonly instead?: number;
}

function Propose({ signs, isStale, instead }: ProposeProps) {
  const by = signs?.includes('publisher');
  return (
    <Act
      name={instead === undefined ? 'Propose the server’s rules' : 'Propose the server’s rules instead'}
      kind={instead === undefined ? 'plain' : 'quiet'}
      isDisabled={isStale}
      why="optional"
      will={[
        'The rules that are saved on the server are checked (lint, what has started, rule tests) and compared with what is live.',
        by
          ? 'If they pass, they become a proposal with the server’s signature as publisher. It waits for an approver.'
          : 'If they pass, they become a proposal without signatures. It waits for a publisher and an approver.',
        ...(instead === undefined ? [] : [`It takes the place of version ${instead}, whose signatures then count for nothing.`]),
        'Nothing changes for pages.',
      ]}
      run={({ why }) => propose(why)}
    />
  );
}
