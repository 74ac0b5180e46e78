/** What lint says of a ruleset. */

import { CommandFailure, Commands } from './commands.js';

/** A finding: docs/ruleset.md, section 17, has the codes. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

/**
 * Checks a ruleset's file or folder. Throws where it cannot be read.
 *
 * @example const errors = lintRules('ruleset').filter(({ severity }) => severity === 'error');
 */
export function lintRules(ruleset: string, roots: readonly string[] = []): readonly Finding[] {
  const { out, err } = new Commands(Date.now).attempt('lint', ruleset, '--format', 'json', ...allowing(roots));
  // Findings are a list; what could not be read is told as the error of the command.
  const told: unknown = JSON.parse(out || 'null');
  if (!Array.isArray(told)) throw new CommandFailure(err);
  return told as Finding[];
}

/** Folders that links in a ruleset may lead to, as arguments. */
export function allowing(roots: readonly string[]): string[] {
  return roots.flatMap((root) => ['--root', root]);
}
