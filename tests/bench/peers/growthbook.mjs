// GrowthBook: JSON features, evaluated by plain JavaScript. Nothing is checked.
import { GrowthBook } from '@growthbook/growthbook';

export const name = 'GrowthBook';

export const ruleset = (flags) =>
  JSON.stringify({
    features: Object.fromEntries(
      flags.map(({ key, country, plans, version }) => [
        key,
        {
          defaultValue: false,
          rules: [
            { condition: { country }, force: true },
            { condition: { plan: { $in: plans } }, force: false },
            { condition: { appVersion: { $vgte: version } }, force: true },
            // Without a key the feature's own is hashed, without weights all variations have the same.
            { hashAttribute: 'userId', hashVersion: 2, variations: [false, true] },
          ],
        },
      ]),
    ),
  });

export const PAGE = `
import { GrowthBook } from '@growthbook/growthbook';
const payload = await (await fetch('/features.json')).json();
const client = new GrowthBook({ attributes: {} }).initSync({ payload });
document.title = client.getFeatureValue('headline', 'Welcome');`;

// A page's class. GrowthBookClient, which is for servers, decides in about two thirds of its time.
export function load(bytes, context) {
  const payload = JSON.parse(new TextDecoder().decode(bytes));
  return new GrowthBook({ attributes: context, trackingCallback() {} }).initSync({ payload });
}

export const setContext = (client, context) => void client.setAttributes(context);
export const decide = (client, key) => client.isOn(key);
export const close = (client) => client.destroy();
