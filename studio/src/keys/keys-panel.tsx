/** Your keys: what each is for, whether it counts, how it comes to count; and a new one. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { Absent } from '../api/ask.js';
import { Act, Done } from './act.js';
import { download } from '../shell/download.js';
import { Button } from '../ui/button.js';
import { Code } from '../ui/code.js';
import { ErrorNote } from '../ui/error.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { toast } from '../ui/toast.js';
import { Enrol } from './enrol.js';
import type { Key, Role } from './key.js';
import { ROLES } from './key-field.js';
import { drop, signWith, useAllKeys } from './keys.js';
import { TrustPanel } from './trust-panel.js';
import { countsBy, proposeKey, readTrust, type Trust } from './trust.js';

export function Keys({ isServed }: { readonly isServed: boolean }) {
  const keys = useAllKeys();
  const { trust, error, refresh } = useTrust(isServed);
  useTakenOver(keys, trust);
  const mine = keys.filter(({ role }) => role !== 'root');
  const done = useCallback(
    async (said: string): Promise<void> => {
      await refresh();
      toast(said, { tone: 'good' });
    },
    [refresh],
  );
  return (
    <Done value={done}>
      <div className="stack">
        <Panel id="keys" title="Your keys" note="There are no accounts: a signature is the permission, and a key makes it.">
          {mine.length === 0 ? (
            <p className="soft">You have no key at hand. Enrol one here, or choose the file of waft keygen where you sign.</p>
          ) : (
            <ul className="plain-list">
              {mine.map((key) => (
                <KeyRow key={`${key.role} ${key.kid}`} mine={key} trust={trust} />
              ))}
            </ul>
          )}
        </Panel>
        {error && <ErrorNote title="Whose keys count is not known">{error}</ErrorNote>}
        {trust && <TrustPanel trust={trust} />}
        <Panel id="enrol" title="Enrol a key">
          <Enrol kept={keys.filter(({ isKept, isBeside }) => isKept && !isBeside)} trust={trust} />
        </Panel>
      </div>
    </Done>
  );
}

function useTrust(isServed: boolean): { trust: Trust | undefined; error: string; refresh: () => Promise<void> } {
  const [trust, setTrust] = useState<Trust>();
  const [error, setError] = useState('');
  const refresh = useCallback(async (): Promise<void> => {
    if (!isServed) return;
    try {
      setTrust(await readTrust());
      setError('');
    } catch (failed) {
      // A server whose trust is no document has none to tell.
      if (!(failed instanceof Absent)) setError((failed as Error).message);
    }
  }, [isServed]);
  useEffect(() => void refresh(), [refresh]);
  return { trust, error, refresh };
}

/** A key that was made beside another signs once it counts: of several, the newest. The other stays, until its holder removes it. */
function useTakenOver(keys: readonly Key[], trust: Trust | undefined): void {
  const told = useRef(new Set<string>());
  useEffect(() => {
    if (!trust) return;
    const newest = new Map<Role, Key>();
    for (const key of keys) {
      const isNewer = (key.made ?? 0) >= (newest.get(key.role)?.made ?? 0);
      if (key.isKept && isNewer && countsBy(trust, key)) newest.set(key.role, key);
    }
    for (const key of newest.values()) {
      if (!key.isBeside || told.current.has(key.kid)) continue;
      told.current.add(key.kid);
      signWith(key).then(
        (isOther) => isOther && toast(`The new key of ${key.holder} counts, and signs from now on. ${STAYS}`, { tone: 'good' }),
        (failed: Error) =>
          toast(`The new key of ${key.holder} counts, and does not sign here: ${failed.message}. ${AGAIN}`, { tone: 'bad' }),
      );
    }
  }, [keys, trust]);
}

const STAYS = 'The one before is kept until you remove it.';
const AGAIN = 'Load the page again.';

function KeyRow({ mine, trust }: { readonly mine: Key; readonly trust: Trust | undefined }) {
  const { kid, publicKey, holder, role, isKept, isBeside, made } = mine;
  const counts = countsBy(trust, mine);
  const elsewhere = trust && !counts && Object.entries(trust.roles).find(([, { keys }]) => keys.some((key) => key.kid === kid));
  return (
    <li className="stack tight" data-key={isBeside ? `${role} beside` : role}>
      <div className="row between">
        <span className="row">
          <strong>{holder}</strong>
          <span className="soft">{ROLES[role]}</span>
          {trust &&
            (counts ? (
              <Tag tone="good">counts{counts.holder ? ` as ${counts.holder}` : ''}</Tag>
            ) : (
              <Tag tone="unsure">does not count yet</Tag>
            ))}
          {isBeside && <Tag>signs nothing here: another does</Tag>}
        </span>
        <Act
          name="Remove"
          label={`Remove the key of ${holder}`}
          small
          kind="danger"
          will={
            isKept
              ? [
                  'The key is deleted from this browser, for good: nobody has a copy.',
                  'What it has signed stays signed. It goes on counting until root takes it out of the trust.',
                ]
              : ['This page forgets the key. Its file stays where it is.']
          }
          run={async () => {
            await drop(mine);
            return isKept ? 'The key is deleted from this browser.' : 'This page has forgotten the key.';
          }}
        />
      </div>
      {elsewhere && (
        <ErrorNote tone="unsure" title={`The trust lists this key as ${elsewhere[0]}`}>
          It signs nothing as {role}: choose another file.
        </ErrorNote>
      )}
      <dl className="facts">
        <dt>Key id</dt>
        <dd className="mono" data-kid>
          {kid}
        </dd>
        <dt>Public key</dt>
        <dd className="mono">{publicKey}</dd>
        <dt>Kept</dt>
        <dd>
          {isKept
            ? `in this browser, since ${made ? new Date(made).toLocaleDateString('en') : 'today'}. Clearing this site’s data loses it.`
            : 'for this page alone: it is gone with a reload.'}
        </dd>
      </dl>
      {isKept && !counts && <Adding mine={mine} trust={trust} />}
    </li>
  );
}

/** How a key comes to count: with the server, or at the command line of those who hold root keys. */
function Adding({ mine, trust }: { readonly mine: Key; readonly trust: Trust | undefined }) {
  const { kid, publicKey, holder, role } = mine;
  const file = `${holder}.json`;
  const number = String((trust?.number ?? 0) || 1).padStart(4, '0');
  const next = String(Number(number) + 1).padStart(4, '0');
  return (
    <div className="stack tight">
      <p className="told">Have it added to the trust by those who hold root keys: send them the public half, which is no secret.</p>
      <div className="row">
        <Button onPress={() => download(file, [`${JSON.stringify({ kid, publicKey })}\n`], 'application/json')}>Download {file}</Button>
        {trust?.takesDocuments && !trust.proposed && (
          <Act
            name="Propose it here"
            label={`Propose it here: trust ${holder}`}
            kind="primary"
            will={[
              `The next trust document (number ${trust.number + 1}) is drafted, with ${holder} as ${role}.`,
              'It counts for nothing until keys of root have signed it and it is published.',
            ]}
            run={() => proposeKey(mine)}
          />
        )}
      </div>
      <Code block>
        {`waft trust add-key trust-${number}.waft --add ${role}:${holder}=${file} --key ROOT.pem\nwaft trust verify trust.json trust-${next}.waft\nwaft release trust trust-${next}.waft --trust trust.json`}
      </Code>
    </div>
  );
}
