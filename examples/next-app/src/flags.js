// On the server: who is asking, and what is decided for them.
import { readFileSync } from 'node:fs';
import { cookies, headers } from 'next/headers';
import { createClient } from 'waft';
import { decide, handOver } from 'waft/server';
import trust from './trust.json';

// One for all requests.
const client = createClient({ snapshot: readFileSync('public/snapshot.waft'), trust, exposures: handOver() });

/** Flags of the request's visitor, and the context that the page is to have, too: nothing that is private. */
export async function decided() {
  const visitorId = (await cookies()).get('waft-visitor')?.value;
  // As a CDN tells it.
  const country = (await headers()).get('x-country') ?? 'DE';
  const context = { visitorId, country };
  return { context, flags: decide(await client, { context, same: ['visitorId', 'country'] }) };
}
