// Featurevisor: a datafile that a build makes from files in git, evaluated by plain JavaScript.
import { createInstance } from '@featurevisor/sdk';

export const name = 'Featurevisor';

export const ruleset = (flags) =>
  JSON.stringify({
    schemaVersion: '2',
    revision: '1',
    segments: Object.fromEntries(
      flags.flatMap(({ key, country, plans, version }) => [
        [`${key}-1`, { conditions: [{ attribute: 'country', operator: 'equals', value: country }] }],
        [`${key}-2`, { conditions: [{ attribute: 'plan', operator: 'in', value: plans }] }],
        [`${key}-3`, { conditions: [{ attribute: 'appVersion', operator: 'semverGreaterThanOrEquals', value: version }] }],
      ]),
    ),
    features: Object.fromEntries(
      flags.map(({ key }) => [
        key,
        {
          bucketBy: 'userId',
          traffic: [
            { key: '1', segments: `${key}-1`, percentage: 100_000 },
            { key: '2', segments: `${key}-2`, percentage: 0 },
            { key: '3', segments: `${key}-3`, percentage: 100_000 },
            // Hashed with the feature's key: there is no salt of one's own.
            { key: '4', segments: '*', percentage: 50_000 },
          ],
        },
      ]),
    ),
  });

export const PAGE = `
import { createInstance } from '@featurevisor/sdk';
const client = createInstance({ datafile: await (await fetch('/datafile.json')).json() });
document.title = client.getVariableString('headline', 'text') ?? 'Welcome';`;

export const load = (bytes, context) => createInstance({ datafile: new TextDecoder().decode(bytes), context, logLevel: 'fatal' });

export const setContext = (client, context) => client.setContext(context, true);
export const decide = (client, key) => client.isEnabled(key);
export const close = (client) => client.close();
