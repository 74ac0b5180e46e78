// Optimizely Feature Experimentation: a datafile from memory; decision events are switched off.
import { createInstance, createStaticProjectConfigManager, OptimizelyDecideOption } from '@optimizely/optimizely-sdk';

export const name = 'Optimizely';

// Experiments come before deliveries in Optimizely's order, so the three rules are experiments with one variation for all.
function experiment(flag, id, audience, allocation) {
  return {
    id: `${id}`,
    key: `${flag}_${id}`,
    layerId: `${id}`,
    status: 'Running',
    forcedVariations: {},
    audienceIds: audience ? [audience] : [],
    variations: [
      { id: `${id}1`, key: 'on', featureEnabled: true, variables: [] },
      { id: `${id}2`, key: 'off', featureEnabled: false, variables: [] },
    ],
    trafficAllocation: allocation,
  };
}
const all = (variation) => [{ entityId: variation, endOfRange: 10_000 }];

const audience = (id, attribute, match, values) => ({
  id,
  name: id,
  conditions: ['or', ...values.map((value) => ({ type: 'custom_attribute', name: attribute, match, value }))],
});

export function ruleset(flags) {
  const audiences = [];
  const experiments = [];
  const featureFlags = flags.map(({ key, country, plans, version }, index) => {
    const id = 10 + 10 * index;
    audiences.push(
      audience(`a${id}`, 'country', 'exact', [country]),
      // There is no "in": a list is an "or" of ten.
      audience(`a${id + 1}`, 'plan', 'exact', plans),
      audience(`a${id + 2}`, 'appVersion', 'semver_ge', [version]),
    );
    experiments.push(
      experiment(key, id, `a${id}`, all(`${id}1`)),
      experiment(key, id + 1, `a${id + 1}`, all(`${id + 1}2`)),
      experiment(key, id + 2, `a${id + 2}`, all(`${id + 2}1`)),
      // Hashed with the experiment's id: there is no salt of one's own.
      experiment(key, id + 3, undefined, [
        { entityId: `${id + 3}1`, endOfRange: 5_000 },
        { entityId: `${id + 3}2`, endOfRange: 10_000 },
      ]),
    );
    return { id: `${id}`, key, rolloutId: '', variables: [], experimentIds: [0, 1, 2, 3].map((rule) => `${id + rule}`) };
  });
  return JSON.stringify({
    version: '4',
    revision: '1',
    projectId: '1',
    accountId: '1',
    sdkKey: 'key',
    environmentKey: 'production',
    anonymizeIP: true,
    botFiltering: false,
    attributes: ['country', 'plan', 'appVersion', 'age'].map((key, index) => ({ id: `${index + 1}`, key })),
    audiences: [],
    typedAudiences: audiences,
    groups: [],
    events: [],
    rollouts: [],
    integrations: [],
    experiments,
    featureFlags,
  });
}

export const PAGE = `
import { createInstance, createPollingProjectConfigManager } from '@optimizely/optimizely-sdk';
const client = createInstance({ projectConfigManager: createPollingProjectConfigManager({ sdkKey: 'key' }) });
await client.onReady();
document.title = client.createUserContext('v1').decide('headline').variables.text;`;

const OPTIONS = [OptimizelyDecideOption.DISABLE_DECISION_EVENT];
export const contextOf = ({ userId, ...attributes }) => ({ userId, attributes });

export async function load(bytes, { userId, attributes }) {
  const client = createInstance({
    projectConfigManager: createStaticProjectConfigManager({ datafile: new TextDecoder().decode(bytes) }),
  });
  await client.onReady();
  return { client, user: client.createUserContext(userId, attributes) };
}

export function setContext(client, { userId, attributes }) {
  client.user = client.client.createUserContext(userId, attributes);
}

export const decide = ({ user }, key) => user.decide(key, OPTIONS).enabled;
export const close = ({ client }) => client.close();
