/** Conditions and rules in plain words. */

import type { Condition } from '../rules/condition.js';
import { OPERATORS } from '../rules/operators.js';
import type { Value } from '../rules/rules.js';
import { entries, text } from './written.js';

const WORDS = new Map(Object.values(OPERATORS).flatMap((all) => all.map(({ name, words }) => [name, words])));

const said = (value: Value): string => (Array.isArray(value) ? value.map(said).join(', ') : text(value));

/** @example inWords(read({ country: { in: ['DE', 'AT'] } })) // 'country is one of DE, AT' */
export function inWords(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const { parts } = condition;
      if (parts.length === 0) return condition.kind === 'all' ? 'everybody' : 'nobody';
      const word = condition.kind === 'all' ? ' and ' : ' or ';
      return parts.map((part) => (isSeveral(part) ? `(${inWords(part)})` : inWords(part))).join(word);
    }
    case 'not':
      return `not ${isSeveral(condition.part) ? `(${inWords(condition.part)})` : inWords(condition.part)}`;
    case 'test':
      if (condition.operator === 'exists')
        return `${condition.attribute} ${text(condition.operand) === 'false' ? 'is not known' : 'is known'}`;
      if (condition.operator === 'between' && Array.isArray(condition.operand)) {
        return `${condition.attribute} is from ${said(condition.operand[0] as Value)} to ${said(condition.operand[1] as Value)}`;
      }
      return `${condition.attribute} ${WORDS.get(condition.operator) ?? condition.operator} ${said(condition.operand)}`;
    case 'segment':
      return `in segment ${condition.name}`;
    case 'list':
      return `in list ${condition.name}`;
    case 'flag':
      return `flag ${condition.flag} is ${said(condition.variants)}`;
    case 'share':
      return shareOf(condition.share);
    default:
      return text(condition.value);
  }
}

function shareOf(share: Value): string {
  const { of, part, salt } = entries(share);
  if (part === undefined) return `a share of them (${said(share)})`;
  return `the ${text(of)} is in ${text(part)}${salt === undefined ? '' : ` by salt ${text(salt)}`}`;
}

const isSeveral = (condition: Condition): boolean => (condition.kind === 'all' || condition.kind === 'any') && condition.parts.length > 1;
