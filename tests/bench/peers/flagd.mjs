// OpenFeature's flagd-core: JSON Logic, compiled to JavaScript when a flag set is loaded. Nothing is checked but its schema.
import { FlagdCore } from '@openfeature/flagd-core';

export const name = 'flagd';

export const ruleset = (flags) =>
  JSON.stringify({
    flags: Object.fromEntries(
      flags.map(({ key, country, plans, version }) => [
        key,
        {
          state: 'ENABLED',
          variants: { on: true, off: false },
          defaultVariant: 'off',
          targeting: {
            if: [
              { '==': [{ var: 'country' }, country] },
              'on',
              { in: [{ var: 'plan' }, plans] },
              'off',
              { sem_ver: [{ var: 'appVersion' }, '>=', version] },
              'on',
              // Of the flag's key and the targeting key, unless something else is named.
              {
                fractional: [
                  ['on', 50],
                  ['off', 50],
                ],
              },
            ],
          },
        },
      ]),
    ),
  });

export const PAGE = `
import { FlagdCore } from '@openfeature/flagd-core';
const core = new FlagdCore();
core.setConfigurations(await (await fetch('/flags.json')).text());
document.title = core.resolveStringEvaluation('headline', 'Welcome', {}).value;`;

// OpenFeature's name for the unit.
export const contextOf = ({ userId, ...attributes }) => ({ targetingKey: userId, ...attributes });

export function load(bytes, context) {
  const core = new FlagdCore();
  core.setConfigurations(new TextDecoder().decode(bytes));
  return { core, context };
}

export function setContext(client, context) {
  client.context = context;
}

export const decide = ({ core, context }, key) => core.resolveBooleanEvaluation(key, false, context).value;
// Without the look-up of each flag by its key.
export const decideAll = ({ core, context }) => core.resolveAll(context).length;
export const close = () => {};
