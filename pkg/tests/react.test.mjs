// The hooks of waft/react, built, in React 18 and 19: what they return, and when a component renders.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { each } from './react.mjs';
import { createClient } from '../dist/index.js';
import { clock, NOW, settled, snapshot, storage, TRUST, until } from './fixture.mjs';

const [FIRST, SECOND] = [1, 2].map((version) => snapshot({ version, ruleset: (text) => text.replace('"always"', `"v${version}"`) }));
const CONTEXT = { visitorId: 'v1', accountId: 7, country: 'DE' };

/** A client without exposures, closed after the test. */
async function start(t, options) {
  const client = await createClient({ snapshot: FIRST, trust: TRUST, context: CONTEXT, ...options });
  t.after(() => client.close());
  return client;
}

test.beforeEach(() => {
  clock();
  storage();
});

/** A component that shows what a hook returns, and how often it rendered. */
const probe = (h, name, use) => {
  const Probe = () => {
    Probe.renders += 1;
    const shown = use();
    return h('i', null, `${name}=${typeof shown === 'object' ? JSON.stringify(shown) : shown} `);
  };
  Probe.renders = 0;
  return Probe;
};

each(test, 'values, details, variants and features, as the client decides them', async (t, { h, waft, container, render }) => {
  const client = await start(t);
  const { useFlag, useFlagDetails, useExperiment, Feature, WaftProvider } = waft;
  const Page = () =>
    [
      useFlag('on-in-germany', false),
      useFlag('fixed', 'mine'),
      useFlag('disabled', 1),
      useFlag('theme', {}).accent,
      useFlag('fixed', 5),
      useFlag('absent', 'mine'),
      useExperiment('cta', 'none') === client.peek('cta', undefined).variant,
      useExperiment('absent', 'none'),
      useFlagDetails('fixed', '').reason,
      useFlagDetails('absent', {}).errorCode,
    ].join(' ');
  const features = [
    h(Feature, { key: 1, flag: 'on-in-germany', fallback: ' no' }, ' yes'),
    h(Feature, { key: 2, flag: 'absent', fallback: ' no' }, ' yes'),
    h(Feature, { key: 3, flag: 'absent' }, ' yes'),
    h(Feature, { key: 4, flag: 'fixed', is: 'v1' }, ' v1'),
  ];
  await render(h(WaftProvider, { client }, h(Page), features));
  assert.equal(container.textContent, 'true v1 29.5 teal 5 mine true none STATIC FLAG_NOT_FOUND yes no v1');
});

each(test, 'a component renders anew only when its own flag changes', async (t, { h, act, waft, container, render }) => {
  const client = await start(t);
  const { useFlag, useFlagDetails, useExperiment, Feature, WaftProvider } = waft;
  const probes = {
    germany: probe(h, 'germany', () => useFlag('on-in-germany', false)),
    fixed: probe(h, 'fixed', () => useFlag('fixed', '')),
    details: probe(h, 'details', () => useFlagDetails('theme', {}).reason),
    absent: probe(h, 'absent', () => useFlagDetails('absent', { an: 'object of its own' }).value),
    variant: probe(h, 'variant', () => useExperiment('early', '')),
    feature: probe(h, 'feature', () => h(Feature, { flag: 'on-in-germany' })?.props.flag),
  };
  const renders = () => Object.fromEntries(Object.entries(probes).map(([name, { renders }]) => [name, renders]));
  await render(h(WaftProvider, { client }, ...Object.values(probes).map((Probe, key) => h(Probe, { key }))));
  const once = { germany: 1, fixed: 1, details: 1, absent: 1, variant: 1, feature: 1 };
  assert.deepEqual(renders(), once);
  await act(async () => client.setContext({ ...CONTEXT, country: 'FR' }));
  assert.deepEqual(renders(), { ...once, germany: 2 });
  assert.match(container.textContent, /germany=false .*variant=off/);
  await act(async () => client.setContext({ ...CONTEXT, country: 'FR', signedUpAt: new Date('2026-01-01') }));
  assert.deepEqual(renders(), { ...once, germany: 2, variant: 2 });
  // Another snapshot: a value changes, and the version in details.
  await act(async () => assert.ok((await client.load(SECOND)).ok));
  assert.deepEqual(renders(), { ...once, germany: 2, variant: 2, fixed: 2, details: 2 });
  assert.match(container.textContent, /fixed=v2/);
});

