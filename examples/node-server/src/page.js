import { createClient } from 'waft';
import { cookie } from 'waft/context';
import { recorder } from 'waft/exposures';
import { hydrate } from 'waft/hydrate';
import trust from './trust.json';

const context = { visitorId: cookie(), country: document.documentElement.dataset.country };
const client = hydrate(createClient, { snapshot: '/snapshot.waft', trust, context, exposures: recorder({ endpoint: '/v1/logs' }) });

/** What the server rendered is what this reads, and exposes at once. */
function show() {
  document.querySelector('h1').textContent = client.getStringValue('headline', 'Welcome');
  document.querySelector('p').textContent = client.getBooleanValue('free-shipping', false) ? 'Free shipping' : 'Shipping: 4.90';
}

show();
for (const event of ['ready', 'configurationChanged', 'contextChanged']) client.on(event, show);
