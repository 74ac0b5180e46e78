// Each code block of the package's documents runs as it is written, here or in the test that is named; of those that do not, the reason is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VERSIONS } from './react.mjs';
import { OpenFeatureProvider, OpenFeature as WebFeature } from '@openfeature/react-sdk';
import { OpenFeature as ServerFeature } from '@openfeature/server-sdk';
import { build } from 'vite';
import { recorder } from '../dist/exposures.js';
import { createClient } from '../dist/index.js';
import { WaftProvider } from '../dist/openfeature.js';
import { collector } from './collector.mjs';
import { blocksOf, run } from './documents.mjs';
import { clock, folder, PREVIEW_TRUST, server, settled, snapshot, storage, TRUST, token, waft } from './fixture.mjs';

const { React, renderToString, waft: inPage } = VERSIONS[1];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const RULESET = `
project: shop
environments: { production: {} }
units: { visitor: { attribute: visitorId } }
attributes: { visitorId: string, country: string, plan: string }
flags:
  headline: { type: string, variants: { plain: Ahoy, friendly: Hello }, whenOff: plain, rules: [{ id: t, experiment: headline }], default: plain }
  cta-copy: { type: string, variants: { only: Get it }, whenOff: only, default: only }
  free-shipping: { type: boolean, whenOff: off, rules: [{ id: de, if: { country: { is: DE } }, serve: on }], default: off }
  bold-cta: { type: boolean, whenOff: off, rules: [{ id: t, experiment: bold }], default: off }
  checkout: { type: number, variants: { classic: 1, one-page: 2 }, whenOff: classic, default: classic }
experiments:
  headline: { unit: visitor, phases: [{ id: 1, from: 2026-01-10T00:00Z, split: { friendly: 100% } }] }
  bold: { unit: visitor, phases: [{ id: 1, from: 2026-01-10T00:00Z, split: { on: 100% } }] }
`;
const SNAPSHOT = snapshot({ ruleset: () => RULESET });
const NEXT = snapshot({ version: 2, ruleset: () => RULESET.replace('plain: Ahoy, friendly: Hello', 'plain: Ahoy, friendly: Hello again') });
const PREVIEWED = token(SNAPSHOT, { headline: 'plain' });
const context = { visitorId: 'v1', country: 'DE' };
const trust = TRUST;

/** A page, whose paths are its origin's. What is asked for by `fetch`, and what is recorded there. */
async function page(t, path = '') {
  clock();
  storage();
  const it = await collector(t);
  const origin = await server(t, (_, { url }) => (url.startsWith('/snapshot.waft') ? [200, Buffer.from(SNAPSHOT)] : [404]));
  const { fetch } = globalThis;
  const { location, happyDOM } = window;
  happyDOM.setURL(`${origin}/${path}`);
  const hostname = 'localhost';
  globalThis.location = { href: location.href, hostname };
  t.mock.method(globalThis, 'fetch', (input, init) => {
    const { pathname, href } = new URL(input, location.href);
    return fetch(pathname === '/v1/logs' ? it.url : href, init);
  });
  t.after(() => delete globalThis.location);
  // Another visitor: nothing is kept of the block before.
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is younger.
  document.cookie = 'waft-visitor=; Path=/; Max-Age=-1';
  delete globalThis[Symbol.for('waft.visitors')];
  document.body.innerHTML = '<h1></h1>';
  return it;
}

/** Runs a block that makes a client with rules, which is closed with the test. */
async function client(t, block, given) {
  const made = await run(block, { trust, context, ...given, returned: ['client', ...(given?.returned ?? [])] });
  t.after(() => made.client.close());
  assert.deepEqual([made.client.status().code, made.client.snapshot.version], [undefined, 1]);
  return made;
}

/** A component below the boundary of docs/server.md. */
function Shipping() {
  return React.createElement('p', null, String(inPage.useFlag('free-shipping', false)));
}

