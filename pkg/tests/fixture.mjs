// Real keys, real snapshots and a real engine for the tests: all made by the `waft` binary and `npm run build`.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = ['release', 'debug']
  .map((profile) => here(`../../target/${profile}/waft`))
  .filter((path) => statSync(path, { throwIfNoEntry: false }))
  .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
if (!binary) throw new Error('no waft binary: run `cargo build --bin waft`');

/** What clients leave to a timer, such as keeping what they adopted, is done: before another storage, and before each test. */
export const settled = () => later(5);
beforeEach(settled);

/** Where snapshots and their list files are made. */
export const folder = mkdtempSync(join(tmpdir(), 'waft-pkg-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The moment at which the tests take place: in the first phase of both experiments. */
export const NOW = Date.parse('2026-02-01T00:00:00Z');
export const ENGINE = readFileSync(here('../engine/engine.wasm'));

export const waft = (...args) => execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A new key: its file, its id and its public half. */
export function key() {
  const file = join(folder, `${Math.random()}.pem`);
  return { file, ...JSON.parse(waft('keygen', '--out', file)) };
}

export const PUBLISHER = key();

export const TRUST = {
  project: 'shop',
  environment: 'production',
  keys: { [PUBLISHER.kid]: PUBLISHER.publicKey },
  require: [{ role: 'publisher', keys: [PUBLISHER.kid], atLeast: 1 }],
};

/** A snapshot's bytes. `ruleset` changes the text of ruleset.yaml; `sign` lists who signs as what. */
export function snapshot({
  version = 1,
  environment = 'production',
  issued = '2026-01-20T00:00:00Z',
  notBefore,
  expires = '2026-12-31T00:00:00Z',
  ruleset = (text) => text,
  sign = [[PUBLISHER, 'publisher']],
} = {}) {
  const source = join(folder, `${Math.random()}.yaml`);
  const out = `${source}.waft`;
  writeFileSync(source, ruleset(readFileSync(here('ruleset.yaml'), 'utf8')));
  const times = ['--issued', issued, '--expires', expires, ...(notBefore ? ['--not-before', notBefore] : [])];
  waft('build', source, '--environment', environment, '--version', String(version), ...times, '--out', out);
  for (const [by, role] of sign) waft('sign', out, '--key', by.file, '--role', role);
  return new Uint8Array(readFileSync(out));
}

/** The trust of pages that may be shown previews, and whose key signs them. */
export const PREVIEWER = key();
export const PREVIEW_TRUST = {
  ...TRUST,
  keys: { ...TRUST.keys, [PREVIEWER.kid]: PREVIEWER.publicKey },
  require: [...TRUST.require, { role: 'preview', keys: [PREVIEWER.kid] }],
};

/** A preview token: `shown` is flags and variants. */
export function token(bytes, shown, { trust = PREVIEW_TRUST, expires = '2026-03-01T00:00:00Z', now = NOW } = {}) {
  const [file, trustFile] = [join(folder, `${Math.random()}.waft`), join(folder, `${Math.random()}.json`)];
  writeFileSync(file, bytes);
  writeFileSync(trustFile, JSON.stringify(trust));
  const pairs = Object.entries(shown).map(([flag, variant]) => `${flag}=${variant}`);
  const times = ['--expires', expires, '--now', new Date(now).toISOString()];
  return waft('token', file, ...pairs, '--trust', trustFile, '--key', PREVIEWER.file, ...times).trim();
}

/** What the binary decides for a context: the engine, natively. */
export function evaluate(bytes, context, now = NOW) {
  const [file, trust] = [join(folder, 'eval.waft'), join(folder, 'trust.json')];
  writeFileSync(file, bytes);
  writeFileSync(trust, JSON.stringify(TRUST));
  const at = new Date(now).toISOString();
  return JSON.parse(waft('eval', file, '--trust', trust, '--context', JSON.stringify(context), '--now', at));
}

/** Stops the clock at a moment; answers how to move it. */
export function clock(now = NOW) {
  Date.now = () => now;
  return (next) => {
    now = next;
  };
}

/** Makes the deadline of requests so short, in milliseconds. */
export function hurry(test, deadline) {
  const { setTimeout } = globalThis;
  test.mock.method(globalThis, 'setTimeout', (work, delay, ...of) => setTimeout(work, delay === 10_000 ? deadline : delay, ...of));
}

/** A localStorage. `refuse` makes all of it throw. */
export class Storage {
  refuse = false;
  #map = new Map();
  #check(value) {
    if (this.refuse) throw new DOMException('refused', 'QuotaExceededError');
    return value;
  }
  get length() {
    return this.#check(this.#map.size);
  }
  key(index) {
    return this.#check([...this.#map.keys()][index] ?? null);
  }
  getItem(key) {
    return this.#check(this.#map.get(key) ?? null);
  }
  setItem(key, value) {
    this.#check();
    this.#map.set(key, String(value));
  }
  removeItem(key) {
    this.#check();
    this.#map.delete(key);
  }
  keys(start) {
    return [...this.#map.keys()].filter((key) => key.startsWith(start));
  }
}

/** Gives the page a new localStorage. */
export function storage() {
  const fresh = new Storage();
  Object.defineProperty(globalThis, 'localStorage', { value: fresh, configurable: true });
  return fresh;
}

/** A server for one test. `answer(body, request, response)` may answer itself, or return a status and a body. */
export async function server(test, answer) {
  const listening = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const [status, body = '{}', headers = {}] = (await answer(Buffer.concat(chunks), request, response)) ?? [];
    if (status) response.writeHead(status, headers).end(body);
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  test.after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return `http://127.0.0.1:${listening.address().port}`;
}

/** Waits until a condition holds. */
export async function until(condition, what = String(condition)) {
  const deadline = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
