/** What `waft serve` says of releases, and each step that somebody takes: signed here, done there. A step resolves once the server has said that it is done. */

import { type Key, sign } from '../keys/key.js';
import { ask } from '../api/ask.js';
import type { Diff } from '../engine/types.js';
import { current } from '../shell/session.js';

const PATH = '/api/releases';

export interface Signer {
  readonly role: string;
  readonly key: string;
  readonly name: string | null;
}

/** A record of the history. `kind` is null of records that this version does not know. */
export interface Record {
  readonly record: string;
  readonly kind: string | null;
  readonly at?: string;
  readonly version?: number;
  readonly rulesOf?: number | null;
  readonly flags?: readonly string[];
  readonly by?: string;
  readonly why?: string | null;
  readonly source?: string | null;
  readonly signed?: readonly Signer[];
  readonly changes?: readonly string[];
}

export interface State {
  readonly state: 'none' | 'waits' | 'approved' | 'published' | 'rejected' | 'lapsed';
  readonly live: { readonly version: number; readonly flags: readonly string[] } | null;
  readonly killed: readonly string[];
  readonly history: readonly Record[];
  /** Of a proposal, also of one that is closed. */
  readonly proposal?: string;
  readonly version?: number;
  readonly waitsFor?: readonly string[];
  /** Rules that were taken back. */
  readonly blocked?: readonly { readonly version: number; readonly by?: string | number | null }[];
  /** Releases whose rules can come back, the newest first. */
  readonly rollback?: readonly { readonly version: number; readonly record: string }[];
  /** Which roles the server signs by itself. */
  readonly signs?: readonly string[];
}

/** What the open proposal changes, read from the bytes of both snapshots. */
export interface Review {
  readonly proposal: string;
  readonly version: number;
  readonly base: number;
  readonly digest: string;
  readonly why: string | null;
  readonly checks: readonly string[];
  readonly exceeds: readonly string[];
  readonly signed: readonly string[];
  readonly changes: readonly string[];
  readonly effect: readonly string[];
  /** The same as data; null if nothing is live. */
  readonly diff: Diff | null;
}

export interface Ramp {
  readonly ramp: string;
  readonly share: string | number;
  readonly state: string;
  readonly next?: string | number | null;
  readonly at?: string | null;
}
export interface Ramps {
  readonly etag: string;
  readonly ramps: readonly Ramp[];
}

interface Done {
  readonly notes?: readonly string[];
}

export const readState = (): Promise<State> => ask(PATH);
export const readReview = (): Promise<Review> => ask(`${PATH}/review`);
export const readRamps = (): Promise<Ramps> => ask('/api/rules/ramps');

/** Proposes the rules that the server has. Where they are live already, nothing is proposed. */
export async function propose(why: string): Promise<string> {
  const before = await readState();
  const { notes = [] } = await ask<Done>(`${PATH}/propose`, { body: why ? { why } : {} });
  const after = await readState();
  if (after.proposal === before.proposal) return ['Nothing was proposed.', ...notes.map(plain)].join(' ');
  return told(`Version ${after.version} is proposed.`, notes);
}

/** Signs a proposal that was looked at. */
export async function approve(key: Key, { proposal, version, digest }: Review, why: string): Promise<string> {
  const question = { proposal, digest, publicKey: key.publicKey, role: key.role };
  const { toSign } = await ask<{ toSign: string }>(`${PATH}/to-sign`, { body: question });
  await ask(`${PATH}/approve`, { body: { ...question, signature: await sign(key, toSign), ...(why && { why }) } });
  return `Version ${version} has your signature.`;
}

export async function publish(proposal: string, version: number): Promise<string> {
  const { notes } = await ask<Done>(`${PATH}/publish`, { body: { proposal } });
  return told(`Version ${version} is live.`, notes);
}

export async function reject(key: Key, proposal: string, version: number, why: string): Promise<string> {
  const question = { proposal, publicKey: key.publicKey };
  const { toSign } = await ask<{ toSign: string }>(`${PATH}/reject/to-sign`, { body: question });
  await ask(`${PATH}/reject`, { body: { ...question, signature: await sign(key, toSign), why } });
  return `Version ${version} is rejected. What is live stays live.`;
}

/** Proposes the rules of an earlier version. */
export async function rollback(to: number, why: string): Promise<string> {
  const { notes } = await ask<Done>(`${PATH}/rollback`, { body: { to, ...(why && { why }) } });
  return told(`The rules of version ${to} are proposed again.`, notes);
}

/** Lets rules that were taken back be released again. */
export async function unblock(key: Key, version: number, why: string): Promise<string> {
  const question = { version, publicKey: key.publicKey };
  const { toSign } = await ask<{ toSign: string }>(`${PATH}/unblock/to-sign`, { body: question });
  await ask(`${PATH}/unblock`, { body: { ...question, signature: await sign(key, toSign), why } });
  return `The rules of version ${version} may be released again.`;
}

/** Turns a flag off for everybody, or takes that back. */
export async function kill(key: Key, flag: string, unkill: boolean, why: string): Promise<string> {
  const question = { flags: [flag], unkill, publicKey: key.publicKey };
  const { document, toSign } = await ask<{ document: string; toSign: string }>(`${PATH}/kills/to-sign`, { body: question });
  const signature = await sign(key, toSign);
  const { notes } = await ask<Done>(`${PATH}/kills`, { body: { ...question, document, signature, why: why || 'by hand' } });
  return told(unkill ? `${flag} is back.` : `${flag} is off for everybody.`, notes);
}

/** Pauses a ramp in the server's rules, or lets it go on. Pages follow with the next release. */
export async function ramp(ramps: Ramps, name: string, verb: 'pause' | 'resume'): Promise<string> {
  const { notes } = await ask<Done>(`/api/rules/ramps/${verb}`, { body: { ramp: name }, headers: { 'If-Match': ramps.etag } });
  return told(
    verb === 'pause'
      ? `${name} is paused in the rules. Pages follow with the next release.`
      : `${name} goes on in the rules. Pages follow with the next release.`,
    notes,
  );
}

/** What the server warned of is part of what came of it: a line each, once, and by the names that files have in the rules. */
function told(text: string, notes: readonly string[] = []): string {
  const files = Object.keys(current()?.files ?? {});
  const warned = notes.filter((note) => note.includes('warning')).map((note) => named(plain(note), files));
  return [...new Set([text, ...warned])].join('\n');
}

const plain = (note: string): string => note.replace(/^waft: /, '');

/** The server knows files by their places on its own disk. */
function named(note: string, files: readonly string[]): string {
  const [file] = files.filter((name) => note.includes(`/${name}:`));
  return file === undefined ? note : note.slice(note.indexOf(`/${file}:`) + 1);
}
