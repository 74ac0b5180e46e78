// An origin of its own for a test: a page, a worker and a service worker with a client, and every byte of a request that arrives.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { waft } from './site.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm', json: 'application/json' };

/** A part of what is sent without an end. */
const ENDLESS = Buffer.alloc(1 << 16, 0xc4);

/** One experiment that takes everybody in. */
export const EVERYBODY = {
  project: 'shop',
  environments: { production: {} },
  attributes: { visitorId: 'string' },
  units: { visitor: { attribute: 'visitorId' } },
  experiments: { test: { unit: 'visitor', phases: [{ id: 1, from: '2026-01-01T00:00Z', split: { on: '50%', off: '50%' } }] } },
  flags: { test: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'draw', experiment: 'test' }] } },
};

/**
 * The files of an origin, by path, with rules of their own: `/snapshot.waft`, and of each of `later` a version more, `/snapshot-2.waft` and so on.
 * With flags and variants that are `shown`, a preview token for them, and a trust that takes it.
 */
export async function prepare(ruleset, { later = [], shown } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'waft-origin-'));
  try {
    const at = (name) => join(home, name);
    const [pem, previewer] = ['key.pem', 'previewer.pem'].map(at);
    const [{ kid, publicKey }, other] = [pem, previewer].map((file) => JSON.parse(waft('keygen', '--out', file)));
    const { project } = ruleset;
    const trust = {
      project,
      environment: 'production',
      keys: { [kid]: publicKey, ...(shown && { [other.kid]: other.publicKey }) },
      require: [{ role: 'publisher', keys: [kid], atLeast: 1 }, ...(shown ? [{ role: 'preview', keys: [other.kid] }] : [])],
    };
    writeFileSync(at('trust.json'), JSON.stringify(trust));
    const snapshots = [ruleset, ...later].map((rules, index) => {
      const [source, snapshot] = ['ruleset.json', `snapshot${index ? `-${index + 1}` : ''}.waft`];
      writeFileSync(at(source), JSON.stringify(rules));
      waft('build', at(source), '--environment', 'production', '--version', String(index + 1), '--out', at(snapshot));
      waft('sign', at(snapshot), '--key', pem, '--role', 'publisher');
      return [`/${snapshot}`, readFileSync(at(snapshot))];
    });
    const pairs = Object.entries(shown ?? {}).map(([flag, variant]) => `${flag}=${variant}`);
    const token = shown && waft('token', at('snapshot.waft'), ...pairs, '--trust', at('trust.json'), '--key', previewer).trim();
    const options = { entryPoints: [here('part.mjs')], bundle: true, target: 'es2022', logLevel: 'error', write: false, outdir: home };
    const parts = await build({ ...options, format: 'esm', splitting: true });
    // A service worker may not import(): all of it is one file.
    const whole = await build({ ...options, format: 'iife', logOverride: { 'empty-import-meta': 'silent' } });
    const page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/part.js"></script>';
    return {
      '/': page,
      '/empty.html': '<!doctype html><link rel="icon" href="data:,">',
      ...Object.fromEntries(parts.outputFiles.map(({ path, contents }) => [`/${basename(path)}`, contents])),
      '/service.js': whole.outputFiles[0].contents,
      '/engine.wasm': readFileSync(here('../../pkg/engine/engine.wasm')),
      '/trust.json': JSON.stringify(trust),
      ...Object.fromEntries(snapshots),
      ...(token && { '/token': token }),
    };
  } finally {
    rmSync(home, { recursive: true });
  }
}

/**
 * Starts one, which is closed with the test. `answer` says what becomes of a POST: a status, or nothing for no answer at all, or a function
 * that answers; it may be changed at any time. `files` are what it has, by path. `held` says of a path
 * whether it is `absent`, `cut` off, is `never` answered, has `heads` alone, comes in a `trickle`, is `slow` (a byte of it a second) or `endless`: at
 * least `most` bytes, and then neither more nor an end. `headers` are the page's. `cut` is what ended of those: after how many bytes, and
 * milliseconds. `requests` are all that came, as they came; `records` what was said yes to.
 */
export async function startOrigin(t, ruleset = EVERYBODY, more = {}) {
  const files = await prepare(ruleset, more);
  const origin = { answer: 200, files, requests: [], records: [], cut: [], most: 0, held: () => undefined, headers: {} };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, rawHeaders } = request;
    const body = Buffer.concat(chunks).toString('latin1');
    origin.requests.push({ method, url, headers: rawHeaders, body });
    // For frames of no origin.
    const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' };
    if (method === 'OPTIONS') return response.writeHead(204, cors).end();
    if (method === 'POST') {
      if (!origin.answer) return;
      if (typeof origin.answer === 'function') return origin.answer(response);
      if (origin.answer === 200) origin.records.push(...recordsOf(Buffer.from(body, 'latin1').toString()));
      return response.writeHead(origin.answer, { ...cors, 'content-type': 'application/json' }).end('{}');
    }
    const held = origin.held(url);
    const file = files[url];
    if (held) return withhold(response, held, url, file, origin);
    response.writeHead(file ? 200 : 404, {
      ...cors,
      ...(url === '/' && origin.headers),
      'content-type': TYPES[url === '/' ? 'html' : url.split('.').at(-1)] ?? 'application/octet-stream',
    });
    response.end(file);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin.url = `http://127.0.0.1:${server.address().port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return origin;
}

/** Sends what `held` says, or nothing. */
function withhold(response, held, url, file, origin) {
  if (held === 'absent') return response.writeHead(404).end();
  if (held === 'never') return;
  if (held === 'cut') return response.destroy();
  const type = TYPES[url.split('.').at(-1)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, ...(held !== 'endless' && { 'content-length': 100_000 }) }).flushHeaders();
  const since = performance.now();
  let sent = 0;
  const write = (bytes) => {
    sent += bytes.length;
    return response.write(bytes);
  };
  const more = { trickle: () => write(' '), slow: () => write(file.subarray(sent, sent + 1)) }[held];
  const timer = more && setInterval(more, held === 'slow' ? 1_000 : 20);
  const pour = () => {
    while (!response.destroyed && sent < origin.most && write(ENDLESS));
  };
  if (held === 'endless') pour(response.on('drain', pour));
  response.on('close', () => {
    clearInterval(timer);
    origin.cut.push({ url, sent, after: performance.now() - since });
  });
}

/** The log records of a body, each with its attributes by key. */
export function recordsOf(body) {
  return JSON.parse(body).resourceLogs[0].scopeLogs[0].logRecords.map(({ attributes, ...record }) => ({
    ...record,
    ...Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
  }));
}

/** Waits until a condition holds. */
export async function until(condition, seconds = 30) {
  for (const end = Date.now() + 1_000 * seconds; !(await condition()); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new Error(`never: ${condition}`);
  }
}
