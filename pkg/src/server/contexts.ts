/** Many requests by one client, each with a context of its own. */

import { GETTERS } from '../client/getters.js';
import type { Host, Opened } from '../client/host.js';
import type { Client, Context, Plug } from '../types.js';

/** Under which a client has what changes its context for a moment: one name for all copies of this module. */
const HELD = Symbol.for('waft.contexts');

interface Held {
  readonly client: Client;
  within<T>(context: Context, work: () => T): T;
}

/** The members that decide, or record, for a context. */
const MEMBERS = [...GETTERS, 'peek', 'all', 'expose', 'track'];

/**
 * Lets {@link withContext} decide by the client that it is handed to.
 *
 * @example
 * const client = await createClient({ snapshot: readFileSync('snapshot.waft'), trust, contexts: contexts() });
 */
export function contexts(): Plug<'contexts'> {
  return {
    kind: 'contexts',
    open({ client, decisions }: Host): Opened {
      const held: Held = {
        client,
        within(context, work) {
          const own = decisions.context;
          decisions.context = context;
          try {
            return work();
          } finally {
            decisions.context = own;
          }
        },
      };
      Object.defineProperty(client, HELD, { value: held });
      return {};
    },
  };
}

/**
 * A client for one request: it decides for this context, by the rules and the engine of the other, whose own context stays. Views share
 * nothing that one of them sets; each read is one synchronous step, so that requests may take turns as they like. `setContext` replaces
 * the view's, `close` does nothing, and all other members are the client's. Throws where the client has no `contexts: contexts()`.
 *
 * @example
 * const visitor = withContext(client, { visitorId, country });
 * const headline = visitor.getStringValue('headline', 'Welcome');
 */
export function withContext(client: Client, context: Context): Client {
  const held = (client as unknown as Record<symbol, Held | undefined> | undefined)?.[HELD];
  if (!held) throw new TypeError('withContext: the client was made without `contexts: contexts()`');
  const members = held.client as unknown as Record<string, (...args: unknown[]) => unknown>;
  let own = { ...context };
  // What is not replaced is inherited: members need no `this`.
  const view = Object.create(held.client) as typeof members;
  for (const name of MEMBERS) view[name] = (...args) => held.within(own, () => members[name]?.(...args));
  view.setContext = (replacement) => {
    own = { ...(replacement as Context) };
  };
  view.close = () => undefined;
  return view as unknown as Client;
}
