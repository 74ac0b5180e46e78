/** With which key somebody signs: one that this browser keeps, or a file that is read for as long as the page is open. */

import { useState } from 'react';
import { Button } from '../ui/button.js';
import { FileButton } from '../ui/drop.js';
import { ErrorNote } from '../ui/error.js';
import { type Role, readKey } from './key.js';
import { drop, take, useAllKeys, useKeys } from './keys.js';

export const ROLES: Readonly<Record<Role, string>> = {
  publisher: 'publisher: makes releases',
  approver: 'approver: approves releases',
  kill: 'kill: turns flags off',
  root: 'root: says whose keys count',
};

/** Of which role. */
export function KeyField({ signs: role }: { readonly signs: Role }) {
  const key = useKeys()[role];
  // One that was read comes before it.
  const kept = useAllKeys().find((one) => one.role === role && one.isKept && !one.isBeside);
  const [error, setError] = useState('');
  const read = async (file: File | undefined): Promise<void> => {
    setError('');
    try {
      take(await readKey(file, role));
    } catch (failed) {
      setError((failed as Error).message);
    }
  };
  return (
    <div className="stack tight" data-key-field={role}>
      <p className="row">
        {key ? (
          <span>
            You sign with <strong>{key.holder}</strong>{' '}
            <span className="soft">({key.isKept ? 'kept in this browser' : 'read for this page alone'})</span>
          </span>
        ) : (
          <span>Your key of the role {role} signs here; it stays in this page.</span>
        )}
        <FileButton
          label={key ? 'Another key…' : `Choose ${role}.pem…`}
          small
          kind={key ? 'quiet' : 'plain'}
          accept=".pem"
          onFiles={([file]) => void read(file)}
        />
        {key && kept && !key.isKept && (
          <Button small kind="quiet" onPress={() => void drop(key)}>
            Use the key of {kept.holder}, which this browser keeps
          </Button>
        )}
      </p>
      {error && <ErrorNote title="The key was not read">{error}</ErrorNote>}
    </div>
  );
}
