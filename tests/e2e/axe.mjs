// axe-core (Deque), which knows what WCAG and ARIA ask for: what it finds in the developer panel, in any engine, or in a part of a page.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Its script, which makes `globalThis.axe`. */
export const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Runs in a page that has it: each rule that a part breaks, with the elements that do. All rules, those of good practice included. */
export async function findings(part = 'waft-devtools') {
  const { violations } = await globalThis.axe.run(part, { resultTypes: ['violations'], preload: false });
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, any, all, none }) => `${html} (${[...any, ...all, ...none].map(({ message }) => message)})`).join(' | ')}`,
  );
}
