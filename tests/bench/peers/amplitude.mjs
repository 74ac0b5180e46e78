// Amplitude Experiment's evaluation: its core, which the browser's client evaluates with; no client around it.
// So there is no `PAGE`: a page loads more than this.
import { EvaluationEngine } from '@amplitude/experiment-core';

export const name = 'Amplitude';

const USER = ['context', 'user'];
const segment = (attribute, op, values, variant) => ({
  conditions: [[{ selector: [...USER, attribute], op, values }]],
  variant,
});
// The hash is divided by 100; what remains is the allocation, the quotient the place in the distribution.
const END = 42_949_673;

export const ruleset = (flags) =>
  JSON.stringify(
    flags.map(({ key, country, plans, version }) => ({
      key,
      variants: { on: { key: 'on', value: 'on' }, off: { key: 'off', value: 'off' } },
      segments: [
        segment('country', 'is', [country], 'on'),
        segment('plan', 'is', plans, 'off'),
        segment('appVersion', 'version greater or equal', [version], 'on'),
        {
          bucket: {
            selector: [...USER, 'userId'],
            salt: key,
            allocations: [
              {
                range: [0, 100],
                distributions: [
                  { variant: 'on', range: [0, END >> 1] },
                  { variant: 'off', range: [END >> 1, END] },
                ],
              },
            ],
          },
        },
      ],
    })),
  );

export const contextOf = (user) => ({ user });

export function load(bytes, context) {
  const all = JSON.parse(new TextDecoder().decode(bytes));
  // It evaluates lists; its client, too, keeps flags by key for reading one.
  return { engine: new EvaluationEngine(), all, flags: new Map(all.map((flag) => [flag.key, [flag]])), context };
}

export function setContext(client, context) {
  client.context = context;
}

export const decide = ({ engine, flags, context }, key) => engine.evaluate(context, flags.get(key))[key].value === 'on';
export const decideAll = ({ engine, all, context }) => engine.evaluate(context, all);
export const close = () => {};
