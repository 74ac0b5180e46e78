// The pages: what each is made of, as its maker documents it. Every script sets `value`, the flag that an experiment decides, and `exposed`,
// which counts exposures, where it makes any.
//
// | field | what |
// |---|---|
// | `id` | `PEER-KIND`, and part of the page's address |
// | `peer` | a module of tests/bench/peers: its rules, and what they decide in Node |
// | `inlined` | the HTML holds the rules, or what a server decided |
// | `whole` | and the script, too |
// | `rules` | where they are fetched from, below the page |
// | `head` | what else the HTML's head says |
// | `hasHead` | `head.waft` is beside the page, and its trust asks for it |
// | `isServed` | the HTML holds what waft/server decided for this visitor, for some hours |
// | `later` | a second script, `client.js`, which the first one imports after the flag |
// | `script` | with `KEY`, `FALLBACK`, `CONTEXT` and `TRUST` as constants |

/** Asks for rules while the script is on its way. */
const HINT = (url) => `<link rel="preload" href="${url}" as="fetch" crossorigin>`;
const INLINED = `const inlined = document.getElementById('rules').textContent;`;

const WAFT = (snapshot, more = '') => `
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
${snapshot === 'bytes' ? BYTES : ''}
const client = await createClient({
  snapshot: ${snapshot},
  trust: TRUST,
  context: CONTEXT,
  exposures: recorder({ endpoint: '/v1/logs' }),${more}
});
const value = client.getBooleanValue(KEY, FALLBACK);
const exposed = () => client.status().queued + client.status().sent;`;

/** With a head: beside rules that are fetched, or where it is told to be. */
const HEADED = (script) => `import { head } from 'waft/head';\n${script}`;
const FOUND = '\n  head: head(),';
const BESIDE = `\n  head: head({ url: 'head.waft' }),`;

// `Uint8Array.fromBase64` is younger than the oldest browsers, and \`Uint8Array.from\` with a function takes ten times as long.
const BYTES = `
${INLINED}
const text = atob(inlined);
const bytes = new Uint8Array(text.length);
for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);`;

const GROWTHBOOK = (options, init) => `
import { GrowthBook } from '@growthbook/growthbook';
let exposures = 0;
const client = new GrowthBook({
  ${options}
  attributes: CONTEXT,
  trackingCallback(experiment, result) {
    exposures++;
    navigator.sendBeacon('/v1/logs', JSON.stringify({ experiment: experiment.key, variation: result.key }));
  },
});
${init}
const value = client.isOn(KEY);
const exposed = () => exposures;`;

const GROWTHBOOK_INLINED = GROWTHBOOK('', `${INLINED}\nclient.initSync({ payload: JSON.parse(inlined) });`);
const FEATURES = 'api/features/sdk-key';
const GROWTHBOOK_FETCHED = GROWTHBOOK(
  `apiHost: new URL('.', location.href).href.slice(0, -1),\n  clientKey: 'sdk-key',`,
  'await client.init();',
);

const CONFIGCAT_KEY = '0000000000000000000000/0000000000000000000000';

