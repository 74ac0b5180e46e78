/** Without a server: a snapshot that somebody sent is checked against a trust, signed here, and given back as a file. */

import { useState } from 'react';
import { KeyField } from '../keys/key-field.js';
import { useKeys } from '../keys/keys.js';
import { download } from '../shell/download.js';
import { Button } from '../ui/button.js';
import { Drop } from '../ui/drop.js';
import { ErrorNote } from '../ui/error.js';
import { counted } from '../ui/numbers.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { type Envelope, isGenuine, isWhole, readEnvelope, signed } from './cose.js';

interface Trust {
  readonly project: string;
  readonly environment: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly holders?: Readonly<Record<string, string>>;
  readonly require: readonly { readonly role: string; readonly keys: readonly string[]; readonly atLeast?: number }[];
}

interface Checked {
  readonly name: string;
  readonly envelope: Envelope;
  /** How each signature is to be taken. */
  readonly signatures: readonly {
    readonly kid: string;
    readonly role: string;
    readonly holder: string;
    readonly verdict: string;
    readonly isGood: boolean;
  }[];
  readonly problems: readonly string[];
  readonly lacks: readonly string[];
}

export function Envelopes() {
  const [trust, setTrust] = useState<Trust>();
  const [file, setFile] = useState<File>();
  const [checked, setChecked] = useState<Checked>();
  const [error, setError] = useState('');
  const key = useKeys().approver;

  const take = async (files: readonly File[]): Promise<void> => {
    setError('');
    try {
      let [nextTrust, nextFile] = [trust, file];
      for (const one of files) {
        if (one.name.endsWith('.json')) nextTrust = trustOf(await one.text(), one.name);
        else nextFile = one;
      }
      setTrust(nextTrust);
      setFile(nextFile);
      setChecked(nextFile && (await check(nextFile, nextTrust)));
    } catch (failed) {
      setChecked(undefined);
      setError((failed as Error).message);
    }
  };
  const sign = async (): Promise<void> => {
    if (!checked || !key) return;
    try {
      const bytes = await signed(checked.envelope, key);
      download(checked.name, [bytes], 'application/octet-stream');
      setChecked(await check(new File([bytes], checked.name), trust));
    } catch (failed) {
      setError((failed as Error).message);
    }
  };
  const canSign = checked && trust && checked.problems.length === 0;

  return (
    <Panel
      id="envelopes"
      title="Check and sign a file"
      note="Nothing is sent: the file that is signed is downloaded, and you send it back."
    >
      <div className="stack">
        <Drop
          label="A snapshot (.waft) and the pages’ trust (trust.json)"
          onFiles={(files) => void take(files)}
          accept=".waft,.json"
          multiple
        >
          Choose a snapshot (.waft), and the trust that pages have (trust.json).
        </Drop>
        {error && <ErrorNote title="It was not read">{error}</ErrorNote>}
        {checked && <Facts checked={checked} trust={trust} />}
        {canSign && (
          <>
            <KeyField signs="approver" />
            <div className="row">
              <Button kind="primary" isDisabled={!key} onPress={() => void sign()}>
                Sign as approver, and download it
              </Button>
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}

function Facts({
  checked: { name, envelope, signatures, problems, lacks },
  trust,
}: {
  readonly checked: Checked;
  readonly trust: Trust | undefined;
}) {
  const { project, environment, version, kind, made, ends } = envelope;
  return (
    <div className="stack tight" data-envelope={version}>
      <p className="told">
        <strong>{name}</strong>: {kind} of version {version}
      </p>
      <dl className="facts">
        <dt>Project</dt>
        <dd>
          {project}, {environment}
        </dd>
        <dt>Made</dt>
        <dd>{day(made)}</dd>
        <dt>Expires</dt>
        <dd>{ends ? day(ends) : 'never'}</dd>
        <dt>Signatures</dt>
        <dd>
          {signatures.length === 0
            ? 'none'
            : signatures.map(({ kid, role, holder, verdict, isGood }) => (
                <span key={kid} className="line">
                  {holder || kid} ({role}) <Tag tone={isGood ? 'good' : trust ? 'bad' : 'unsure'}>{verdict}</Tag>
                </span>
              ))}
        </dd>
      </dl>
      {problems.map((problem) => (
        <ErrorNote key={problem} title="Pages refuse this file">
          {problem}
        </ErrorNote>
      ))}
      {!trust && <p className="soft">Choose trust.json as well: without it nobody knows whose signatures count.</p>}
      {trust && problems.length === 0 && (
        <p className="told">{lacks.length === 0 ? 'It has all signatures that pages ask for.' : `It waits for ${lacks.join('; ')}.`}</p>
      )}
    </div>
  );
}

const day = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ');

function trustOf(text: string, name: string): Trust {
  const told = `${name} is no trust.json: choose the file that pages are built with (waft trust show --json prints it).`;
  let trust: Trust;
  try {
    trust = JSON.parse(text);
  } catch {
    throw new Error(told);
  }
  if (typeof trust?.keys !== 'object' || !Array.isArray(trust.require)) throw new Error(told);
  return trust;
}

async function check(file: File, trust: Trust | undefined): Promise<Checked> {
  if (file.size > 64 << 20) throw new Error(`${file.name} is over 64 MB, which no snapshot is.`);
  const envelope = readEnvelope(new Uint8Array(await file.arrayBuffer()));
  const signatures = await Promise.all(
    envelope.signatures.map(async (one) => {
      const holder = trust?.holders?.[one.kid] ?? '';
      const publicKey = trust?.keys[one.kid];
      const isListed = trust?.require.some(({ role, keys }) => role === one.role && keys.includes(one.kid)) ?? false;
      const isGood = publicKey !== undefined && isListed && (await isGenuine(envelope, one, publicKey));
      const verdict = !trust
        ? 'not checked'
        : !publicKey
          ? 'an unknown key'
          : !isListed
            ? `does not count as ${one.role}`
            : isGood
              ? 'genuine'
              : 'not genuine';
      return { kid: one.kid, role: one.role, holder, verdict, isGood };
    }),
  );
  const problems: string[] = [];
  if (!(await isWhole(envelope))) problems.push('The file is damaged: its content is not what was signed.');
  if (trust && (trust.project !== envelope.project || trust.environment !== envelope.environment))
    problems.push(`It is for ${envelope.project}, ${envelope.environment}; the trust is of ${trust.project}, ${trust.environment}.`);
  if (signatures.some(({ verdict }) => verdict === 'not genuine')) problems.push('A signature is not genuine: ask for the file again.');
  if (envelope.ends && envelope.ends * 1_000 <= Date.now()) problems.push('It has expired: have it built anew.');
  // Roles of heads, tokens and trust documents are not asked of snapshots.
  const asked = trust?.require.filter(({ role }) => !['preview', 'freshness', 'kill', 'root'].includes(role)) ?? [];
  const lacks = asked.flatMap(({ role, atLeast = 1 }) => {
    const has = signatures.filter((one) => one.isGood && one.role === role).length;
    return has < atLeast ? [`${counted(atLeast - has, has > 0 ? 'more signature' : 'signature')} as ${role}`] : [];
  });
  return { name: file.name, envelope, signatures, problems, lacks };
}