/** What runs each block of a document: by how its first line starts. A text says which test does, or why none can. */
const BLOCKS = {
  'README.md': {
    'flags:': "crates/ruleset/tests/documents.rs compiles the project's own page",
    "import { createClient } from 'waft';": async (t, block) => {
      await client(t, block, { files: { './trust.json': { default: trust } } });
      assert.equal(document.title, 'Hello');
    },
    'make demo': 'builds and tests everything',
    'cargo build': 'builds the program, serves and reports; the other lines are those of pkg/README.md, which are run',
    '{': (_, { code }) => assert.deepEqual(Object.keys(JSON.parse(code)), ['project', 'environment', 'keys', 'require']),
  },
  'docs/client.md': {
    '// Kept rules at once, or new ones within 0.8 s': async (t, block) => {
      const drawn = [];
      const { client: own } = await client(t, block, { redraw: (keys) => drawn.push(keys) });
      await own.load(NEXT);
      assert.deepEqual(drawn, [['headline']]);
    },
    "import { createClientSync } from 'waft';": async (t, block) => {
      document.body.innerHTML = `<script type="application/octet-stream" id="rules">${Buffer.from(SNAPSHOT).toString('base64')}</script>`;
      const { client: own } = await client(t, block);
      assert.equal(own.getStringValue('headline', ''), 'Hello');
    },
    "import 'waft';": (_, { code }) =>
      compile({
        'waft.d.ts': code,
        'page.ts': `
          import type { Client, FlagKey, FlagVariant } from 'waft';
          declare const client: Client;
          export const value: 'Welcome' | 'Hello' = client.getStringValue('headline', 'Welcome');
          export const variant: FlagVariant<'headline'> = 'friendly';
          export const key = 'free-shipping' as FlagKey<boolean>;
          // @ts-expect-error a misspelt key
          client.getBooleanValue('free-shiping', false);
          client.setContext({ visitorId: 'v1', country: 'DE' });`,
      }),
    "import { createClient } from 'waft';": async (t, block) => {
      const { client: own } = await client(t, block);
      const told = [];
      own.on('contextChanged', (it) => told.push(it));
      assert.equal(own.getStringValue('headline', ''), 'Hello', 'there is a visitor');
    },
    "import { cookie, urlAttributes } from 'waft/context';": async (t, block) => {
      const banner = {};
      const given = { banner, readAnswer: () => 'pending' };
      const { client: own } = await client(t, block, { ...given, context: undefined });
      own.getStringValue('headline', '');
      assert.ok(!document.cookie.includes('waft-visitor'));
      banner.onaccept();
      assert.ok(document.cookie.includes('waft-visitor'));
    },
    '// Of a page whose policy refuses WebAssembly.': async (t, block) => {
      const { compile, instantiate } = WebAssembly;
      const refuse = () => Promise.reject(new WebAssembly.CompileError('refused'));
      Object.assign(WebAssembly, { compile: refuse, instantiate: refuse });
      t.after(() => Object.assign(WebAssembly, { compile, instantiate }));
      const { client: own } = await client(t, block);
      assert.equal(own.getStringValue('headline', ''), 'Hello');
    },
    "import { preview } from 'waft/preview';": async (t, block) => {
      await page(t, `?preview=${PREVIEWED}`);
      const { client: own } = await client(t, block, { trust: PREVIEW_TRUST });
      assert.equal(typeof own.status().preview, 'number');
      assert.equal(own.getStringValue('headline', ''), 'Ahoy');
    },
    "import { overrides } from 'waft/preview';": async (t, block) => {
      const shown = {
        ...block,
        code: block.code.replace(/^fixed\.(?:set|variants)|^client\.status\(\)\.overrides/gm, 'seen[seen.length] = $&'),
      };
      const seen = [];
      await client(t, shown, { seen });
      const told = [...block.code.matchAll(/^(?:fixed\.variants|client\.status).*?; \/\/ (.*)$/gm)].map(([, text]) =>
        new Function(`return ${text}`)(),
      );
      assert.deepEqual(seen, [true, ...told]);
    },
    "import { poll } from 'waft/updates';": async (t, block) => {
      const { client: own } = await client(t, block, { redraw() {} });
      assert.equal(own.getStringValue('headline', ''), 'Hello');
    },
    "import { head } from 'waft/head';": async (t, block) => {
      const { client: own } = await client(t, block);
      assert.equal(own.getStringValue('headline', ''), 'Hello');
    },
    "import { debug } from 'waft/debug';": async (t, block) => {
      const lines = [];
      for (const level of ['log', 'debug', 'info']) t.mock.method(console, level, (...of) => lines.push(of.join(' ')));
      const { client: own } = await client(t, block);
      own.getStringValue('headline', '');
      assert.match(lines.join(), /headline/);
    },
  },
  'pkg/README.md': {
    'npm init --yes': 'tests/e2e/readme.test.mjs',
    "const { readFileSync, writeFileSync } = require('node:fs');": 'tests/e2e/readme.test.mjs',
    "import { createClient } from 'waft';": 'tests/e2e/readme.test.mjs',
    '<!doctype html>': 'tests/e2e/readme.test.mjs',
    'node trust.cjs': 'tests/e2e/readme.test.mjs',
    'npx waft init my-rules': (_, { code }) => {
      const cwd = mkdtempSync(join(folder, 'npx-'));
      for (const [, line] of code.matchAll(/^npx waft (.*?) *(?:#.*)?$/gm))
        execFileSync(process.execPath, [here('../bin/waft.mjs'), ...line.split(' ')], { cwd, stdio: 'pipe' });
    },
  },
  'docs/exposures.md': {
    "import { createClient } from 'waft';": async (t, block) => {
      const it = await page(t);
      const banner = {};
      const { client: own } = await client(t, block, { banner });
      own.getStringValue('headline', '');
      await own.flush();
      assert.equal(it.records.length, 0);
      banner.onaccept();
      await own.flush();
      assert.equal(it.records.length, 1);
      banner.onrefuse();
      assert.equal(own.exposures.status().waiting, 0);
    },
    'waft serve --dir public': 'a server and a database of its own: crates/cli/tests/serve',
    "client.on('exposure', ({ experiment, phase, variant }) => {": 'pkg/tests/forwarding.test.mjs',
    "client.on('exposure', ({ id, experiment, phase, variant }) => {": 'pkg/tests/forwarding.test.mjs',
    "client.on('exposure', ({ flagKey, variant }) => {": 'pkg/tests/forwarding.test.mjs',
    'const told = new Set();': async (t, block) => {
      const it = await page(t);
      const exposures = recorder({ endpoint: '/v1/logs', robot: false });
      const own = await createClient({ snapshot: SNAPSHOT, trust, context, exposures });
      t.after(() => own.close());
      await run(block, { client: own });
      for (const bytes of [[1], [1], [2]]) await own.load(new Uint8Array(bytes));
      await own.flush();
      const told = it.records.map((record) => [record['waft.event.name'], JSON.parse(record['waft.event.properties'])]);
      assert.deepEqual(told, [['waft.refused', { code: own.status().code }]]);
    },
    '{"total": 2': (_, { code }) => JSON.parse(code),
    'createdb shop': 'a PostgreSQL of its own: crates/cli/tests/serve',
    'rotel-agent start': "somebody else's program: tests/oracles/test_collector.py",
  },
  'docs/openfeature.md': {
    'npm install waft': 'installs from a registry',
    "import { OpenFeature } from '@openfeature/web-sdk';": async (t, block) => {
      await run(block, { trust });
      t.after(() => WebFeature.clearProviders());
      assert.equal(document.title, 'Hello');
    },
    "import { exposeHook } from 'waft/openfeature';": async (t, block) => {
      const exposed = [];
      const provider = new WaftProvider(async ({ context }) => {
        const own = await createClient({ snapshot: SNAPSHOT, trust, context, exposures: recorder({ endpoint: '/v1/logs', robot: false }) });
        own.on('exposure', ({ flagKey }) => exposed.push(flagKey));
        return own;
      });
      await WebFeature.setProviderAndWait(provider, { targetingKey: 'v1' });
      t.after(() => (WebFeature.clearHooks(), WebFeature.clearProviders()));
      const { bold } = await run(block, { OpenFeature: WebFeature, provider, returned: ['bold'] });
      await settled();
      assert.deepEqual([bold, exposed], [true, ['bold-cta']]);
    },
    "import { useStringFlagValue } from '@openfeature/react-sdk';": async (t, block) => {
      await WebFeature.setProviderAndWait(new WaftProvider(({ context }) => createClient({ snapshot: SNAPSHOT, trust, context })), {
        targetingKey: 'v1',
      });
      t.after(() => WebFeature.clearProviders());
      const { Headline } = await run(block, { React, returned: ['Headline'] });
      const shown = React.createElement(OpenFeatureProvider, null, React.createElement(Headline));
      assert.equal(renderToString(shown), '<h1>Hello</h1>');
    },
    'flags:': (_, { code }) => {
      const file = join(folder, 'metadata.yaml');
      writeFileSync(file, `project: shop\nenvironments: { production: {} }\n${code}`);
      waft('lint', file);
    },
    "import { OpenFeature } from '@openfeature/server-sdk';": async (t, block) => {
      t.after(() => ServerFeature.clearProviders());
      const { value, exposed } = await run(block, { snapshot: SNAPSHOT, trust, returned: ['value', 'exposed'] });
      assert.deepEqual([value, exposed.map(({ experiment }) => experiment)], ['Hello', ['headline']]);
    },
  },
  'docs/devtools.md': {
    "import { createClient } from 'waft';": async (t, block) => {
      await client(t, block);
      assert.equal(globalThis[Symbol.for('waft.devtools')].clients.length, 1, 'tests/e2e/devtools.test.mjs opens the panel');
    },
    "const devtools = import.meta.env.DEV && (await import('waft/devtools')).devtools();": async (t, block) => {
      await client(t, block, { createClient, env: { DEV: true } });
      await client(t, block, { createClient, env: { DEV: false } });
    },
  },
  'docs/vite.md': {
    '// vite.config.js': (_, { code }) => writeFileSync(join(project(), 'vite.config.js'), code),
    "import { createClient } from 'waft';": async (_, { code }) => {
      const root = project();
      writeFileSync(join(root, 'main.js'), `${code}document.title = client.getStringValue('headline', 'Welcome');`);
      writeFileSync(join(root, 'index.html'), '<!doctype html><title></title><script type="module" src="/main.js"></script>');
      await build({ root, logLevel: 'silent', build: { minify: false, target: 'es2022' } });
      assert.match(readFileSync(join(root, 'dist/index.html'), 'utf8'), /assets\//);
    },
  },
  'docs/script-tag.md': {
    'cp node_modules/waft/dist/waft.iife.js public/': 'its lines are those of pkg/README.md, and a copy',
    '<script type="application/json" id="trust">': 'tests/e2e/script.test.mjs',
    '<script>': 'tests/e2e/script.test.mjs',
    '<script data-antiflicker="h1, .price">': 'tests/e2e/script.test.mjs',
    'node -p': (_, { code }) => {
      const [, expression] = /^node -p "(.*)"$/m.exec(code);
      assert.match(execFileSync(process.execPath, ['-p', expression], { cwd: here('.'), encoding: 'utf8' }), /^sha384-/);
    },
    '<script async src="/waft.iife.js" integrity=': 'its values are to be filled in: tests/e2e/script.test.mjs has such a page',
    "default-src 'none'": 'a header, whose nonce is to be filled in',
    '<script src="/waft.iife.js"></script>': 'tests/e2e/script.test.mjs',
  },
  'docs/testing.md': 'pkg/tests/snippets.test.mjs',
  'docs/react.md': 'pkg/tests/reactdocs.test.mjs',
  'docs/server.md': {
    '// In the head of any page.': 'pkg/tests/serverdocs.test.mjs',
    '// On the server: one client for all requests, whose bytes are read once.': 'pkg/tests/serverdocs.test.mjs',
    '// In the page, with a context of the same visitor.': 'pkg/tests/serverdocs.test.mjs',
    "import { readFileSync } from 'node:fs';": 'pkg/tests/serverdocs.test.mjs',
    '// app/page.jsx: rendered for each visitor.': async (t, block) => {
      const { decide, handOver } = await import('../dist/server.js');
      const { hydrate } = await import('../dist/hydrate.js');
      const own = await createClient({ snapshot: SNAPSHOT, trust, exposures: handOver() });
      t.after(own.close);
      const boundary = blocksOf('docs/server.md').find(({ name }) => name.startsWith('// Flags.jsx'));
      const given = {
        React,
        useState: React.useState,
        hydrate,
        createClient,
        trust,
        exposures: undefined,
        WaftProvider: inPage.WaftProvider,
      };
      const { Flags } = await run(boundary, { ...given, returned: ['Flags'] });
      const element = await run(block, { React, decide, client: own, context, Flags, Shipping });
      assert.equal(renderToString(element), '<h1>Hello</h1><p>true</p>');
    },
    '// Flags.jsx: in the page, and rendered on the server, where it makes no client.': 'with the one before it',
  },
};

let made;
/** A project of Vite, with a ruleset, a released snapshot and its trust: one for both blocks. */
function project() {
  if (made) return made;
  const target = here('../../target');
  mkdirSync(target, { recursive: true });
  made = mkdtempSync(join(target, 'documents-'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  for (const name of ['ruleset', 'public', 'node_modules']) mkdirSync(join(made, name));
  symlinkSync(here('..'), join(made, 'node_modules/waft'));
  writeFileSync(join(made, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(made, 'ruleset/waft.yaml'), RULESET);
  writeFileSync(join(made, 'trust.json'), JSON.stringify(trust));
  const [issued, expires] = [0, 86_400_000].map((after) => new Date(REAL_NOW() + after).toISOString());
  writeFileSync(join(made, 'public/snapshot.waft'), snapshot({ issued, expires, ruleset: () => RULESET }));
  return made;
}
const REAL_NOW = Date.now.bind(Date);

/** Compiles files beside each other, strictly, with the package's own types. */
function compile(files) {
  const root = project();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const options = '--ignoreConfig --noEmit --strict --target es2022 --module nodenext --types'.split(' ');
  execFileSync(here('../../node_modules/.bin/tsc'), [...options, '', ...Object.keys(files)], { cwd: root, stdio: 'pipe' });
}

/** The longest that its name starts with. */
const keyOf = (known, { name }) =>
  Object.keys(known)
    .filter((key) => name.startsWith(key))
    .sort((a, b) => b.length - a.length)[0];

for (const [path, known] of Object.entries(BLOCKS)) {
  const blocks = blocksOf(path);
  test(`${path}: what each of its ${blocks.length} blocks is run by is known`, () => {
    assert.ok(blocks.length > 1);
    if (typeof known === 'string') assert.ok(readFileSync(here(`../../${known}`), 'utf8').includes(path), known);
    else assert.deepEqual(new Set(blocks.map((block) => keyOf(known, block))), new Set(Object.keys(known)));
  });
  for (const block of typeof known === 'string' ? [] : blocks) {
    const how = known[keyOf(known, block)];
    if (typeof how === 'function') {
      test(`${path}: ${block.name}`, { timeout: 60_000 }, async (t) => {
        await page(t);
        await how(t, block);
      });
    } else if (/^\S+\.mjs$/.test(how ?? '')) {
      test(`${path}: ${block.name} is run by ${how}`, () => assert.ok(readFileSync(here(`../../${how}`), 'utf8').includes(path)));
    }
  }
}
