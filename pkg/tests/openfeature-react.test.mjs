// useExposure under OpenFeature's React SDK: what was committed and is shown is exposed, once; what was only rendered is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VERSIONS } from './react.mjs';
import { OpenFeature, OpenFeatureProvider, useStringFlagValue } from '@openfeature/react-sdk';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { WaftProvider } from '../dist/openfeature.js';
import { useExposure } from '../dist/openfeature-react.js';
import { clock, snapshot, storage, TRUST, until } from './fixture.mjs';

const { React, h, createRoot, renderToString } = VERSIONS.at(-1);
const SNAPSHOT = snapshot();

test.beforeEach(() => {
  clock();
  storage();
  OpenFeature.setLogger({ error() {}, warn() {}, info() {}, debug() {} });
});
test.afterEach(() => OpenFeature.clearProviders());

/** A page whose provider records, what it recorded, and a root. */
async function page(t, context = { targetingKey: 'v1' }) {
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/refuses', robot: false });
  const provider = new WaftProvider(({ context }) => createClient({ snapshot: SNAPSHOT, trust: TRUST, context, exposures }));
  await OpenFeature.setProviderAndWait(provider, context);
  const exposed = [];
  provider.client.on('exposure', ({ unit, variant }) => exposed.push(`${unit} ${variant}`));
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const render = (element) => React.act(async () => root.render(h(OpenFeatureProvider, null, element)));
  t.after(() => React.act(async () => root.unmount()));
  return { exposed, container, render, client: provider.client };
}

const Cta = () => {
  useExposure('cta');
  return useStringFlagValue('cta', '');
};
const Other = () => useStringFlagValue('cta', '');
const Never = () => React.use(new Promise(() => {}));
const settled = () => React.act(() => new Promise((resolve) => setTimeout(resolve, 5)));

test('a component that was committed exposes once, also in strict mode, twice on the page, and when it is mounted anew', async (t) => {
  const { exposed, container, render, client } = await page(t);
  const variant = client.peek('cta', undefined).variant;
  await render(h(React.StrictMode, null, h(Cta), h(Cta)));
  assert.equal(container.textContent, client.peek('cta', '').value.repeat(2));
  await settled();
  await render(null);
  await render(h(Cta));
  await settled();
  assert.deepEqual(exposed, [`v1 ${variant}`]);
});

test('what is suspended, or rendered on a server, exposes nothing', async (t) => {
  const { exposed, render } = await page(t);
  await render(h(React.Suspense, { fallback: 'wait' }, h(Cta), h(Never)));
  renderToString(h(OpenFeatureProvider, null, h(Cta)));
  await settled();
  assert.deepEqual(exposed, []);
});

test('another visitor is exposed when that is shown', async (t) => {
  const { exposed, render } = await page(t);
  await render(h(Cta));
  await React.act(() => OpenFeature.setContext({ targetingKey: 'v2' }));
  await until(() => exposed.length === 2, 'both are exposed');
  assert.deepEqual(
    exposed.map((line) => line.split(' ')[0]),
    ['v1', 'v2'],
  );
});

test('a flag that is not shown, or a provider of somebody else, exposes nothing', async (t) => {
  const { exposed, render } = await page(t);
  await render(h(Other));
  await OpenFeature.clearProviders();
  await render(h(Cta));
  await settled();
  assert.deepEqual(exposed, []);
});
