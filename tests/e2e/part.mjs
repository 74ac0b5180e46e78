// One client in a window, a worker or a service worker, driven from outside: `ask(name, ...args)`, or a message of the same with a port.
import { cookie, storage, urlAttributes } from '../../pkg/dist/context.js';
import { recorder } from '../../pkg/dist/exposures.js';
import { createClient } from '../../pkg/dist/lean.js';

let client;
const heard = [];
const asked = {
  async start({ exposures, compat, ...options } = {}) {
    const trust = await (await fetch('/trust.json')).json();
    client = await createClient({
      snapshot: '/snapshot.waft',
      trust,
      engine: '/engine.wasm',
      exposures: recorder({ endpoint: '/v1/logs', ...exposures }),
      fallback: compat && (() => import('../../pkg/dist/compat.js')),
      ...options,
    });
    return client.status().code;
  },
  /** Meets the experiment as each visitor, two in a task. */
  async meet(visitors) {
    for (const [index, visitorId] of visitors.entries()) {
      client.setContext({ visitorId });
      client.getBooleanValue('test', false);
      if (index % 2) await new Promise((resolve) => setTimeout(resolve));
    }
    return client.exposures.status();
  },
  /** Reads the flag and tracks an event, in one task: then they are sent together. */
  async buy(...event) {
    const { reason } = client.getBooleanDetails('test', false);
    client.track(...event);
    await client.flush();
    return reason;
  },
  flush: () => client.flush(),
  status: () => client.exposures.status(),
  all: () => client.status(),
  call: async (name, ...args) => client[name](...args),
  listen: () => {
    client.on('exposure', (exposure) => heard.push(exposure));
  },
  heard: () => heard,
  who: (name, ...args) => ({ cookie, storage, urlAttributes })[name](...args),
  consent: (consent) => client.exposures.setConsent(consent),
  /** As where the browser refuses it. */
  refuseDatabase() {
    IDBFactory.prototype.open = () => {
      throw new DOMException('refused', 'SecurityError');
    };
  },
};

globalThis.ask = async (name, ...args) => asked[name](...args);
globalThis.addEventListener('message', (event) => {
  const [port] = event.ports;
  if (!port) return;
  const answer = globalThis.ask(...event.data).then(
    (value) => port.postMessage({ value }),
    (error) => port.postMessage({ error: String(error.stack) }),
  );
  event.waitUntil?.(answer);
});
