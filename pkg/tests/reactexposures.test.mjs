// What waft/react exposes, in React 18 and 19: what was committed and is shown, once; and nothing that was only rendered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { each, settled } from './react.mjs';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';

const SNAPSHOT = snapshot();
const VISITOR = { visitorId: 'v1', accountId: 7 };

test.beforeEach(() => {
  clock();
  storage();
});

/** A client that records, and what it recorded: flag, unit, variant. */
async function start(t, options = {}) {
  const exposures = recorder({ endpoint: 'http://127.0.0.1:9/refuses', robot: false });
  const client = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: VISITOR, exposures, ...options });
  t.after(() => client.close());
  const exposed = [];
  client.on('exposure', ({ flagKey, unit, variant }) => exposed.push(`${flagKey} ${unit} ${variant}`));
  return { client, exposed };
}

/** Two visitors who get different variants of `cta`, and a third who gets that of the first. */
const [ONE, OTHER, SAME] = await (async () => {
  clock();
  storage();
  const client = await createClient({ snapshot: SNAPSHOT, trust: TRUST });
  const variantOf = (visitorId) => {
    client.setContext({ ...VISITOR, visitorId });
    return client.peek('cta', undefined).variant;
  };
  const first = variantOf('v1');
  const visitors = Array.from({ length: 50 }, (_, at) => `v${at + 2}`);
  const [other, same] = [false, true].map((isSame) => visitors.find((id) => (variantOf(id) === first) === isSame));
  const ids = ['v1', other, same].map((visitorId) => ({
    context: { ...VISITOR, visitorId },
    exposure: `cta ${visitorId} ${variantOf(visitorId)}`,
  }));
  client.close();
  return ids;
})();

/** Shows `cta`, and counts how often it rendered. */
const shows = ({ h, waft }, flag = 'cta') => {
  const Shows = () => {
    Shows.renders += 1;
    return h('i', null, waft.useFlag(flag, flag === 'price' ? 0 : ''));
  };
  Shows.renders = 0;
  return Shows;
};

/** A component that suspends until it is let. */
function suspends() {
  const promise = new Promise((resolve) => (Suspends.release = resolve)).then(() => (Suspends.isDone = true));
  function Suspends() {
    if (!Suspends.isDone) throw promise;
    return null;
  }
  return Suspends;
}

each(test, 'what is committed is exposed, once, however many show it and however often', async (t, world) => {
  const { React, h, act, waft, render } = world;
  const { client, exposed } = await start(t);
  const [Shows, Price] = [shows(world), shows(world, 'price')];
  const Variant = () => waft.useExperiment('cta', '');
  const Details = () => waft.useFlagDetails('cta', '').value;
  const page = (isThere) =>
    h(
      React.StrictMode,
      null,
      h(waft.WaftProvider, { client }, isThere && [Shows, Shows, Variant, Details].map((Part, key) => h(Part, { key }))),
    );
  let during;
  const Spies = () => void (during = [...exposed]);
  await render(h(waft.WaftProvider, { client }, h(Shows), h(Spies)));
  assert.deepEqual([during, exposed], [[], [ONE.exposure]]);
  for (const isThere of [true, false, true]) await render(page(isThere));
  await settled(act);
  assert.deepEqual(exposed, [ONE.exposure]);
  await render(h(waft.WaftProvider, { client }, h(waft.Feature, { flag: 'cta', is: 'neither' }), h(Price)));
  assert.equal(exposed.length, 2);
  assert.match(exposed[1], /^price 7 /);
});

each(test, 'another unit is exposed, whether its variant is another or not', async (t, world) => {
  const { h, act, waft, render } = world;
  const { client, exposed } = await start(t);
  const Shows = shows(world);
  await render(h(waft.WaftProvider, { client }, h(Shows)));
  await settled(act, () => client.setContext(OTHER.context));
  assert.deepEqual([exposed, Shows.renders], [[ONE.exposure, OTHER.exposure], 2]);
  await settled(act, () => client.setContext(ONE.context));
  await settled(act, () => client.setContext(SAME.context));
  // It did not render for the last one.
  assert.deepEqual([exposed, Shows.renders], [[ONE.exposure, OTHER.exposure, SAME.exposure], 3]);
});

