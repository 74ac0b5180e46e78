/** Findings where they are: what is wrong with a rule or a phase, beside its fields. */

import type { Finding } from '../engine/engine.js';
import { Tag } from '../ui/tag.js';

export function Found({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="flag-found">
      {findings.map(({ severity, code, line, column, message, remedy }) => (
        <li key={`${line}:${column} ${code} ${message}`} data-code={code}>
          <Tag tone={severity === 'error' ? 'bad' : 'unsure'}>{severity}</Tag> {message}: <span className="soft">{remedy}</span>
        </li>
      ))}
    </ul>
  );
}
