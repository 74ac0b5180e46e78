/** What is proposed: why, what was checked, what changes and for whom; and the three things that can be done with it. */

import { href } from '../shell/address.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { Act } from '../keys/act.js';
import { Lines } from '../keys/lines.js';
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
      <Reached effect={review.effect} />
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
      <div className="grid2">
        <section className="stack tight">
          <h3>What changes</h3>
          <Lines name="changes" lines={review.changes} label="What changes" />
        </section>
        <section className="stack tight">
          <h3>Who would see something else</h3>
          {review.effect.length > 0 ? (
            <Lines name="effect" lines={review.effect} label="Who would see something else" />
          ) : (
            <p className="soft">
              Nobody was counted. Start the server with <code>--population people.csv</code>, or open your own file in Audiences and flags.
            </p>
          )}
        </section>
      </div>
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

/** The effect in a sentence for each flag; the lines that it stands in follow. */
function Reached({ effect }: { readonly effect: readonly string[] }) {
  const found = effect.flatMap((line) => {
    const [, flag, rows, share] = /^flag (\S+): ([\d,]+) rows? \(([^)]+)\)/.exec(line) ?? [];
    return flag ? [{ flag, rows, share }] : [];
  });
  if (found.length === 0) return null;
  return (
    <ul className="plain-list" data-reached>
      {found.slice(0, SAID).map(({ flag, rows, share }) => (
        <li key={flag}>
          <a href={href({ place: 'audiences', flag, segment: undefined })}>{flag}</a> changes for <strong>{rows} people</strong> ({share} of
          those whom the server counted)
        </li>
      ))}
      {found.length > SAID && <li>and {found.length - SAID} more flags, listed below</li>}
    </ul>
  );
}

function Closed({ state: { state, version, signs }, isStale }: { readonly state: State; readonly isStale: boolean }) {
  const told =
    state === 'lapsed'
      ? `Version ${version} lapsed, because something else is live by now. Propose it again.`
      : state === 'rejected'
        ? `Version ${version} was rejected.`
        : 'Nothing is proposed.';
  return (
    <div className="stack">
      <p className="told">
        {told} <span className="soft">Save rules to the server and propose them here, or let CI run waft release propose.</span>
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
