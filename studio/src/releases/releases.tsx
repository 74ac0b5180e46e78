/** The place where a release is looked at and approved, and where what is live is taken back. */

import { useCallback, useMemo, useState } from 'react';
import { Keys } from '../keys/keys-panel.js';
import { go, useAddress } from '../shell/address.js';
import { config } from '../shell/config.js';
import { sendToken } from '../api/ask.js';
import { AsOf } from '../ui/asof.js';
import { Button, LinkButton } from '../ui/button.js';
import { Code } from '../ui/code.js';
import { ErrorNote } from '../ui/error.js';
import { Field } from '../ui/field.js';
import { Figure } from '../ui/figure.js';
import { Opening } from '../ui/opening.js';
import { Tabs } from '../ui/tabs.js';
import { say } from '../ui/toast.js';
import { Done } from '../keys/act.js';
import { DraftPanel } from './draft.js';
import { Envelopes } from './envelopes.js';
import { History } from './history.js';
import { Kills, RampsPanel } from './live.js';
import { Proposed } from './proposed.js';
import type { State } from './steps.js';
import { type Seen, type Server, useServer } from './use-server.js';
import './releases.css';

const TABS = ['now', 'history', 'keys'];

export default function Releases() {
  const server = useServer();
  const { refresh, seen, is } = server;
  const [said, setSaid] = useState('');
  const done = useCallback(
    async (text: string): Promise<void> => {
      await refresh();
      setSaid(text);
      say(text);
    },
    [refresh],
  );
  return (
    <Done value={done}>
      <div className="stack" data-releases={is}>
        <Told server={server} />
        {said && (
          <p className="said" data-said>
            {said}{' '}
            <Button small kind="quiet" label="Close the message" onPress={() => setSaid('')}>
              ✕
            </Button>
          </p>
        )}
        {seen ? <Seeing seen={seen} isStale={is !== 'here'} /> : is === 'absent' && <Without />}
      </div>
    </Done>
  );
}

/** What is live, in one figure; and whether that is known now. */
function Told({ server: { seen, asOf, is, error, asksToken, refresh } }: { readonly server: Server }) {
  const again = <Button onPress={() => void refresh()}>Ask again</Button>;
  return (
    <>
      {seen && asOf && (
        <Opening
          figure={
            <Figure value={seen.state.live ? `Version ${seen.state.live.version}` : 'Nothing'} asOf={asOf}>
              {seen.state.live ? 'is live.' : 'is live yet.'}
              {proposal(seen.state)}
            </Figure>
          }
          action={
            config.shop && (
              <LinkButton href={config.shop} target="_blank">
                Open the shop
              </LinkButton>
            )
          }
        />
      )}
      {is === 'asking' && <p role="status">Asking the server what is live…</p>}
      {is === 'away' && (
        <ErrorNote tone="unsure" title="The server cannot be reached" action={again}>
          {seen && asOf ? (
            <>
              What is shown is what it said last, <AsOf time={asOf} stale />. Nothing can be approved or taken back until it answers.
            </>
          ) : (
            'Nothing is known of releases until it answers.'
          )}
        </ErrorNote>
      )}
      {is === 'refusing' && (
        <ErrorNote title="The server refuses" action={again}>
          {error}
        </ErrorNote>
      )}
      {is === 'refusing' && asksToken && (
        <Token
          onGiven={(token) => {
            sendToken(token);
            void refresh();
          }}
        />
      )}
    </>
  );
}

/** Who may look at the server's releases. It signs nothing. */
function Token({ onGiven }: { readonly onGiven: (token: string) => void }) {
  const [token, setToken] = useState('');
  return (
    <div className="row end">
      <Field
        label="Token of this server"
        value={token}
        onChange={setToken}
        onSubmit={() => onGiven(token)}
        hint="A line of its --release-token-file. It stays in this page, and signs nothing."
        mono
      />
      <Button kind="primary" isDisabled={token.trim() === ''} onPress={() => onGiven(token)}>
        Look
      </Button>
    </div>
  );
}

function proposal({ state, version, waitsFor = [] }: State): string {
  if (state === 'waits') return ` Version ${version} waits for ${waitsFor.join('; ')}.`;
  if (state === 'approved') return ` Version ${version} has all signatures and can be published.`;
  return ' Nothing waits for you.';
}

function Seeing({ seen, isStale }: { readonly seen: Seen; readonly isStale: boolean }) {
  const { tab = 'now' } = useAddress();
  const tabs = useMemo(
    () => [
      {
        key: 'now',
        name: 'Now',
        content: (
          <div className="stack">
            <DraftPanel />
            <Proposed seen={seen} isStale={isStale} />
            <Kills seen={seen} isStale={isStale} />
            {seen.ramps && <RampsPanel ramps={seen.ramps} isStale={isStale} />}
          </div>
        ),
      },
      { key: 'history', name: 'History', count: seen.state.history.length, content: <History seen={seen} isStale={isStale} /> },
      { key: 'keys', name: 'Your keys', content: <Keys isServed /> },
    ],
    [seen, isStale],
  );
  return <Tabs label="Releases" tabs={tabs} selected={TABS.includes(tab) ? tab : 'now'} onChange={(key) => go({ tab: key })} />;
}

/** No server: what to do to have one, and what can be done without. */
function Without() {
  return (
    <div className="stack">
      <ErrorNote tone="unsure" title="There are no releases on this site">
        Releases are those of a server that you run. Start it, and open the address that it prints:
        <Code block>waft serve --dir public --studio studio/dist --rules rules --release-to public --trust trust.json</Code>
        Without one you can check a snapshot that somebody sent you, and sign it here.
      </ErrorNote>
      <DraftPanel />
      <Envelopes />
      <Keys isServed={false} />
    </div>
  );
}
