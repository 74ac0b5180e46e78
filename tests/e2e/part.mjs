// One client in a window, a worker or a service worker, driven from outside: `ask(name, ...args)`, or a message of the same with a port.
import { createClient } from '../../pkg/dist/index.js';

let client;
const asked = {
  async start(options = {}) {
    const trust = await (await fetch('/trust.json')).json();
    client = await createClient({ snapshot: '/snapshot.waft', trust, engine: '/engine.wasm', exposures: { endpoint: '/v1/logs' }, ...options });
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
  flush: () => client.flush(),
  status: () => client.exposures.status(),
  call: (name, ...args) => client[name](...args),
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