each(test, 'whoever is removed with the change of context is not exposed', async (t, world) => {
  const { React, h, act, waft, render } = world;
  const { client, exposed } = await start(t);
  const Shows = shows(world);
  let setShown;
  const Page = () => {
    const [isShown, set] = React.useState(true);
    setShown = set;
    return isShown ? h(Shows) : null;
  };
  await render(h(waft.WaftProvider, { client }, h(Page)));
  await settled(act, () => {
    client.setContext(SAME.context);
    setShown(false);
  });
  assert.deepEqual(exposed, [ONE.exposure]);
});

each(test, 'a suspended sibling: nothing, until both are shown', async (t, world) => {
  const { React, h, act, waft, container, render } = world;
  const { client, exposed } = await start(t);
  const [Shows, First, Second] = [shows(world), suspends(), suspends()];
  const page = (...more) => h(waft.WaftProvider, { client }, h(React.Suspense, { fallback: 'waits' }, h(Shows), ...more));
  await render(page(h(First)));
  assert.ok(Shows.renders > 0);
  assert.deepEqual([container.textContent, exposed], ['waits', []]);
  await act(async () => First.release());
  assert.deepEqual(exposed, [ONE.exposure]);
  // What was shown is hidden again, and meets another unit meanwhile.
  await render(page(h(First), h(Second)));
  assert.match(container.textContent, /waits/);
  await settled(act, () => client.setContext(SAME.context));
  assert.deepEqual(exposed, [ONE.exposure]);
  await settled(act, () => Second.release());
  assert.deepEqual(exposed, [ONE.exposure, SAME.exposure]);
});

each(test, 'an aborted transition: nothing', async (t, world) => {
  const { React, h, act, waft, container, render } = world;
  const { client, exposed } = await start(t);
  const [Shows, Suspends] = [shows(world), suspends()];
  let show;
  const Page = () => {
    const [isShown, set] = React.useState(false);
    show = set;
    return h(React.Suspense, { fallback: 'waits' }, isShown ? [h(Shows, { key: 1 }), h(Suspends, { key: 2 })] : 'before');
  };
  await render(h(waft.WaftProvider, { client }, h(Page)));
  await act(async () => React.startTransition(() => show(true)));
  assert.ok(Shows.renders > 0);
  await act(async () => show(false));
  await settled(act, () => Suspends.release());
  assert.deepEqual([container.textContent, exposed], ['before', []]);
});

each(test, 'a render that throws: nothing', async (t, world) => {
  const { React, h, waft, container, render } = world;
  const { client, exposed } = await start(t);
  const Shows = shows(world);
  class Boundary extends React.Component {
    static getDerivedStateFromError = () => ({ failed: true });
    state = {};
    render() {
      return this.state.failed ? 'failed' : this.props.children;
    }
  }
  const Throws = () => {
    throw new Error('on purpose');
  };
  // React tells of it, and so does the window.
  console.error.mock.mockImplementation(() => {});
  t.mock.method(window.console, 'error', () => {});
  await render(h(waft.WaftProvider, { client }, h(Boundary, null, h(Shows), h(Throws))));
  assert.ok(Shows.renders > 0);
  assert.deepEqual([container.textContent, exposed], ['failed', []]);
});

