/** Rules for one process: signed with a key that nobody keeps, in a role that no release has. */

import { readFileSync } from 'node:fs';
import { isRecord } from '../platform/attempt.js';
import { expectOptions, TEXT, TEXTS, type Wanted } from '../platform/options.js';
import { bytesOf } from '../platform/realm.js';
import { preview } from '../preview.js';
import type { Plug, Trust } from '../types.js';
import { Commands, MEMORY } from './commands.js';
import { allowing } from './findings.js';

/** The role of throw-away keys. Trust of releases asks for others, and what is built for production refuses this one. */
export const THROW_AWAY = 'throw-away';

const SNAPSHOT = `${MEMORY}snapshot.waft`;
const KEY = `${MEMORY}key.pem`;
/** A key is of one role only. */
const PREVIEW_KEY = `${MEMORY}preview.pem`;
const TRUST = `${MEMORY}trust.json`;

/** What {@link localRules} takes: a ruleset or a snapshot, and what to show of it. */
export interface LocalOptions {
  /** A ruleset's file or folder. */
  readonly ruleset?: string | undefined;
  /** Or a snapshot: its file, or its bytes. Its own signatures are not looked at. */
  readonly snapshot?: string | Uint8Array | undefined;
  /** The environment that a ruleset is built for. Default `production`. */
  readonly environment?: string | undefined;
  /** Variants by flag that are shown whatever the rules say. As under any preview token, showing them exposes nothing. */
  readonly force?: Readonly<Record<string, string>> | undefined;
  /** When the rules are made, in milliseconds since 1970. Default: now. */
  readonly now?: number | undefined;
  /** Other folders that links in the ruleset may lead to. */
  readonly roots?: readonly string[] | undefined;
}

const OPTIONS = {
  ruleset: TEXT,
  snapshot: ['a file, or bytes', (snapshot) => typeof snapshot === 'string' || bytesOf(snapshot) !== undefined],
  environment: TEXT,
  force: ['an object of variants', isRecord],
  now: ['milliseconds since 1970', Number.isFinite],
  roots: TEXTS,
} satisfies Record<keyof LocalOptions, Wanted>;

/** What `createClient` takes of rules. */
export interface LocalRules {
  readonly snapshot: Uint8Array;
  readonly trust: Trust;
  /** What forces variants, if any are forced. */
  readonly preview: Plug<'preview'>;
}

/** The last version that was built: two builds of one second are two versions, and a page that was open adopts the second. */
let version = 0;

/**
 * Compiles a ruleset, or takes a snapshot, and signs it with a key that is thrown away. Throws with lint's findings where the ruleset has
 * errors, and for a flag, variant or option that there is not.
 *
 * @example
 * const rules = localRules({ ruleset: 'ruleset', environment: 'production', force: { headline: 'bold' } });
 * const client = await createClient({ ...rules, context: { visitorId: 'v1' } });
 */
export function localRules(options: LocalOptions): LocalRules {
  const given = expectOptions('localRules', options, OPTIONS);
  return new Signer(given.now).sign(given);
}

/** Of what `waft inspect` prints. */
interface Claims {
  readonly project: string;
  readonly environment: string;
  readonly version: number;
}

/** As `waft keygen` prints it. */
interface Key {
  readonly kid: string;
  readonly publicKey: string;
}

/** Throw-away keys. What they sign is believed by one trust. */
export class Signer {
  readonly #commands: Commands;
  readonly #now: number | undefined;
  readonly #publisher: Key;
  readonly #previewer: Key;
  #trust: Trust | undefined;

  constructor(now?: number) {
    this.#now = now;
    this.#commands = new Commands(() => now ?? Date.now());
    this.#publisher = this.#commands.json('keygen', '--out', KEY);
    this.#previewer = this.#commands.json('keygen', '--out', PREVIEW_KEY);
  }

  /** List files of what was signed last, by name. */
  get lists(): ReadonlyMap<string, Uint8Array> {
    const lists = [...this.#commands.files].filter(([path]) => path.endsWith('.list'));
    return new Map(lists.map(([path, bytes]) => [path.slice(MEMORY.length), bytes]));
  }

  sign(options: LocalOptions): LocalRules {
    const commands = this.#commands;
    this.#build(options);
    commands.run('sign', SNAPSHOT, '--key', KEY, '--role', THROW_AWAY);
    // Pages keep the trust that they started with.
    this.#trust ??= this.#trustOf(commands.json('inspect', SNAPSHOT));
    const snapshot = commands.files.get(SNAPSHOT) as Uint8Array;
    return { snapshot, trust: this.#trust, preview: preview(this.#token(this.#trust, Object.entries(options.force ?? {}))) };
  }

  #trustOf({ project, environment, version }: Claims): Trust {
    const [publisher, previewer] = [this.#publisher, this.#previewer];
    return {
      project,
      environment,
      keys: { [publisher.kid]: publisher.publicKey, [previewer.kid]: previewer.publicKey },
      require: [
        { role: THROW_AWAY, keys: [publisher.kid] },
        { role: 'preview', keys: [previewer.kid] },
      ],
      minVersion: version,
    };
  }

  #build({ ruleset, snapshot, environment = 'production', roots = [] }: LocalOptions): void {
    const { files } = this.#commands;
    for (const path of files.keys()) if (!path.endsWith('.pem')) files.delete(path);
    if (snapshot !== undefined) return void files.set(SNAPSHOT, typeof snapshot === 'string' ? readFileSync(snapshot) : snapshot);
    if (ruleset === undefined) throw new TypeError('expected a ruleset or a snapshot');
    // Increasing also from one process to the next: pages refuse to go back.
    version = Math.max(version + 1, Math.floor((this.#now ?? Date.now()) / 1_000));
    const claims = ['--environment', environment, '--version', String(version)];
    this.#commands.run('build', ruleset, ...claims, '--out', SNAPSHOT, ...allowing(roots));
  }

  #token(trust: Trust, force: [string, string][]): string | null {
    if (force.length === 0) return null;
    this.#commands.files.set(TRUST, new TextEncoder().encode(JSON.stringify(trust)));
    const shown = force.map(([flag, variant]) => `${flag}=${variant}`);
    return this.#commands.run('token', SNAPSHOT, ...shown, '--trust', TRUST, '--key', PREVIEW_KEY);
  }
}
