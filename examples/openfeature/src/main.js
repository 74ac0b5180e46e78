import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
import { exposeHook, WaftProvider } from 'waft/openfeature';
import trust from './trust.json';

const provider = new WaftProvider(({ context }) =>
  createClient({ snapshot: '/snapshot.waft', trust, context, exposures: recorder({ endpoint: '/v1/logs' }) }),
);
await OpenFeature.setProviderAndWait(provider, { targetingKey: crypto.randomUUID(), country: 'DE' });

// From here on, Waft is not named: what is read is shown, so that every read exposes.
OpenFeature.addHooks(exposeHook());
const client = OpenFeature.getClient();

function draw() {
  document.querySelector('h1').textContent = client.getStringValue('headline', 'Welcome');
  document.querySelector('p').textContent = client.getBooleanValue('free-shipping', false) ? 'Free shipping' : 'Shipping: 4.90';
}

for (const event of [ProviderEvents.ContextChanged, ProviderEvents.ConfigurationChanged]) client.addHandler(event, draw);
document.querySelector('button').onclick = () => OpenFeature.setContext({ targetingKey: crypto.randomUUID(), country: 'FR' });
draw();
