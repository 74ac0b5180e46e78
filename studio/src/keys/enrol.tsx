/** Making a key in this browser. */

import { useState } from 'react';
import { Act } from './act.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { ErrorNote } from '../ui/error.js';
import { Field } from '../ui/field.js';
import { type Key, makeKey, type Role } from './key.js';
import { enrol } from './keys.js';
import { countsBy, type Trust } from './trust.js';

/** What `ROLE:HOLDER=PUBLIC` can say, and a file may be called. */
const HOLDER = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,39}$/u;

interface EnrolProps {
  /** The keys that this browser keeps and signs with. */
  readonly kept: readonly Key[];
  readonly trust: Trust | undefined;
}

export function Enrol({ kept, trust }: EnrolProps) {
  const [holder, setHolder] = useState('');
  const [role, setRole] = useState<Role>(kept.some((key) => key.role === 'approver') ? 'kill' : 'approver');
  const [error, setError] = useState('');
  const [isPending, setPending] = useState(false);
  const isNamed = HOLDER.test(holder);
  const before = kept.find((key) => key.role === role);

  const make = async (): Promise<string> => {
    const signs = await enrol(await makeKey(role, holder));
    setHolder('');
    return signs === 'signs' ? 'The key is made.' : `The key of ${holder} is made. The one before signs until it counts.`;
  };
  /** Where one is kept already, it is asked for first. */
  const first = async (): Promise<void> => {
    if (!isNamed || before) return;
    setPending(true);
    setError('');
    try {
      await make();
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
        void first();
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
      {before && <Before mine={before} trust={trust} />}
      {error && <ErrorNote title="No key was made">{error}</ErrorNote>}
      <div className="row">
        {before ? (
          <Act
            name="Make another key"
            label={`Make another key for ${holder || 'you'}`}
            isDisabled={!isNamed}
            will={[
              `The key ${before.kid} of ${before.holder} stays, and signs until the new one counts. As of now ${standing(trust, before)}.`,
              'The new key counts for nothing until holders of root keys add its public half to the trust. Then it signs here.',
              'The one before is deleted only when you remove it.',
            ]}
            run={make}
          />
        ) : (
          <Button kind="primary" type="submit" isDisabled={!isNamed} isPending={isPending}>
            Make the key
          </Button>
        )}
      </div>
    </form>
  );
}

/** Whether a key is enrolled, in words. */
function standing(trust: Trust | undefined, key: Key): string {
  if (!trust) return 'whether it is enrolled is not known here';
  const counts = countsBy(trust, key);
  return counts ? `it is enrolled as ${counts.holder || key.holder}` : 'it is not enrolled yet';
}

/** What is kept for that already. */
const Before = ({ mine, trust }: { readonly mine: Key; readonly trust: Trust | undefined }) => (
  <ErrorNote tone="unsure" title={`This browser keeps a key for that: of ${mine.holder}`}>
    Its id is <code>{mine.kid}</code>, and {standing(trust, mine)}. Another one does not take its place: both are kept.
  </ErrorNote>
);
