/** Whose keys count, as `waft serve` says it; and the next trust document, which keys of the role root sign. */

import { ask } from '../api/ask.js';
import { type Key, sign } from './key.js';

const PATH = '/api/releases/trust';

export interface Holder {
  readonly kid: string;
  readonly holder: string;
}

export interface Trust {
  readonly project: string;
  readonly environment: string;
  readonly number: number;
  /** Whether pages take trust documents: there are keys of the role root. */
  readonly takesDocuments: boolean;
  readonly roles: Readonly<Record<string, { readonly atLeast: number; readonly keys: readonly Holder[] }>>;
  /** The next document, while it waits for signatures. */
  readonly proposed: null | {
    readonly number: number;
    readonly digest: string;
    readonly changes: readonly string[];
    readonly signed: readonly Holder[];
    readonly waitsFor: readonly string[];
    readonly isComplete: boolean;
  };
}

/** Under which name a key counts in its role; undefined if it does not. */
export const countsBy = (trust: Trust | undefined, { role, kid }: Key): Holder | undefined =>
  trust?.roles[role]?.keys.find((key) => key.kid === kid);

export const readTrust = (): Promise<Trust> => ask(PATH);

export async function proposeKey({ role, holder, publicKey }: Key): Promise<string> {
  await ask(`${PATH}/propose`, { body: { add: [{ role, holder, publicKey }] } });
  return `A trust document with ${holder}’s key waits for root.`;
}

export async function proposeRemoval({ kid, holder }: Holder): Promise<string> {
  await ask(`${PATH}/propose`, { body: { remove: [kid] } });
  return `A trust document without ${holder}’s key waits for root.`;
}

export async function signDocument(root: Key, digest: string): Promise<string> {
  const question = { digest, publicKey: root.publicKey };
  const { toSign } = await ask<{ toSign: string }>(`${PATH}/to-sign`, { body: question });
  await ask(`${PATH}/sign`, { body: { ...question, signature: await sign(root, toSign) } });
  return 'The trust document has your signature.';
}

export async function publishDocument(digest: string, why: string): Promise<string> {
  await ask(`${PATH}/publish`, { body: { digest, ...(why && { why }) } });
  return 'The trust document is published. Its keys count from now on.';
}

export async function withdrawDocument(digest: string): Promise<string> {
  await ask(`${PATH}/withdraw`, { body: { digest } });
  return 'The trust document is withdrawn. Nothing has changed.';
}
