// Split's slim browser SDK, from an initial rollout plan, without synchronisation and with impressions switched off.
import { SplitFactory } from '@splitsoftware/splitio-browserjs';

export const name = 'Split';

const matcher = (attribute, matcherType, data) => ({
  keySelector: { trafficType: 'user', attribute },
  matcherType,
  negate: false,
  ...data,
});
const condition = (matchers, on) => ({
  conditionType: 'ROLLOUT',
  matcherGroup: { combiner: 'AND', matchers: [matchers] },
  partitions: [
    { treatment: 'on', size: on },
    { treatment: 'off', size: 100 - on },
  ],
  label: 'rule',
});

// A number, where the others have a text.
const seedOf = (text) => [...text].reduce((seed, char) => (Math.imul(seed, 31) + char.charCodeAt(0)) | 0, 7);

export const ruleset = (flags) =>
  JSON.stringify({
    ff: {
      s: -1,
      t: 1,
      d: flags.map(({ key, country, plans, version }) => ({
        name: key,
        trafficTypeName: 'user',
        trafficAllocation: 100,
        trafficAllocationSeed: seedOf(key),
        seed: seedOf(`${key}/split`),
        status: 'ACTIVE',
        killed: false,
        defaultTreatment: 'off',
        changeNumber: 1,
        algo: 2,
        configurations: {},
        sets: [],
        conditions: [
          condition(matcher('country', 'WHITELIST', { whitelistMatcherData: { whitelist: [country] } }), 100),
          condition(matcher('plan', 'WHITELIST', { whitelistMatcherData: { whitelist: plans } }), 0),
          condition(matcher('appVersion', 'GREATER_THAN_OR_EQUAL_TO_SEMVER', { stringMatcherData: version }), 100),
          condition(matcher(null, 'ALL_KEYS', {}), 50),
        ],
      })),
    },
    rbs: { s: -1, t: 1, d: [] },
  });

export const PAGE = `
import { SplitFactory } from '@splitsoftware/splitio-browserjs';
const client = SplitFactory({ core: { authorizationKey: 'key', key: 'v1' } }).client();
await client.ready();
document.title = client.getTreatment('headline');`;

export const contextOf = ({ userId, ...attributes }) => ({ userId, attributes });

export function load(bytes, { userId, attributes }) {
  const splitChanges = JSON.parse(new TextDecoder().decode(bytes));
  const factory = SplitFactory({
    core: { authorizationKey: 'localkey', key: userId },
    initialRolloutPlan: { splitChanges, memberships: {} },
    sync: { enabled: false, impressionsMode: 'NONE' },
    streamingEnabled: false,
    // It never is ready from a server, only from the plan: no timer for that in each client.
    startup: { readyTimeout: 0 },
    // Nobody listens there: nothing is to leave this machine.
    urls: Object.fromEntries(['sdk', 'events', 'auth', 'streaming', 'telemetry'].map((url) => [url, 'http://127.0.0.1:9/api'])),
  });
  return { factory, user: factory.client(), attributes };
}

// A client is of one key, and the SDK keeps each that was asked for: from the second turn of the same users on this is a look-up.
export function setContext(client, { userId, attributes }) {
  client.user = client.factory.client(userId);
  client.attributes = attributes;
}

export const decide = ({ user, attributes }, key) => user.getTreatment(key, attributes) === 'on';
export const decideAll = ({ user, attributes }, keys) => user.getTreatments(keys, attributes);
export const close = ({ factory }) => factory.destroy();
