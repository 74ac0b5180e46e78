import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from 'waft';
import { cookie } from 'waft/context';
import { recorder } from 'waft/exposures';
import { WaftProvider } from 'waft/react';
import { App } from './App.jsx';
import trust from './trust.json';

const client = createClient({
  snapshot: '/snapshot.waft',
  trust,
  context: { visitorId: cookie(), country: 'DE' },
  exposures: recorder({ endpoint: '/v1/logs' }),
});

/** Somebody else, from elsewhere. */
const change = async () => (await client).setContext({ visitorId: crypto.randomUUID(), country: 'FR' });

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <WaftProvider client={client}>
      <App onChange={change} />
    </WaftProvider>
  </StrictMode>,
);
