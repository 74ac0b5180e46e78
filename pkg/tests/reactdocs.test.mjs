// The snippets of docs/react.md, as they are written there, in React 19.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { settled, VERSIONS } from './react.mjs';
import * as exposures from '../dist/exposures.js';
import * as core from '../dist/index.js';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';

const { React, createRoot, hydrateRoot, renderToString, waft, server } = VERSIONS[1];
const SNIPPETS = [...readFileSync(new URL('../../docs/react.md', import.meta.url), 'utf8').matchAll(/^```jsx\n(.*?)^```/gms)].map(
  ([, text]) => text,
);
const RULESET = `
project: shop
environments: { production: {} }
units: { visitor: { attribute: visitorId } }
attributes: { visitorId: string, country: string }
flags:
  cta-copy: { type: string, variants: { only: Get it }, whenOff: only, default: only }
  free-shipping: { type: boolean, whenOff: off, rules: [{ id: de, if: { country: { is: DE } }, serve: on }], default: off }
  checkout: { type: string, variants: { steps: S, one-page: O }, whenOff: steps, rules: [{ id: t, experiment: checkout }], default: steps }
experiments:
  checkout: { unit: visitor, phases: [{ id: 1, from: 2026-01-10T00:00Z, split: { one-page: 100% } }] }
`;
const SNAPSHOT = snapshot({ ruleset: () => RULESET });
const options = { snapshot: SNAPSHOT, trust: TRUST, context: { visitorId: 'v1', country: 'DE' } };

/** Runs a snippet, with what it imports or takes for granted, and returns some of its variables. */
async function run(snippet, given, returned = []) {
  const { code } = await transform(snippet.replace(/^import .*\n/gm, ''), { loader: 'jsx' });
  const names = Object.keys(given);
  return new Function('React', ...names, `${code}\nreturn { ${returned} };`)(React, ...Object.values(given));
}

/** A client whose requests are answered. */
const createClient = ({ exposures, ...asked }) => {
  assert.equal(asked.snapshot, '/snapshot.waft');
  assert.ok(exposures);
  return core.createClient({ ...asked, snapshot: SNAPSHOT });
};

test.beforeEach(() => {
  clock();
  storage();
});

test('there are three', () => assert.equal(SNIPPETS.length, 3));

test('the first page', async () => {
  document.body.innerHTML = '<div id="root"></div>';
  const given = { createRoot, createClient, trust: TRUST, ...exposures, ...waft };
  const { client } = await React.act(() => run(SNIPPETS[0], given, ['client']));
  await settled(React.act, () => client);
  assert.equal(document.body.textContent, 'Free shippingGet it');
  assert.equal(document.querySelector('button').getAttribute('formaction'), '/checkout');
  (await client).close();
});

test('rendered on a server', async () => {
  const client = await core.createClient(options);
  const App = ({ useFlag }) => React.createElement('p', null, useFlag('cta-copy', 'Buy'));
  const { html, json } = await run(SNIPPETS[1], { renderToString, client, WaftProvider: server.WaftProvider, App: () => App(server) }, [
    'html',
    'json',
  ]);
  assert.equal(html, '<p>Get it</p>');
  document.body.innerHTML = `<script type="application/json" id="flags">${json}</script><div id="root">${html}</div>`;
  const given = { hydrateRoot, root: document.querySelector('#root'), createClient: core.createClient, options };
  await React.act(() => run(SNIPPETS[2], { ...given, WaftProvider: waft.WaftProvider, App: () => App(waft) }));
  assert.equal(given.root.innerHTML, html);
  client.close();
});
