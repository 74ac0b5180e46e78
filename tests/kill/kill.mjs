// How long a kill takes, from the start of `waft publish --kill` until everybody who streams has it: `waft serve`; a page in Chromium, until its
// flag is off; and real connections that listen, each of which asks for the head once it is told, as stream() of waft/updates does.
// `make kill` runs it. The program is target/release/waft, or WAFT_PROGRAM; CONNECTIONS ("1 1000") and ROUNDS (5) as wanted.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openPage } from './page.mjs';

const PROGRAM = process.env.WAFT_PROGRAM ?? fileURLToPath(new URL('../../target/release/waft', import.meta.url));
const CONNECTIONS = (process.env.CONNECTIONS ?? '1 1000').split(' ').map(Number);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** Milliseconds that a kill may take at most, on one machine: to one page, and to a thousand. */
const BUDGET = (connections) => (connections === 1 ? 1_000 : 3_000);
/** Pages in Chromium: the milliseconds that they may take, and how they follow the head. */
const BROWSERS = [
  ['a page in Chromium that streams', BUDGET(1), `stream({ url: '/api/changes/head.waft' })`],
  ['a page in Chromium that polls every 2 s', 2_000 + 10_000, 'poll({ every: 2_000 })'],
];
const RULES = `project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on }
`;

const folder = mkdtempSync(`${tmpdir()}/waft-kill-`);

/** Runs waft to its end, and returns what it printed. */
function waft(...parameters) {
  const { status, stdout, stderr, error } = spawnSync(PROGRAM, parameters, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`waft ${parameters.join(' ')}: ${error ?? stderr}`);
  return stdout;
}

function prepare() {
  writeFileSync(`${folder}/rules.yaml`, RULES);
  mkdirSync(`${folder}/site`);
  const [keys, require] = [{}, []];
  for (const role of ['publisher', 'freshness', 'kill']) {
    const { kid, publicKey } = JSON.parse(waft('keygen', '--out', `${role}.pem`));
    keys[kid] = publicKey;
    require.push({ role, keys: [kid] });
  }
  writeFileSync(`${folder}/trust.json`, JSON.stringify({ project: 'shop', environment: 'production', keys, require }));
  waft('build', 'rules.yaml', '--environment', 'production', '--version', '1', '--out', 'snapshot.waft');
  waft('sign', 'snapshot.waft', '--key', 'publisher.pem', '--role', 'publisher');
  waft('publish', 'snapshot.waft', '--freshness-key', 'freshness.pem', '--trust', 'trust.json', '--to', 'site');
}

/** Publishes a kill, or takes it back. Not by spawnSync: this process must listen meanwhile. */
function publish(command) {
  return new Promise((resolve, reject) => {
    const parameters = ['publish', `--${command}`, 'new', '--kill-key', 'kill.pem', '--trust', 'trust.json', '--to', 'site'];
    const child = spawn(PROGRAM, parameters, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let message = '';
    child.stderr.on('data', (text) => (message += text));
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(message))));
  });
}

/** Starts `waft serve` -> { url, stop }. */
async function serve() {
  const child = spawn(PROGRAM, ['serve', '--dir', 'site', '--db', 'waft.db', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
    if (url) return { url, stop: () => child.kill() };
  }
  throw new Error('waft serve ended');
}

/** An address for each connection, as a proxy in front names them. */
const from = (number) => ({ 'x-forwarded-for': `10.0.${number >> 8}.${number & 255}` });

function get(url, headers) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers, agent: false }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode, bytes: Buffer.concat(chunks) }));
      })
      .on('error', reject);
  });
}

/** A page that listens -> { told, close }: `told.head` is called with each head that it has asked for. */
function listen(url, number) {
  return new Promise((resolve, reject) => {
    const told = { head: null };
    let [isFirst, rest] = [true, ''];
    const event = async () => {
      // The first says what is there already.
      if (isFirst) {
        isFirst = false;
        return resolve({ told, close: () => request.destroy() });
      }
      const { bytes } = await get(`${url}/head.waft`, from(number));
      told.head?.(bytes);
    };
    const request = http.get(`${url}/api/changes/head.waft`, { headers: from(number), agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`connection ${number}: status ${response.statusCode}`));
      response.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) if (line.startsWith('data: ')) event().catch(reject);
      });
      // Closed by us, in the end.
      response.on('error', () => {});
    });
    request.on('error', reject);
  });
}

/** Kills, or takes it back -> milliseconds from the start of the command until all have the list. */
async function round(pages, command) {
  let expected = null;
  const early = [];
  const start = performance.now();
  const all = pages.map(
    ({ told }, number) =>
      new Promise((resolve) => {
        told.head = (bytes) => {
          if (expected === null) early.push([number, bytes, performance.now(), resolve]);
          else if (bytes.equals(expected)) resolve(performance.now() - start);
        };
      }),
  );
  await publish(command);
  expected = readFileSync(`${folder}/site/head.waft`);
  for (const [, bytes, at, resolve] of early) if (bytes.equals(expected)) resolve(at - start);
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('a page was not told within 30 s')), 30_000).unref());
  return Math.max(...(await Promise.race([Promise.all(all), late])));
}

/** Kills and takes back in turns, and prints what that took. `round` returns the milliseconds of one. */
async function measure(who, budget, round) {
  const times = [];
  for (let number = 0; number < ROUNDS; number++) times.push(await round(number % 2 === 0 ? 'kill' : 'unkill'));
  if (ROUNDS % 2 === 1) await round('unkill');
  times.sort((one, other) => one - other);
  const [median, worst] = [times[times.length >> 1], times.at(-1)].map(Math.round);
  const isWithin = worst <= budget;
  if (!isWithin) process.exitCode = 1;
  console.log(`kill: ${who}: ${median} ms at the median of ${ROUNDS}, ${worst} ms at most, of ${budget} ms ${isWithin ? 'ok' : 'OVER'}`);
}

let server = null;
let page = null;
try {
  prepare();
  server = await serve();
  for (const [who, budget, updates] of BROWSERS) {
    page = await openPage(`${folder}/site`, readFileSync(`${folder}/trust.json`), server.url, updates);
    await measure(who, budget, async (command) => {
      const start = Date.now();
      const [, end] = await Promise.all([publish(command), page.until(command === 'unkill')]);
      return end - start;
    });
    await page.close();
  }
  for (const connections of CONNECTIONS) {
    const pages = [];
    for (let number = 0; number < connections; number++) pages.push(await listen(server.url, number));
    await measure(`${connections} streaming`, BUDGET(connections), (command) => round(pages, command));
    for (const one of pages) one.close();
  }
} finally {
  await page?.close();
  server?.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
