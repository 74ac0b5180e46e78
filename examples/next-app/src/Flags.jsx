'use client';

import { useState } from 'react';
import { createClient } from 'waft';
import { cookie } from 'waft/context';
import { recorder } from 'waft/exposures';
import { hydrate } from 'waft/hydrate';
import { WaftProvider } from 'waft/react';
import trust from './trust.json';

/** Where flags begin in the page: with what the server decided, or with defaults where it did not. What the server read is exposed on mount. */
export function Flags({ json, context, children }) {
  const [client] = useState(() => {
    const own = { visitorId: cookie(), ...context };
    return hydrate(
      createClient,
      { snapshot: '/snapshot.waft', trust, context: own, exposures: recorder({ endpoint: '/v1/logs' }) },
      json ?? '',
    );
  });
  return <WaftProvider client={client}>{children}</WaftProvider>;
}
