/**
 * `waft/rules`: in Node, rules for this process alone: a ruleset compiled, or a snapshot, signed with a key that is thrown away. For tests
 * and development servers. It runs the commands of `npx waft`.
 */

export { type Finding, lintRules } from './rules/findings.js';
export { type LocalOptions, type LocalRules, localRules } from './rules/local.js';
export { flagNeeds } from './rules/needs.js';
export type { FlagNeeds } from './served.js';
