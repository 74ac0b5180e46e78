/** Whose keys count, and the next document that says so. */

import { Act } from './act.js';
import { Lines } from './lines.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { proposeRemoval, publishDocument, signDocument, type Trust, withdrawDocument } from './trust.js';

export function TrustPanel({ trust }: { readonly trust: Trust }) {
  const { number, roles, takesDocuments, proposed } = trust;
  return (
    <>
      {proposed && <Proposed key={proposed.digest} proposed={proposed} />}
      <Panel
        id="trust"
        title="Whose keys count"
        note={
          takesDocuments
            ? `By trust document ${number}. Keys of the role root sign the next one.`
            : 'This trust has no keys of the role root, so that keys change with the pages that are built with it.'
        }
      >
        <ul className="plain-list">
          {Object.entries(roles).map(([role, { atLeast, keys }]) => (
            <li key={role} className="stack tight" data-role={role}>
              <span>
                <strong>{role}</strong>{' '}
                <span className="soft">
                  {atLeast} of {keys.length} must sign
                </span>
              </span>
              {keys.map((key) => (
                <span key={key.kid} className="row between">
                  <span>
                    {key.holder || 'no name'} <span className="soft mono">{key.kid}</span>
                  </span>
                  {takesDocuments && !proposed && keys.length > atLeast && (
                    <Act
                      name="Take out"
                      label={`Take out the key of ${key.holder || key.kid}`}
                      small
                      kind="quiet"
                      will={[
                        `The next trust document is drafted, in which the key of ${key.holder || key.kid} no longer counts as ${role}.`,
                        'It counts for nothing until keys of root have signed it and it is published.',
                      ]}
                      run={() => proposeRemoval(key)}
                    />
                  )}
                </span>
              ))}
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
}

function Proposed({ proposed }: { readonly proposed: NonNullable<Trust['proposed']> }) {
  const { number, digest, changes, signed, waitsFor, isComplete } = proposed;
  return (
    <Panel id="trust-proposed" title={`Trust document ${number} is proposed`}>
      <div className="stack">
        <Lines
          name="trust-changes"
          lines={[...changes, ...signed.map(({ holder, kid }) => `signed by ${holder || kid}`)]}
          label="What the document changes"
        />
        <p className="row told">
          {isComplete ? <Tag tone="good">has all signatures</Tag> : <Tag tone="unsure">waits for {waitsFor.join('; ')}</Tag>}
        </p>
        <div className="row">
          {isComplete ? (
            <Act
              name={`Publish trust document ${number}`}
              kind="primary"
              why="optional"
              will={[
                'The document is put beside the snapshot, and into the history. Its keys count from then on, for this server and for pages that listen.',
                'Keys that it leaves out no longer count.',
              ]}
              run={({ why }) => publishDocument(digest, why)}
            />
          ) : (
            <Act
              name="Sign as root"
              label={`Sign as root: trust document ${number}`}
              kind="primary"
              signs="root"
              will={[
                `Your signature as root is added to document ${number} with these changes, and to nothing else.`,
                'Root keys belong offline. Sign here only with one of a demo, or at the machine that keeps it; otherwise use waft sign.',
              ]}
              run={({ key }) => signDocument(key, digest)}
            />
          )}
          <Act
            name="Withdraw"
            label={`Withdraw trust document ${number}`}
            will={['The draft and its signatures are removed. Nothing changes for anybody.']}
            run={() => withdrawDocument(digest)}
          />
        </div>
      </div>
    </Panel>
  );
}
