// What the tests of waft/hydrate begin with: a server that has decided, and a page whose client is still to come.
import { recorder } from '../dist/exposures.js';
import { hydrate } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { decide, handOver } from '../dist/server.js';
import { snapshot, storage, TRUST } from './fixture.mjs';

export const FIRST = snapshot();
export const CONTEXT = { visitorId: 'v1', accountId: 7, country: 'DE' };
export const NONE = { queued: 0, sent: 0, dropped: 0, disagreed: 0, undecided: [] };
const SAME = ['visitorId'];

/** What a server writes for a visitor. */
export async function served(options = {}, bytes = FIRST, exposures = handOver()) {
  const client = await createClient({ snapshot: bytes, trust: TRUST, exposures });
  const decided = { ...decide(client, { context: CONTEXT, same: SAME, ...options }) };
  client.close();
  storage();
  return decided;
}

/** A page: its client comes when it is let, and is not extended. */
export function page(t, json, { context = CONTEXT, ...options } = {}) {
  const exposed = [];
  let arrive;
  const client = hydrate(() => new Promise((resolve) => (arrive = resolve)), { context, trust: TRUST }, json);
  client.on('exposure', ({ flagKey, variant }) => exposed.push(`${flagKey} ${variant}`));
  const come = async (bytes = FIRST) => {
    const exposures = recorder({ endpoint: 'http://127.0.0.1:9/refuses', robot: false });
    const own = await createClient({ snapshot: bytes, trust: TRUST, context, exposures, ...options });
    t.after(() => own.close());
    arrive(own);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return own;
  };
  return { client, exposed, come };
}