each(test, 'another context with 50 flags mounted is one commit', async (t, { React, h, act, waft, render }) => {
  const client = await start(t);
  let commits = 0;
  let renders = 0;
  const Shows = () => {
    renders += 1;
    return String(waft.useFlag('on-in-germany', false));
  };
  const all = Array.from({ length: 50 }, (_, key) => h(Shows, { key }));
  await render(h(React.Profiler, { id: 'all', onRender: () => commits++ }, h(waft.WaftProvider, { client }, all)));
  assert.deepEqual([commits, renders], [1, 50]);
  await act(async () => client.setContext({ ...CONTEXT, country: 'FR' }));
  assert.deepEqual([commits, renders], [2, 100]);
  await act(async () => client.setContext({ ...CONTEXT, country: 'FR', accountId: 8 }));
  assert.deepEqual([commits, renders], [2, 100]);
});

each(
  test,
  'a client that comes later: defaults, then one more render where they differ',
  async (t, { h, act, waft, container, render }) => {
    const Same = probe(h, 'same', () => waft.useFlag('fixed', 'v1'));
    const Other = probe(h, 'other', () => waft.useFlag('on-in-germany', false));
    const page = (client) => h(waft.WaftProvider, { client }, children);
    const children = [h(Same, { key: 1 }), h(Other, { key: 2 })];
    let arrive;
    const promise = new Promise((resolve) => (arrive = resolve));
    await render(page(promise));
    assert.equal(container.textContent, 'same=v1 other=false ');
    await act(async () => arrive(start(t)));
    assert.deepEqual([container.textContent, Same.renders, Other.renders], ['same=v1 other=true ', 1, 2]);
    // Another client, as of another test page; none; one again.
    await render(page(await start(t, { context: {} })));
    assert.deepEqual([container.textContent, Same.renders, Other.renders], ['same=v1 other=false ', 1, 3]);
    await render(page(undefined));
    await render(page(await start(t)));
    assert.deepEqual([container.textContent, Same.renders, Other.renders], ['same=v1 other=true ', 1, 4]);
    // Its rules come later than itself, and none are kept.
    await settled();
    storage();
    const late = await start(t, { snapshot: new Uint8Array() });
    await render(page(late));
    assert.equal(container.textContent, 'same=v1 other=false ');
    await act(async () => late.load(FIRST));
    assert.equal(container.textContent, 'same=v1 other=true ');
  },
);

each(
  test,
  'a promise that resolves after the provider has another client changes nothing',
  async (t, { h, act, waft, container, render }) => {
    const Shows = probe(h, 'shows', () => waft.useFlag('on-in-germany', false));
    const page = (client) => h(waft.WaftProvider, { client }, h(Shows));
    let arrive;
    await render(page(new Promise((resolve) => (arrive = resolve))));
    await render(page(await start(t)));
    await act(async () => arrive(start(t, { context: {} })));
    assert.equal(container.textContent, 'shows=true ');
  },
);

each(test, 'rules that expire are told', async (t, { h, act, waft, container, render }) => {
  const soon = snapshot({ expires: new Date(NOW + 1_000).toISOString() });
  const set = clock(NOW + 950);
  const client = await start(t, { snapshot: soon });
  const Shows = probe(h, 'reason', () => waft.useFlagDetails('fixed', '').reason);
  await render(h(waft.WaftProvider, { client }, h(Shows)));
  assert.equal(container.textContent, 'reason=STATIC ');
  let isTold = false;
  client.on('stale', () => (isTold = true));
  set(NOW + 1_000);
  await act(() => until(() => isTold));
  assert.deepEqual([container.textContent, Shows.renders], ['reason=STALE ', 2]);
});

each(test, 'without a provider: defaults, which is told once', async (t, { h, waft, container, render }) => {
  const { mock } = t.mock.method(console, 'warn', () => {});
  const [One, Other] = ['one', 'other'].map((name) => probe(h, name, () => waft.useFlag('fixed', 'mine')));
  await render(h('p', null, h(One), h(Other)));
  assert.equal(container.textContent, 'one=mine other=mine ');
  assert.deepEqual(
    mock.calls.map(({ arguments: of }) => of),
    [['waft', 'a hook without a WaftProvider above it: flags have their defaults']],
  );
});

each(test, "two copies of the package: one's hooks find the other's provider", async (t, { h, waft, second, container, render }) => {
  assert.notEqual(waft.useFlag, second.useFlag);
  const client = await start(t);
  await render(h(second.WaftProvider, { client }, h(probe(h, 'shows', () => waft.useFlag('fixed', 'mine')))));
  assert.equal(container.textContent, 'shows=v1 ');
});
