/** Hands a client to the components below. */

import { createElement, type ReactElement, type ReactNode, useState } from 'react';
import { storeContext, useCommitted } from './context.js';
import { type ClientSource, type Initial, storeOf } from './store.js';

/** What {@link WaftProvider} takes. */
export interface WaftProviderProps {
  /**
   * The client, or the promise of one, which must be the same at each render. Until it exists, components render their defaults; where they
   * differ, they render once more when it does.
   */
  readonly client: ClientSource;
  /**
   * What the server rendered: `client.all()` there, or `{}` if it had no client. Components hydrate with it, and keep it until rules are
   * active. Without it, they hydrate as `client` decides.
   */
  readonly initial?: Initial | undefined;
  readonly children?: ReactNode;
}

/**
 * Hands a client to the components below.
 *
 * @example
 * const client = createClient({ snapshot: '/snapshot.waft', trust, context, exposures: recorder({ endpoint: '/v1/logs' }) });
 * createRoot(root).render(<WaftProvider client={client}><App /></WaftProvider>);
 */
export function WaftProvider({ client, initial, children }: WaftProviderProps): ReactElement {
  const [store] = useState(() => storeOf(client, initial));
  useCommitted(() => store.use(client), [store, client]);
  return createElement(storeContext().Provider, { value: store }, children);
}
