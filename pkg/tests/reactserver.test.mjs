// waft/react on a server, and in a page that hydrates what a server rendered, in React 18 and 19.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { each, settled } from './react.mjs';
import { recorder } from '../dist/exposures.js';
import { hydrate as hydrated } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { decide, handOver } from '../dist/server.js';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const CONTEXT = { visitorId: 'v1', country: 'DE' };

test.beforeEach(() => {
  clock();
  storage();
});

/** A client, and the flags that it recorded exposures of. */
async function start(t) {
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/refuses', robot: false });
  const client = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: CONTEXT, exposures });
  t.after(() => client.close());
  const exposed = [];
  client.on('exposure', ({ flagKey }) => exposed.push(flagKey));
  return { client, exposed };
}

/** A page by one copy of the entry, and all that it ever rendered. */
const pageOf = ({ h }, { useFlag, useFlagDetails, useExperiment, Feature, WaftProvider }) => {
  const rendered = [];
  const Page = () => {
    const shown = [useFlag('cta', 'default'), useFlagDetails('fixed', 'default').value, useFlag('fixed', 1), useExperiment('cta', 'none')];
    rendered.push(shown.join(' '));
    return shown.join(' ');
  };
  const page = (props) => h(WaftProvider, props, h(Page), h(Feature, { flag: 'on-in-germany', fallback: ' abroad' }, ' here'));
  return { page, rendered };
};

/** Hydrates a page, and fails where it does not match. */
async function hydrate({ act, hydrateRoot, container }, html, element) {
  container.innerHTML = html;
  let root;
  await act(async () => (root = hydrateRoot(container, element, { onRecoverableError: (error) => assert.fail(error) })));
  return root;
}

each(test, 'the same client on both sides: nothing is exposed on the server, and nothing rendered twice', async (t, world) => {
  const { act, renderToString, waft, server, container } = world;
  const there = await start(t);
  const html = renderToString(pageOf(world, server).page({ client: there.client }));
  await settled(act);
  assert.deepEqual(there.exposed, []);
  const here = await start(t);
  const { page, rendered } = pageOf(world, waft);
  const root = await hydrate(world, html, page({ client: here.client }));
  await settled(act);
  const { value, variant } = here.client.peek('cta', '');
  assert.deepEqual([container.textContent, rendered.length, here.exposed], [`${value} always 1 ${variant} here`, 1, ['cta']]);
  await act(async () => root.unmount());
});

each(test, 'a server without a client: the page hydrates with defaults, and then decides', async (t, world) => {
  const { act, renderToString, waft, server, container } = world;
  const html = renderToString(pageOf(world, server).page({ client: Promise.reject(new Error('never used')).catch(() => {}) }));
  assert.match(html, /default default 1 none/);
  const { client, exposed } = await start(t);
  const { page, rendered } = pageOf(world, waft);
  const root = await hydrate(world, html, page({ client, initial: {} }));
  await settled(act);
  const { value, variant } = client.peek('cta', '');
  assert.deepEqual(rendered, ['default default 1 none', `${value} always 1 ${variant}`]);
  assert.deepEqual([container.textContent, exposed], [`${value} always 1 ${variant} here`, ['cta']]);
  await act(async () => root.unmount());
});

each(test, 'what the server decided is shown until the page decides, and is exposed then', async (t, world) => {
  const { act, renderToString, waft, server, container } = world;
  const there = await start(t);
  const html = renderToString(pageOf(world, server).page({ client: there.client }));
  const initial = JSON.parse(JSON.stringify(there.client.all()));
  const { page, rendered } = pageOf(world, waft);
  let arrive;
  const root = await hydrate(world, html, page({ client: new Promise((resolve) => (arrive = resolve)), initial }));
  await settled(act);
  const { value, variant } = there.client.peek('cta', '');
  const shown = `${value} always 1 ${variant}`;
  assert.equal(container.textContent, `${shown} here`);
  const here = await start(t);
  await settled(act, () => arrive(here.client));
  assert.deepEqual([container.textContent, here.exposed, there.exposed], [`${shown} here`, ['cta'], []]);
  // The last of these: details of another object.
  assert.deepEqual(new Set(rendered), new Set([shown]));
  await act(async () => root.unmount());
});

