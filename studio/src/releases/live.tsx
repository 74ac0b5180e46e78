/** What is live, and what acts on it at once: flags that are turned off, and ramps. */

import { useState } from 'react';
import { Panel } from '../ui/panel.js';
import { Select } from '../ui/select.js';
import { Tag } from '../ui/tag.js';
import { Act } from '../keys/act.js';
import { kill, type Ramp, type Ramps, ramp } from './steps.js';
import type { Seen } from './use-server.js';

interface Props {
  readonly seen: Seen;
  readonly isStale: boolean;
}

export function Kills({ seen: { state }, isStale }: Props) {
  const { live, killed } = state;
  const names = (live?.flags ?? []).filter((flag) => !killed.includes(flag));
  const [chosen, setChosen] = useState('');
  const flag = names.includes(chosen) ? chosen : '';
  return (
    <Panel id="kills" title="Turn a flag off" note="For everybody and at once, whatever rules and releases say, until it is brought back.">
      <div className="stack">
        <div className="row end">
          <Select label="Flag" value={flag} onChange={setChosen} options={[{ value: '', name: 'Choose a flag' }, ...names]} />
          <Act
            name="Turn off"
            {...(flag && { label: `Turn off ${flag}` })}
            kind="danger"
            isDisabled={isStale || !flag}
            signs="kill"
            why="optional"
            will={[
              `Everybody gets the value of ${flag} for “off” (whenOff in the rules), in open pages that listen within about a second.`,
              'No release brings it back by itself: somebody has to.',
              'An experiment with this flag ends by that. To measure again, it needs a new phase.',
            ]}
            run={({ key, why }) => kill(key, flag, false, why)}
          />
        </div>
        {killed.length === 0 ? (
          <p className="soft">No flag is turned off.</p>
        ) : (
          <ul className="plain-list">
            {killed.map((name) => (
              <li key={name} className="row between" data-killed={name}>
                <span>
                  <strong>{name}</strong> <Tag tone="bad">off for everybody</Tag>
                </span>
                <Act
                  name="Bring back"
                  label={`Bring back ${name}`}
                  small
                  isDisabled={isStale}
                  signs="kill"
                  why="optional"
                  will={[
                    `${name} follows its rules again, for everybody.`,
                    'An experiment that ran when it was turned off does not go on: the server refuses until the rules have a new phase.',
                  ]}
                  run={({ key, why }) => kill(key, name, true, why)}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}

const STATES: Readonly<Record<string, string>> = {
  done: 'complete',
  dated: 'goes on by date',
  paused: 'paused',
  harmed: 'stopped: it does harm',
  held: 'held: its metrics are not in',
  due: 'next step is due',
};

export function RampsPanel({ ramps, isStale }: { readonly ramps: Ramps; readonly isStale: boolean }) {
  if (ramps.ramps.length === 0) return null;
  return (
    <Panel id="ramps" title="Ramps" note="In the rules of this server. Pages follow with the next release.">
      <ul className="plain-list">
        {ramps.ramps.map((one) => (
          <RampRow key={one.ramp} one={one} ramps={ramps} isStale={isStale} />
        ))}
      </ul>
    </Panel>
  );
}

function RampRow({ one, ramps, isStale }: { readonly one: Ramp; readonly ramps: Ramps; readonly isStale: boolean }) {
  const isPaused = one.state === 'paused';
  const canTurn = one.state !== 'done';
  return (
    <li className="row between" data-ramp={one.ramp}>
      <span>
        <strong>{one.ramp}</strong> <span className="num">{String(one.share)}</span>{' '}
        <Tag tone={one.state === 'harmed' ? 'bad' : isPaused ? 'unsure' : 'plain'}>{STATES[one.state] ?? one.state}</Tag>
      </span>
      {canTurn && (
        <Act
          name={isPaused ? 'Go on' : 'Pause'}
          label={isPaused ? `Go on with ${one.ramp}` : `Pause ${one.ramp}`}
          small
          isDisabled={isStale}
          will={
            isPaused
              ? [
                  `The steps of ${one.ramp} go on from ${one.share}, in the rules of the server.`,
                  'Pages follow once the rules are released: propose them next.',
                ]
              : [
                  `${one.ramp} stays at ${one.share}: nobody else gets it, and nobody loses it.`,
                  'It is written into the rules of the server. Pages follow once the rules are released: propose them next.',
                ]
          }
          run={() => ramp(ramps, one.ramp, isPaused ? 'resume' : 'pause')}
        />
      )}
    </li>
  );
}
