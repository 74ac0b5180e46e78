/** A ruleset that cannot be compiled, as Vite's overlay shows it. */

import { readFileSync } from 'node:fs';
import { messageOf } from '../platform/attempt.js';
import { type Finding, lintRules } from '../rules/findings.js';

/** What Vite's overlay shows. */
export interface Problem {
  readonly message: string;
  /** Ours alone: the fault is in no JavaScript. */
  readonly stack: string;
  readonly plugin: string;
  readonly id?: string;
  readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame?: string;
}

/** Lines shown around a finding. */
const AROUND = 2;

/** What is wrong with a ruleset: lint's errors if there are any, otherwise what compiling it said. */
export function problemOf(error: unknown, ruleset: string, roots: readonly string[]): Problem {
  const message = messageOf(error);
  const [first, ...more] = errorsOf(ruleset, roots);
  if (!first) return { message, stack: '', plugin: 'waft' };
  const { file, line, column } = first;
  // Vite counts columns from 0.
  const loc = { file, line, column: column - 1 };
  return { message: [first, ...more].map(sentence).join('\n'), stack: '', plugin: 'waft', id: file, loc, frame: frameOf(first) };
}

function errorsOf(ruleset: string, roots: readonly string[]): readonly Finding[] {
  try {
    return lintRules(ruleset, roots).filter(({ severity }) => severity === 'error');
  } catch {
    // It cannot be read, as compiling it said.
    return [];
  }
}

/** A finding as `waft lint` prints it. */
export function sentence({ severity, code, file, line, column, message, remedy }: Finding): string {
  return `${file}:${line}:${column}: ${severity}[${code}]: ${message}: ${remedy}`;
}

/** The line of a finding, those around it, and a caret. */
function frameOf({ file, line, column }: Finding): string {
  try {
    const first = Math.max(1, line - AROUND);
    const lines = readFileSync(file, 'utf8').split('\n');
    const shown = lines.slice(first - 1, line + AROUND).map((text, index) => `${String(first + index).padStart(5)} | ${text}`);
    shown.splice(line - first + 1, 0, `      | ${' '.repeat(column - 1)}^`);
    return shown.join('\n');
  } catch {
    return '';
  }
}
