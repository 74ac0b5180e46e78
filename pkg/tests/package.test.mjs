// What is published: the files of the tarball, both kinds of modules, and the engine once in a page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';
import { build } from 'esbuild';
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
import { pack } from '../tools/pack.mjs';
import { clock, ENGINE, server, snapshot, storage, TRUST, until } from './fixture.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const { exports: entries } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const PINNED = new URL('packed.txt', import.meta.url);

test('the tarball holds what tests/packed.txt lists, besides declarations; WAFT_WRITE=1 writes it anew', () => {
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const paths = files.map(({ path }) => path);
  const list = `${paths
    .filter((path) => !/\.d\.c?ts$/.test(path))
    .sort()
    .join('\n')}\n`;
  if (process.env.WAFT_WRITE) writeFileSync(PINNED, list);
  assert.equal(list, readFileSync(PINNED, 'utf8'));
  // What exports names is there.
  const named = JSON.stringify(entries).match(/(?<="\.\/)[^"]+\.[^"]+(?="[,}])/g);
  assert.deepEqual(
    named.filter((path) => !paths.includes(path)),
    [],
  );
});

test('each declaration imports what is there, in CommonJS what CommonJS has', () => {
  const missing = [];
  for (const path of readdirSync(`${root}dist`, { recursive: true }).filter((path) => /\.d\.c?ts$/.test(path))) {
    const text = readFileSync(`${root}dist/${path}`, 'utf8');
    for (const [, imported] of text.matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)) {
      if (!existsSync(join(`${root}dist`, dirname(path), imported.replace(/\.(c?)js$/, '.d.$1ts')))) missing.push(`${path}: ${imported}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('each entry that can be required is the same by both ways', async () => {
  for (const [entry, conditions] of Object.entries(entries)) {
    if (!conditions.require) continue;
    const name = entry.replace('.', 'waft');
    const [imported, required] = [await import(name), require(name)];
    assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort(), name);
  }
});

test('imported and required on one page: both decide, and an exposure has one id', async (t) => {
  clock();
  storage();
  const received = [];
  const url = await server(t, (body) => {
    for (const { scopeLogs } of JSON.parse(body).resourceLogs) received.push(...scopeLogs.flatMap(({ logRecords }) => logRecords));
    return [200];
  });
  const bytes = snapshot();
  const ways = [
    { createClient, recorder },
    { ...require('waft'), ...require('waft/exposures') },
  ];
  for (const { createClient, recorder } of ways) {
    const page = await createClient({
      snapshot: bytes,
      trust: TRUST,
      context: { visitorId: 'v1', country: 'DE' },
      exposures: recorder({ endpoint: `${url}/v1/logs` }),
    });
    t.after(page.close);
    assert.equal(page.getBooleanDetails('on-in-germany', false).reason, 'TARGETING_MATCH');
    assert.equal(page.getStringDetails('cta', '').reason, 'SPLIT');
    await page.flush();
  }
  await until(() => received.length);
  const ids = received.map(({ attributes }) => attributes.find(({ key }) => key === 'waft.exposure.id').value.stringValue);
  assert.equal(new Set(ids).size, 1);
});

test('the script file and its stub are printable ASCII, and what is beside them are their hashes', async () => {
  const hashes = JSON.parse(readFileSync(`${root}dist/waft.integrity.json`, 'utf8'));
  assert.deepEqual(Object.keys(hashes), ['waft.iife.js', 'waft.stub.js']);
  for (const [file, hash] of Object.entries(hashes)) {
    const text = readFileSync(`${root}dist/${file}`, 'utf8');
    assert.match(text, /^[\x20-\x7e\n]+$/, file);
    const [algorithm, digest] = hash.split(/-(.*)/);
    assert.equal(createHash(algorithm).update(text).digest('base64'), digest, file);
  }
  // Whoever copies it from the document has this version's.
  const document = readFileSync(`${root}../docs/script-tag.md`, 'utf8');
  assert.ok(document.includes(`>${readFileSync(`${root}dist/waft.stub.js`, 'utf8')}</script>`));
});

test('no entry imports on demand, or finds a file beside itself: what comes later is handed over by the page', () => {
  // These have their wasm as files: for the studio, a worker of its own, and a disk.
  const own = ['studio.js', 'workbench.js', 'rules.js', 'vite.js'];
  const files = readdirSync(`${root}dist`).filter((file) => /\.c?js$/.test(file));
  assert.ok(files.length > 30);
  for (const file of files) {
    const found = [];
    JSON.stringify(parse(readFileSync(`${root}dist/${file}`, 'utf8'), { ecmaVersion: 'latest', sourceType: 'module' }), (_, node) => {
      if (/^(?:ImportExpression|MetaProperty)$/.test(node?.type) && node.meta?.name !== 'new') found.push(node.type);
      return typeof node === 'bigint' ? '' : node;
    });
    assert.deepEqual(own.includes(file) ? [] : found, [], file);
  }
});

test('a page with all of the entries that pages have holds the engine once', async () => {
  const contents = ['waft', 'waft/exposures', 'waft/context', 'waft/react', 'waft/openfeature']
    .map((name, index) => `import * as entry${index} from '${name}'; globalThis.entry${index} = entry${index};`)
    .join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: 'esm',
    charset: 'utf8',
    external: ['react', '@openfeature/*'],
    write: false,
  });
  const part = String.fromCharCode(...pack(ENGINE).codes.slice(20_000, 20_100));
  const count = (text) =>
    text
      .replace(/\\x([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)))
      .replace(/\\[\\'"`$nr]|\\0/g, (written) => ({ n: '\n', r: '\r', 0: '\0' })[written[1]] ?? written[1])
      .split(part).length - 1;
  assert.equal(count(outputFiles[0].text), 1);
  for (const file of readdirSync(`${root}dist`)) {
    if (!/\.c?js$/.test(file)) continue;
    const expected = /^(index|waft\.iife)\./.test(file) ? 1 : 0;
    assert.equal(count(readFileSync(`${root}dist/${file}`, 'utf8')), expected, file);
  }
});
