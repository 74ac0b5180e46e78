// The snippets of docs/server.md, as they are written there: what the first sends, the second starts from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { hydrate } from '../dist/hydrate.js';
import { createClient } from '../dist/index.js';
import { contexts, decide, handOver, headTags, withContext } from '../dist/server.js';
import { clock, snapshot, storage, TRUST } from './fixture.mjs';

const SNIPPETS = [...readFileSync(new URL('../../docs/server.md', import.meta.url), 'utf8').matchAll(/^```js\n(.*?)^```/gms)].map(
  ([, text]) => text,
);
const SNAPSHOT = snapshot({ ruleset: (text) => text.replace('  fixed:', '  headline:').replace('"always"', '"Ahoy"') });

/** Runs a snippet, with what it imports or takes for granted, and returns some of its variables. */
const run = (snippet, given, returned) =>
  new (async () => {}).constructor(...Object.keys(given), `${snippet.replace(/^import .*\n/gm, '')}\nreturn { ${returned} };`)(
    ...Object.values(given),
  );

test('a server sends decisions, and a page starts from them', async (t) => {
  clock();
  storage();
  assert.equal(SNIPPETS.length, 4);
  const { head } = await run(SNIPPETS[0], { headTags }, ['head']);
  assert.match(head, /^<link .*\/snapshot.waft.*page.js">$/);
  const server = await run(SNIPPETS[1], { readFileSync: () => SNAPSHOT, createClient, decide, handOver, trust: TRUST }, ['client', 'page']);
  const { headers, body } = server.page('v1', 'DE');
  assert.deepEqual(headers, { 'content-type': 'text/html', 'Cache-Control': 'private, no-store' });
  const [, json] = /id="waft-decided">(.*?)<\/script>/.exec(body);
  globalThis.document = { title: '', getElementById: (id) => (id === 'waft-decided' ? { textContent: json } : null) };
  t.after(() => delete globalThis.document);
  const never = new Promise(() => {});
  const given = { createClient: () => never, recorder, hydrate, trust: TRUST, visitorId: 'v1', country: 'DE' };
  const { client } = await run(SNIPPETS[2], given, ['client']);
  assert.deepEqual([document.title, client.status().code], ['Ahoy', undefined]);
  server.client.close();
});

test('a server reads flags for many requests', async (t) => {
  clock();
  storage();
  const given = { readFileSync: () => SNAPSHOT, createClient, contexts, withContext, trust: TRUST };
  const { shared, respond } = await run(SNIPPETS[3], given, ['shared', 'respond']);
  t.after(shared.close);
  assert.deepEqual(await Promise.all(['DE', 'FR'].map((country) => respond('v1', country, async () => country))), ['Ahoy DE', 'Ahoy FR']);
});
