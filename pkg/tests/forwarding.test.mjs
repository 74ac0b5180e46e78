// The recipes of docs/exposures.md for other people's analytics, as they are written: theirs are stand-ins, the client is real.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { clock, settled, snapshot, storage, TRUST } from './fixture.mjs';

const [, section] = readFileSync(new URL('../../docs/exposures.md', import.meta.url), 'utf8').match(/^## Forwarding$(.*?)^## /ms);
const recipes = [...section.matchAll(/^(Google|Segment|PostHog)[^\n]*:\n\n```js\n(.*?)^```/gms)];

/** What each is called with, in place of the vendor's script. */
function vendors() {
  const calls = [];
  const method = (...args) => calls.push(args);
  return { calls, gtag: method, analytics: { track: method }, posthog: { capture: method } };
}

for (const [, name, code] of recipes) {
  test(`${name}: once a unit and variant, and with the names that it knows`, async (t) => {
    clock();
    storage();
    const exposures = recorder({ endpoint: 'http://127.0.0.1:9/v1/logs', robot: false });
    const client = await createClient({ snapshot: snapshot(), trust: TRUST, context: { visitorId: 'v1', country: 'DE' }, exposures });
    t.after(client.close);
    const { calls, ...given } = vendors();
    new Function('client', ...Object.keys(given), code)(client, ...Object.values(given));
    const read = () => client.getStringDetails('cta', '');
    const { variant } = read();
    read();
    await settled();
    client.setContext({ visitorId: 'v1', country: 'FR' });
    read();
    await settled();
    assert.equal(calls.length, 1);
    const told = JSON.stringify(calls);
    assert.ok(variant && told.includes(variant), told);
    assert.match(told, /cta/);
    client.setContext({ visitorId: 'v2' });
    read();
    await settled();
    assert.equal(calls.length, 2);
  });
}

test('there is a recipe for each', () => {
  assert.deepEqual(
    recipes.map(([, name]) => name),
    ['Google', 'Segment', 'PostHog'],
  );
});
