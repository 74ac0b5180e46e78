import { mount } from 'svelte';
import { createClient } from 'waft';
import { cookie } from 'waft/context';
import { recorder } from 'waft/exposures';
import App from './App.svelte';
import { CLIENT } from './flag.svelte.js';
import trust from './trust.json';

const client = await createClient({
  snapshot: '/snapshot.waft',
  trust,
  context: { visitorId: cookie(), country: 'DE' },
  exposures: recorder({ endpoint: '/v1/logs' }),
});
const onchange = () => client.setContext({ visitorId: crypto.randomUUID(), country: 'FR' });

mount(App, { target: document.getElementById('root'), props: { onchange }, context: new Map([[CLIENT, client]]) });