export const PAGES = [
  { id: 'waft-inlined', peer: 'waft', inlined: true, script: WAFT('bytes') },
  { id: 'waft-fetched', peer: 'waft', rules: 'snapshot.waft', head: HINT('snapshot.waft'), script: WAFT(`'snapshot.waft'`) },
  { id: 'waft-unhinted', peer: 'waft', rules: 'snapshot.waft', script: WAFT(`'snapshot.waft'`) },
  {
    id: 'waft-kept',
    peer: 'waft',
    rules: 'snapshot.waft',
    head: HINT('snapshot.waft'),
    script: WAFT(`'snapshot.waft'`, `\n  start: 'last-good',`),
  },
  { id: 'waft-whole', peer: 'waft', inlined: true, whole: true, script: WAFT('bytes') },
  // The same with a head: a kill list, and a pointer that vouches for the rules.
  { id: 'waft-inlined-head', peer: 'waft', inlined: true, hasHead: true, head: HINT('head.waft'), script: HEADED(WAFT('bytes', BESIDE)) },
  {
    id: 'waft-fetched-head',
    peer: 'waft',
    rules: 'snapshot.waft',
    hasHead: true,
    head: HINT('snapshot.waft') + HINT('head.waft'),
    script: HEADED(WAFT(`'snapshot.waft'`, FOUND)),
  },
  {
    id: 'waft-kept-head',
    peer: 'waft',
    rules: 'snapshot.waft',
    hasHead: true,
    head: HINT('snapshot.waft') + HINT('head.waft'),
    script: HEADED(WAFT(`'snapshot.waft'`, `\n  start: 'last-good',${FOUND}`)),
  },
  {
    id: 'waft-whole-head',
    peer: 'waft',
    inlined: true,
    whole: true,
    hasHead: true,
    head: HINT('head.waft'),
    script: HEADED(WAFT('bytes', BESIDE)),
  },
  {
    id: 'waft-server',
    peer: 'waft',
    rules: 'snapshot.waft',
    isServed: true,
    whole: true,
    script: `
import { hydrate } from 'waft/hydrate';
const later = import('./client.js').then(({ client }) => client);
const client = hydrate(() => later, { context: CONTEXT, trust: TRUST });
const value = client.getBooleanValue(KEY, FALLBACK);
const count = () => client.status().queued + client.status().sent;
const exposed = async () => {
  // Once the page's own rules decide alike.
  for (let wait = 0; wait < 200 && !count(); wait++) await new Promise((resolve) => setTimeout(resolve, 50));
  return count();
};`,
    later: `${WAFT(`'snapshot.waft'`)}\nexport { client };`,
  },
  { id: 'growthbook-inlined', peer: 'growthbook', inlined: true, script: GROWTHBOOK_INLINED },
  { id: 'growthbook-fetched', peer: 'growthbook', rules: FEATURES, script: GROWTHBOOK_FETCHED },
  // Not in its documents: what the hint alone brings.
  { id: 'growthbook-hinted', peer: 'growthbook', rules: FEATURES, head: HINT(FEATURES), script: GROWTHBOOK_FETCHED },
  { id: 'growthbook-whole', peer: 'growthbook', inlined: true, whole: true, script: GROWTHBOOK_INLINED },
  {
    id: 'flagd-inlined',
    peer: 'flagd',
    inlined: true,
    script: `
import { FlagdCore } from '@openfeature/flagd-core';
${INLINED}
const core = new FlagdCore();
core.setConfigurations(inlined);
const value = core.resolveBooleanEvaluation(KEY, FALLBACK, CONTEXT).value;`,
  },
  {
    id: 'configcat-fetched',
    peer: 'configcat',
    rules: `configuration-files/configcat-proxy/${CONFIGCAT_KEY}/config_v6.json`,
    script: `
import { getClient, PollingMode } from '@configcat/sdk';
const baseUrl = new URL('.', location.href).href.slice(0, -1);
const client = getClient('configcat-proxy/${CONFIGCAT_KEY}', PollingMode.AutoPoll, { baseUrl });
const value = await client.getValueAsync(KEY, FALLBACK, CONTEXT);`,
  },
  {
    id: 'statsig-inlined',
    peer: 'statsig',
    inlined: true,
    script: `
import { StatsigOnDeviceEvalClient } from '@statsig/js-on-device-eval-client';
${INLINED}
const client = new StatsigOnDeviceEvalClient('client-key', { networkConfig: { preventAllNetworkTraffic: true } });
client.dataAdapter.setData(inlined);
client.initializeSync({ disableBackgroundCacheRefresh: true });
const value = client.checkGate(KEY, CONTEXT);`,
  },
  {
    id: 'launchdarkly-bootstrap',
    peer: 'growthbook',
    inlined: true,
    decided: true,
    script: `
import { createClient } from '@launchdarkly/js-client-sdk';
${INLINED}
const origin = new URL('.', location.href).href.slice(0, -1);
const client = createClient('client-id', { kind: 'user', key: CONTEXT.userId }, {
  baseUri: origin, streamUri: origin, eventsUri: origin, sendEvents: false, streaming: false, fetchGoals: false, diagnosticOptOut: true,
});
client.start({ bootstrap: JSON.parse(inlined) });
const value = client.boolVariation(KEY, FALLBACK);`,
  },
];

/** Who is not measured, and why. */
export const ABSENT = [
  'LaunchDarkly has no public way to decide in a page: its row is what a server decided, handed over as `bootstrap`, and it sends no events here.',
  'Statsig runs with all its traffic off, and ConfigCat from a proxy of its config: neither records an exposure here.',
  'flagd decides in the page by its core; its web provider asks a server for each context, which does not run offline.',
  'Optimizely, Split and Flipt fetch from addresses of their own or bring 2.5 MB of rules; `make bench` has them from memory.',
];

/** What a server would have decided for one context: the form of LaunchDarkly's `bootstrap`. */
export const bootstrap = (values) =>
  JSON.stringify({
    ...values,
    $flagsState: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { variation: Number(value), version: 1 }])),
    $valid: true,
  });
