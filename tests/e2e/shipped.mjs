// The script of a page that has the package as it ships: each entry a module of its own, from /waft/.
import * as context from '/waft/context.js';
import * as devtools from '/waft/devtools.js';
import * as exposures from '/waft/exposures.js';
import { head } from '/waft/head.js';
import * as hydrate from '/waft/hydrate.js';
import * as index from '/waft/index.js';
import * as preview from '/waft/preview.js';
import * as updates from '/waft/updates.js';

const { createClient, recorder, poll } = (globalThis.waft = { ...index, ...exposures, ...updates, ...preview, ...hydrate, ...context });
const trust = await (await fetch('/trust.json')).json();

/** Options as a page writes them; `token`, `every`, `compat`, `panel` and `hasHead` are what functions make options of. */
globalThis.optionsOf = ({ token, every, compat, panel, hasHead, ...options } = {}) => ({
  snapshot: '/snapshot.waft',
  trust,
  context: { visitorId: 'v1' },
  exposures: recorder({ endpoint: '/v1/logs' }),
  quiet: true,
  ...(token && { preview: preview.preview(token) }),
  ...(every && { updates: poll({ every }) }),
  ...(hasHead && { head: head({ documents: () => import('/waft/documents.js') }) }),
  ...(panel && { devtools: devtools.devtools() }),
  ...(compat && { fallback: () => import('/waft/compat.js') }),
  ...options,
});

/** Starts the page's client. Its code. */
globalThis.begin = async (options) => {
  const client = await createClient(globalThis.optionsOf(options));
  globalThis.client = client;
  globalThis.changes = [];
  globalThis.errors = [];
  client.on('configurationChanged', ({ version }) => globalThis.changes.push(version));
  client.on('error', ({ code }) => globalThis.errors.push(code));
  return client.status().code;
};

/** The variant that each visitor gets, and why. */
globalThis.decided = (visitors, client = globalThis.client) =>
  visitors.map((visitorId) => {
    client.setContext({ visitorId, country: 'DE' });
    const { variant, reason } = client.peek('test', false);
    return `${variant} ${reason} ${client.peek('headline', '').value}`;
  });

/** Meets the experiment as each visitor. */
globalThis.meet = (visitors) => {
  for (const visitorId of visitors) {
    globalThis.client.setContext({ visitorId });
    globalThis.client.getBooleanValue('test', false);
  }
};

/** Once what was adopted is kept: that begins in the task after, and takes its turn under a lock. */
globalThis.settled = async () => {
  const task = () => new Promise((resolve) => setTimeout(resolve));
  await task();
  await navigator.locks.request('waft:seen', () => {});
  await task();
};

globalThis.waiting = () => Object.keys(localStorage).filter((key) => key.startsWith('waft:q:')).length;
globalThis.isLoaded = true;
