// Statsig's on-device evaluation: specs from memory, SHA-256 for the split. Exposures are not logged here.
import { StatsigOnDeviceEvalClient } from '@statsig/js-on-device-eval-client';

export const name = 'Statsig';

const rule = (key, number, conditions, passPercentage) => ({
  name: `${key}:${number}`,
  id: `${key}:${number}`,
  salt: `${key}:${number}`,
  passPercentage,
  conditions,
  returnValue: true,
  idType: 'userID',
});
const field = (field, operator, targetValue) => ({
  type: 'user_field',
  field,
  operator,
  targetValue,
  additionalValues: {},
  idType: 'userID',
});

export const ruleset = (flags) =>
  JSON.stringify({
    has_updates: true,
    time: 1,
    dynamic_configs: [],
    layer_configs: [],
    feature_gates: flags.map(({ key, country, plans, version }) => ({
      name: key,
      type: 'feature_gate',
      salt: key,
      enabled: true,
      defaultValue: false,
      idType: 'userID',
      entity: 'feature_gate',
      rules: [
        rule(key, 1, [field('country', 'any', [country])], 100),
        rule(key, 2, [field('plan', 'any', plans)], 0),
        rule(key, 3, [field('appVersion', 'version_gte', version)], 100),
        rule(key, 4, [{ type: 'public', additionalValues: {}, idType: 'userID' }], 50),
      ],
    })),
  });

export const PAGE = `
import { StatsigOnDeviceEvalClient } from '@statsig/js-on-device-eval-client';
const client = new StatsigOnDeviceEvalClient('client-key');
await client.initializeAsync();
document.title = client.getDynamicConfig('headline', { userID: 'v1' }).get('text', 'Welcome');`;

export const contextOf = ({ userId, country, appVersion, ...custom }) => ({ userID: userId, country, appVersion, custom });
const QUIET = { disableExposureLog: true };

export function load(bytes, user) {
  const client = new StatsigOnDeviceEvalClient('client-key', {
    networkConfig: { preventAllNetworkTraffic: true },
    loggingEnabled: 'disabled',
  });
  client.dataAdapter.setData(new TextDecoder().decode(bytes));
  client.initializeSync({ disableBackgroundCacheRefresh: true });
  return { client, user };
}

export function setContext(client, user) {
  client.user = user;
}

export const decide = ({ client, user }, key) => client.checkGate(key, user, QUIET);
export const close = ({ client }) => client.shutdown();
