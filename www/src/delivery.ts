/** `/api/releases` of `waft serve`: each step is signed here, with a key that stays in the page. */

import { type Key, sign } from './key.js';

export interface Step {
  readonly record: string;
  readonly kind: string;
  readonly at: string;
  readonly version?: number;
  readonly flags?: readonly string[];
  readonly why: string | null;
}

export interface State {
  readonly state: 'none' | 'waits' | 'approved' | 'published' | 'rejected' | 'lapsed';
  readonly live: { readonly version: number; readonly flags: readonly string[] } | null;
  readonly proposal: string;
  readonly version: number;
  readonly waitsFor: readonly string[];
  readonly killed: readonly string[];
  readonly history: readonly Step[];
}

export interface Review {
  readonly digest: string;
  readonly why: string | null;
  readonly checks: readonly string[];
  readonly signed: readonly string[];
  readonly changes: readonly string[];
  readonly effect: readonly string[];
}

/** Asks the server. What it refuses is an error with its sentence. */
export async function ask<T>(path: string, body?: object): Promise<T> {
  const sent = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`/api/releases${path}`, { cache: 'no-store', ...sent });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  const { error } = text.startsWith('{')
    ? JSON.parse(text)
    : { error: 'There are no releases here: start `waft serve --release-to FOLDER`.' };
  throw new Error(error);
}

/** Signs a proposal that was looked at. */
export async function approve(key: Key, { proposal, version }: State, { digest }: Review): Promise<string> {
  const question = { proposal, digest, publicKey: key.publicKey };
  const { toSign } = await ask<{ toSign: string }>('/to-sign', question);
  await ask('/approve', { ...question, signature: await sign(key, toSign) });
  return `Version ${version} is approved.`;
}

export async function publish({ proposal, version }: State): Promise<string> {
  await ask('/publish', { proposal });
  return `Version ${version} is live.`;
}

/** Turns a flag off for everybody, or takes that back. */
export async function kill(key: Key, flag: string, unkill: boolean): Promise<string> {
  const question = { flags: [flag], unkill, publicKey: key.publicKey };
  const { document, toSign } = await ask<{ document: string; toSign: string }>('/kills/to-sign', question);
  await ask('/kills', { ...question, document, signature: await sign(key, toSign), why: 'by hand' });
  return unkill ? `${flag} is back.` : `${flag} is off for everybody.`;
}