each(test, "waft/hydrate's client: what the server decided, once, and exposed when the page decides alike", async (t, world) => {
  const { act, renderToString, waft, server, container } = world;
  const there = await start(t);
  const { json } = decide(there.client, { context: CONTEXT, same: ['visitorId'] });
  const html = renderToString(pageOf(world, server).page({ client: there.client }));
  const { page, rendered } = pageOf(world, waft);
  let arrive;
  const client = hydrated(() => new Promise((resolve) => (arrive = resolve)), { context: CONTEXT, trust: TRUST }, json);
  const root = await hydrate(world, html, page({ client }));
  const { value, variant } = there.client.peek('cta', '');
  const here = await start(t);
  assert.deepEqual([container.textContent, rendered.length], [`${value} always 1 ${variant} here`, 1]);
  await settled(act, () => arrive(here.client));
  assert.deepEqual([container.textContent, new Set(rendered).size, here.exposed], [`${value} always 1 ${variant} here`, 1, ['cta']]);
  await act(async () => root.unmount());
});

/** What a server without a document renders. */
function onServer(render) {
  const { document } = globalThis;
  delete globalThis.document;
  try {
    return render();
  } finally {
    globalThis.document = document;
  }
}

/** A page's client of waft/hydrate that has rules already, and what it exposed. */
async function begun(t, json, bytes) {
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/refuses', robot: false });
  const client = hydrated(createClient, { snapshot: bytes, trust: TRUST, context: CONTEXT, exposures }, json);
  t.after(() => client.close());
  const exposed = [];
  client.on('exposure', ({ flagKey, variant }) => exposed.push(`${flagKey} ${variant}`));
  assert.equal(await client.ready(), true);
  return { client, exposed };
}

each(test, 'what a server component read is exposed on mount, and nothing mismatches, although other rules are there', async (t, world) => {
  const { act, renderToString, waft, server, container } = world;
  const there = await createClient({ snapshot: SNAPSHOT, trust: TRUST, exposures: handOver() });
  t.after(() => there.close());
  const decided = decide(there, { context: CONTEXT, same: ['visitorId'] });
  const value = decided.getStringValue('cta', '');
  const { json } = decided;
  const { variant } = there.peek('cta');
  const made = () => assert.fail('a client on a server');
  const html = onServer(() =>
    renderToString(pageOf(world, server).page({ client: hydrated(made, { context: CONTEXT, trust: TRUST }, json) })),
  );
  storage();
  const other = variant === 'bold' ? 'plain' : 'bold';
  const ruleset = (text) => text.replace('plain: 50%, bold: 50%', `${other}: 100%`).replace('"always"', '"v2"');
  const { client, exposed } = await begun(t, json, snapshot({ version: 2, ruleset }));
  assert.deepEqual(exposed, []);
  const { page, rendered } = pageOf(world, waft);
  const root = await hydrate(world, html, page({ client }));
  await settled(act);
  // What nobody had read is the page's to decide.
  assert.deepEqual(rendered, [`${value} always 1 ${variant}`, `${value} v2 1 ${variant}`]);
  assert.deepEqual([exposed, client.status().disagreed, container.textContent.includes(value)], [[`cta ${variant}`], 1, true]);
  await act(async () => root.unmount());
});

each(test, 'a static shell: it hydrates with defaults, although rules are there, and then decides', async (t, world) => {
  const { act, renderToString, waft, server, container } = world;
  const shell = (entry, client) => pageOf(world, entry).page({ client });
  const html = onServer(() =>
    renderToString(
      shell(
        server,
        hydrated(() => assert.fail(), { trust: TRUST }),
      ),
    ),
  );
  assert.match(html, /default default 1 none/);
  const { client, exposed } = await begun(t, undefined, SNAPSHOT);
  const root = await hydrate(world, html, shell(waft, client));
  await settled(act);
  const { value, variant } = client.peek('cta', '');
  assert.deepEqual([container.textContent, exposed], [`${value} always 1 ${variant} here`, [`cta ${variant}`]]);
  await act(async () => root.unmount());
});