each(test, 'a flag that changes before the commit: only what is shown then', async (t, world) => {
  const { React, h, act, waft, container, render } = world;
  const { client, exposed } = await start(t);
  const Shows = shows(world);
  // Another component's render changes it, while React works on a transition.
  let isFirst = true;
  const Changes = () => {
    if (isFirst) client.setContext(OTHER.context);
    isFirst = false;
    return null;
  };
  let show;
  const Page = () => {
    const [isShown, set] = React.useState(false);
    show = set;
    return isShown ? [h(Shows, { key: 1 }), h(Changes, { key: 2 })] : null;
  };
  await render(h(waft.WaftProvider, { client }, h(Page)));
  await settled(act, () => React.startTransition(() => show(true)));
  assert.equal(container.textContent, client.peek('cta', '').value);
  assert.deepEqual(exposed, [OTHER.exposure]);
  // Another component's effect changes it, in the commit itself.
  const Turns = () => {
    React.useLayoutEffect(() => client.setContext(ONE.context), []);
    return null;
  };
  await settled(act, () => show(false));
  await render(h(waft.WaftProvider, { client }, h(Turns), h(Shows)));
  await settled(act);
  assert.equal(container.textContent, client.peek('cta', '').value);
  assert.deepEqual(exposed, [OTHER.exposure, ONE.exposure]);
});

each(test, 'a flag that changes in the commit which removes it: nothing', async (t, world) => {
  const { React, h, act, waft, container, render } = world;
  const { client, exposed } = await start(t);
  const Shows = shows(world);
  const Turns = ({ remove }) => {
    React.useLayoutEffect(() => {
      client.setContext(OTHER.context);
      remove();
    });
    return null;
  };
  const Page = () => {
    const [isShown, set] = React.useState(true);
    return isShown ? [h(Turns, { key: 1, remove: () => set(false) }), h(Shows, { key: 2 })] : 'gone';
  };
  await render(h(waft.WaftProvider, { client }, h(Page)));
  await settled(act);
  assert.deepEqual([container.textContent, Shows.renders > 0, exposed], ['gone', true, []]);
});

each(test, 'a client that comes after the commit exposes what it shows then', async (t, world) => {
  const { h, act, waft, render } = world;
  const { client, exposed } = await start(t);
  let arrive;
  // The default is what the client decides: nothing is rendered anew.
  const Shows = () => waft.useFlag('cta', client.peek('cta', '').value);
  await render(h(waft.WaftProvider, { client: new Promise((resolve) => (arrive = resolve)) }, h(Shows)));
  assert.deepEqual(exposed, []);
  await settled(act, () => arrive(client));
  assert.deepEqual(exposed, [ONE.exposure]);
});

each(test, 'an answer to the question of consent: what is shown is exposed', async (t, world) => {
  const { h, act, waft, render } = world;
  const { client, exposed } = await start(t, {
    exposures: recorder({ endpoint: 'http://127.0.0.1:9/refuses', robot: false, consent: 'denied' }),
  });
  await render(h(waft.WaftProvider, { client }, h(shows(world))));
  assert.deepEqual(exposed, []);
  await settled(act, () => client.exposures.setConsent('granted'));
  assert.deepEqual(exposed, [ONE.exposure]);
});

each(test, 'hidden by <Activity>: nothing, until it is shown', async (t, world) => {
  const { React, h, act, waft, render } = world;
  // React 18 and 19.0 have none.
  if (!React.Activity) return t.diagnostic('there is no <Activity>');
  const { client, exposed } = await start(t);
  const Shows = shows(world);
  const page = (mode) => h(waft.WaftProvider, { client }, h(React.Activity, { mode }, h(Shows)));
  await render(page('hidden'));
  await settled(act);
  assert.ok(Shows.renders > 0);
  assert.deepEqual(exposed, []);
  await render(page('visible'));
  assert.deepEqual(exposed, [ONE.exposure]);
  await render(page('hidden'));
  await settled(act, () => client.setContext(SAME.context));
  await settled(act, () => client.setContext(OTHER.context));
  assert.deepEqual(exposed, [ONE.exposure]);
  await render(page('visible'));
  assert.deepEqual(exposed, [ONE.exposure, OTHER.exposure]);
});

test('one version has <Activity>', async () => {
  const { VERSIONS } = await import('./react.mjs');
  assert.deepEqual(
    VERSIONS.map(({ React }) => !!React.Activity),
    [false, true],
  );
});
