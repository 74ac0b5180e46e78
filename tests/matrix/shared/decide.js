// What every row does: a client by URL, one flag, and its exposure sent.
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
import { ORIGIN, TRUST } from './settings.js';

export async function decide(visitorId) {
  const client = await createClient({
    snapshot: `${ORIGIN}/snapshot.waft`,
    trust: TRUST,
    context: { visitorId },
    exposures: recorder({ endpoint: `${ORIGIN}/v1/logs`, robot: false }),
  });
  const { value, reason } = client.getBooleanDetails('test', false);
  await client.flush();
  const { code, sent } = client.status();
  client.close();
  return `${typeof value} ${reason} ${sent} ${code}`;
}
