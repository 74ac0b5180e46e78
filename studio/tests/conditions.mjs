// Random conditions over the attributes of examples/shop, with every operator of docs/ruleset.md.
import { load } from './module.mjs';

const { OPERATORS } = await load('rules/operators.ts');

const TYPES = {
  visitorId: 'string',
  country: 'string',
  orders: 'number',
  newsletter: 'boolean',
  signedUpAt: 'date',
  appVersion: 'semver',
  interests: 'list',
};
const VALUES = {
  string: ['DE', 'x y', '^a', "it's", '', 'off', '007'],
  number: [0, 1, 2.5, -3],
  semver: ['1.0.0', '3.0.0-rc.1'],
  date: ['2026-01-01', '2026-12-01T08:00Z'],
  list: ['wool', 'tar'],
};

/** A random operand that an operator of a type takes. */
function operand(dice, type, shape, name) {
  const one = () =>
    type === 'boolean'
      ? dice.chance(0.5)
      : name === 'is' || type !== 'string'
        ? dice.one(VALUES[type])
        : dice.one(VALUES[type].filter(Boolean));
  const several = () => [...new Set(Array.from({ length: 1 + dice.below(3) }, one))];
  const bounds = () => (type === 'number' ? [1, 5] : type === 'semver' ? ['1.0.0', '2.0.0'] : ['2026-01-01', '2026-12-31T23:59Z']);
  return {
    truth: () => dice.chance(0.5),
    one,
    several,
    bounds,
    some: () => (dice.chance(0.5) ? one() : several()),
    duration: () => `${1 + dice.below(60)}${dice.one(['s', 'm', 'h', 'd', 'w'])}`,
    size: () => dice.one([2, { gte: 1 }, { gte: 1, lt: 9 }]),
  }[shape]();
}

function leaf(dice) {
  const kind = dice.below(10);
  if (kind === 0) return { kind: 'segment', name: dice.one(['crew', 'eurozone', 'regulars']) };
  if (kind === 1) return { kind: 'list', name: dice.one(['suppliers', 'press']) };
  if (kind === 2) return { kind: 'flag', flag: 'pay-later', variants: dice.one(['on', ['on', 'off']]) };
  if (kind === 3) return { kind: 'share', share: { of: 'visitor', part: '0%-20%', salt: `s${dice.below(1e9)}` } };
  const attribute = dice.one(Object.keys(TYPES));
  const { name, shape } = dice.one(OPERATORS[TYPES[attribute]]);
  return { kind: 'test', attribute, operator: name, operand: operand(dice, TYPES[attribute], shape, name) };
}

/** A condition as a tree: src/rules/condition.ts. */
export function tree(dice, depth = 0) {
  const kind = depth > 3 ? 4 : dice.below(6);
  if (kind === 0) return { kind: 'not', part: tree(dice, depth + 1) };
  if (kind > 2) return leaf(dice);
  const parts = Array.from({ length: 1 + dice.below(3) }, () => tree(dice, depth + 1));
  return kind === 1 ? { kind: 'any', parts } : dice.chance(0.5) ? { kind: 'all', parts } : { kind: 'all', parts, written: 'map' };
}
