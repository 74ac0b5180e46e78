// Pages that record, for tests of what they record and of what becomes of it. Each is closed after its test.
import { afterEach, beforeEach } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { clock, snapshot, TRUST } from './fixture.mjs';

export const SNAPSHOT = snapshot();
/** Those that are open. */
export const clients = [];

export async function start(endpoint, context = { visitorId: 'v1', accountId: 7 }) {
  const exposures = recorder({ endpoint });
  const page = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context, exposures });
  clients.push(page);
  return page;
}

beforeEach(() => clock());
afterEach(() => clients.splice(0).forEach((page) => page.close()));
