/** Making a key in this browser. */

import { useState } from 'react';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { ErrorNote } from '../ui/error.js';
import { Field } from '../ui/field.js';
import { makeKey, type Role } from './key.js';
import { enrol } from './keys.js';

/** What `ROLE:HOLDER=PUBLIC` can say, and a file may be called. */
const HOLDER = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,39}$/u;

export function Enrol({ taken }: { readonly taken: readonly Role[] }) {
  const [holder, setHolder] = useState('');
  const [role, setRole] = useState<Role>(taken.includes('approver') ? 'kill' : 'approver');
  const [error, setError] = useState('');
  const [isPending, setPending] = useState(false);
  const isNamed = HOLDER.test(holder);
  const isTaken = taken.includes(role);

  const make = async (): Promise<void> => {
    if (!isNamed || isTaken) return;
    setPending(true);
    setError('');
    try {
      await enrol(await makeKey(role, holder));
      setHolder('');
    } catch (failed) {
      setError((failed as Error).message);
    } finally {
      setPending(false);
    }
  };

  return (
    <form
      className="stack"
      aria-label="Enrol a key"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Choice
        label="What it is for"
        value={role}
        onChange={(value) => setRole(value as Role)}
        options={[
          { value: 'approver', name: 'Approve releases' },
          { value: 'kill', name: 'Turn flags off' },
        ]}
      />
      <Field
        label="Your name"
        value={holder}
        onChange={setHolder}
        isRequired
        hint="As it is shown beside what you sign: letters, digits, and . _ @ - between them."
        {...(holder !== '' && !isNamed && { error: 'Use letters and digits, with . _ @ - between them, and at most 40: anna.b' })}
      />
      <ul className="will">
        <li>
          The browser makes an Ed25519 key and keeps it in this site’s data, on this device alone. Neither you nor a script can read it out.
        </li>
        <li>
          <strong>Clearing this site’s data loses it</strong>, as does a private window when it is closed. Then enrol another, and have the
          lost one removed.
        </li>
        <li>It counts for nothing until holders of root keys add its public half to the trust.</li>
      </ul>
      {isTaken && <p className="soft">You have a key for that. Remove it first to make another.</p>}
      {error && <ErrorNote title="No key was made">{error}</ErrorNote>}
      <div className="row">
        <Button kind="primary" type="submit" isDisabled={!isNamed || isTaken} isPending={isPending}>
          Make the key
        </Button>
      </div>
    </form>
  );
}
