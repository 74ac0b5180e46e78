// The page of the fault run: `make` records exposures and events, `waiting` says how many a collector has not acknowledged.
import { recorder } from '../../pkg/dist/exposures.js';
import { createClient } from '../../pkg/dist/index.js';

const TASK = 10; // records of one task

const client = await createClient({
  snapshot: '/snapshot.waft',
  trust: await (await fetch('/trust.json')).json(),
  exposures: recorder({ endpoint: '/v1/logs' }),
});
const { code } = client.status();
if (code) throw new Error(code);

/**
 * Exposes the visitors NAME-FROM to NAME-(TO - 1), and tracks a purchase of every fifth of them. Every other purchase has an order
 * number to tell it by; where all was made before, there is none of the others.
 */
async function make(name, from, to, again) {
  for (let number = from; number < to; number++) {
    client.setContext({ visitorId: `${name}-${number}` });
    client.getBooleanValue('test', false);
    const order = `${name}-${number}`;
    const dedupe = number % 2 ? undefined : order;
    if (number % 5 === 0 && (dedupe || !again)) client.track('purchase', { value: number, order, dedupe });
    if (number % TASK === 0) await new Promise((resolve) => setTimeout(resolve));
  }
}

const status = () => client.exposures.status();
const stored = () => Object.keys(localStorage).filter((key) => key.startsWith('waft:q:')).length;
globalThis.faults = { make, status, stored };
