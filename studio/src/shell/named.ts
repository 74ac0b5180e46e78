/**
 * The names that a ruleset's files give, for the search, which should not wait for a compiler. What names mean is for Rust to say; of a file that is
 * no YAML, nothing is found.
 */

import { parse } from 'yaml';
import type { Files } from './session.js';

export interface Named {
  readonly key: string;
  /** What somebody wrote about it. */
  readonly words: string;
}

const SECTIONS = ['flags', 'segments', 'experiments'] as const;

export function named(files: Files): Readonly<Record<(typeof SECTIONS)[number], readonly Named[]>> {
  const found: Record<(typeof SECTIONS)[number], Named[]> = { flags: [], segments: [], experiments: [] };
  for (const [path, text] of Object.entries(files)) {
    if (!/\.(ya?ml|json)$/.test(path) || /\.test\.\w+$/.test(path)) continue;
    const document = read(text);
    for (const section of SECTIONS) {
      for (const [key, value] of Object.entries(document[section] ?? {})) {
        const { title, description, meta } = (value ?? {}) as {
          title?: unknown;
          description?: unknown;
          meta?: { owner?: unknown; hypothesis?: unknown };
        };
        const words = [title, description, meta?.hypothesis, meta?.owner].find((text) => typeof text === 'string');
        found[section].push({ key, words: (words as string | undefined) ?? '' });
      }
    }
  }
  return found;
}

function read(text: string): Partial<Record<string, object>> {
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, object>) : {};
  } catch {
    return {};
  }
}
