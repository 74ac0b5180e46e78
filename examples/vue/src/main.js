import { createApp } from 'vue';
import { createClient } from 'waft';
import { cookie } from 'waft/context';
import { recorder } from 'waft/exposures';
import App from './App.vue';
import { CLIENT } from './flag.js';
import trust from './trust.json';

const client = await createClient({
  snapshot: '/snapshot.waft',
  trust,
  context: { visitorId: cookie(), country: 'DE' },
  exposures: recorder({ endpoint: '/v1/logs' }),
});
const onChange = () => client.setContext({ visitorId: crypto.randomUUID(), country: 'FR' });

createApp(App, { onChange }).provide(CLIENT, client).mount('#root');
