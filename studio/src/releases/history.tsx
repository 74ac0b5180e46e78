/** What was done, by whom and why; and the way back. */

import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { Act } from '../keys/act.js';
import { type Record, rollback, unblock } from './steps.js';
import type { Seen } from './use-server.js';

interface Props {
  readonly seen: Seen;
  readonly isStale: boolean;
}

export function History({ seen: { state }, isStale }: Props) {
  const { history, live, blocked = [] } = state;
  const canReturn = new Set((state.rollback ?? []).map(({ record }) => record));
  return (
    <div className="stack">
      {blocked.length > 0 && (
        <Panel id="blocked" title="Taken back" note="These rules are not released again until somebody with a key that counts says so.">
          <ul className="plain-list">
            {blocked.map(({ version }) => (
              <li key={version} className="row between" data-blocked={version}>
                <span>The rules of version {version}</span>
                <Act
                  name="Allow again"
                  label={`Allow again: the rules of version ${version}`}
                  small
                  isDisabled={isStale}
                  signs="approver"
                  why="required"
                  will={[`The rules of version ${version} may be proposed and released again.`, 'Nothing changes for pages.']}
                  run={({ key, why }) => unblock(key, version, why)}
                />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel id="history" title="History" note="Each record names the one before it, so that none can be taken out.">
        {history.length === 0 ? (
          <p className="soft">No records yet. The first proposal makes the first one.</p>
        ) : (
          <ol className="plain-list" data-list="history">
            {history.map((record) => (
              <li key={record.record} className="record" data-record={record.kind}>
                <time className="soft num" dateTime={record.at}>
                  {at(record.at)}
                </time>
                <span>
                  {told(record)}{' '}
                  {record.version !== undefined && record.version === live?.version && record.kind === 'release' && (
                    <Tag tone="good">live</Tag>
                  )}
                  {record.why && <span className="soft"> {record.why}</span>}
                </span>
                {canReturn.has(record.record) && record.version !== undefined && (
                  <Act
                    name="Roll back"
                    label={`Roll back to version ${record.version}`}
                    small
                    isDisabled={isStale}
                    why="optional"
                    will={[
                      `The rules of version ${record.version} are proposed again, under a new and higher version. What is live stays live until that is approved and published.`,
                      'Experiments that have started or changed since then are stopped; the proposal says which.',
                      'The rules that are taken back are not released again until somebody allows it.',
                    ]}
                    run={({ why }) => rollback(record.version ?? 0, why)}
                  />
                )}
              </li>
            ))}
          </ol>
        )}
      </Panel>
    </div>
  );
}

const at = (text = ''): string => text.slice(0, 16).replace('T', ' ');

/** A record in words. */
function told({ kind, version, rulesOf, flags = [], by, signed = [] }: Record): string {
  const who = by ?? signed.map(({ name, key }) => name ?? key).join(', ');
  const whose = who ? ` by ${who}` : '';
  switch (kind) {
    case 'propose':
      return rulesOf
        ? `Version ${version}: the rules of version ${rulesOf} proposed again${whose}.`
        : `Version ${version} proposed${whose}.`;
    case 'approve':
      return `Version ${version} approved${whose}.`;
    case 'reject':
      return `Version ${version} rejected${whose}.`;
    case 'release':
      return `Version ${version} released.`;
    case 'unblock':
      return `The rules of version ${version} allowed again${whose}.`;
    case 'trust':
      return `Trust document ${version} published${whose}.`;
    case 'kill':
      return `${flags.join(', ')} turned off${whose}.`;
    case 'unkill':
      return `${flags.join(', ')} brought back${whose}.`;
    default:
      return 'A record that this version does not know.';
  }
}
