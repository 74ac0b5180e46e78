/** The rules of a development server: compiled whenever a file of the ruleset changes, and signed with a key that ends with it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { Commands, MEMORY } from '../rules/commands.js';
import { allowing, type Finding, lintRules } from '../rules/findings.js';
import { type LocalRules, Signer } from '../rules/local.js';
import { type Problem, problemOf } from './problem.js';

/** Where the page gets the snapshot and its lists. */
export const PREFIX = '@waft/';
export const SNAPSHOT = 'snapshot.waft';

const TYPES = `${MEMORY}waft.d.ts`;

/** A ruleset, and what it is compiled to. */
export interface Source {
  readonly ruleset: string;
  readonly environment: string;
  readonly roots: readonly string[];
  /** The file of types; none if absent. */
  readonly types: string | undefined;
}

/** What the server has of a ruleset. A ruleset with errors leaves the last good rules in place. */
export class Development {
  readonly #source: Source;
  readonly #signer = new Signer();
  #rules: LocalRules | undefined;
  #problem: Problem | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  get rules(): LocalRules | undefined {
    return this.#rules;
  }

  /** Why the ruleset as it is now is not active. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Compiles the ruleset, and writes its types. Returns lint's warnings. */
  compile(): readonly Finding[] {
    const { ruleset, roots } = this.#source;
    try {
      this.#rules = this.#signer.sign(this.#source);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = problemOf(error, ruleset, roots);
      return [];
    }
    writeTypes(this.#source);
    return lintRules(ruleset, roots).filter(({ severity }) => severity === 'warning');
  }

  /** What the page may ask for: the snapshot, and list files by name. */
  file(name: string): Uint8Array | undefined {
    return name === SNAPSHOT ? this.#rules?.snapshot : this.#signer.lists.get(name);
  }
}

/** Writes what `waft codegen` writes, unless it is there. */
export function writeTypes({ ruleset, roots, types }: Source): void {
  if (types === undefined) return;
  const commands = new Commands(Date.now);
  commands.run('codegen', ruleset, '--out', TYPES, ...allowing(roots));
  const bytes = commands.files.get(TYPES) as Uint8Array;
  if (!same(types, bytes)) writeFileSync(types, bytes);
}

function same(path: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(bytes);
  } catch {
    return false;
  }
}
