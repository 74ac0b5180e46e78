// Exposures and events in real browsers, against a collector that fails on a schedule: each made one is to be one row.
//
//   node tests/faults/faults.mjs [--short] [SCHEDULE...]      (make faults)
//
// Prints a row per schedule, and as its last line `made N stored N lost N twice N`.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launch } from '../e2e/browser.mjs';
import { query, serve, waft } from '../e2e/site.mjs';
import { startFront } from './front.mjs';
import { SCHEDULES, SHORT } from './schedules.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const args = process.argv.slice(2);
const short = args.includes('--short');
const names = args.filter((name) => name !== '--short');
for (const name of names) if (!SCHEDULES[name]) throw new Error(`no schedule is named '${name}': ${Object.keys(SCHEDULES).join(', ')}`);
const chosen = names.length ? names : short ? SHORT : Object.keys(SCHEDULES);

/** In all, 10,000 exposures and 2,000 events; of each schedule, fewer than a queue holds. */
const EXPOSURES = short ? 200 : Math.ceil(10_000 / Object.keys(SCHEDULES).length / 10) * 10;
/** How long what is left may take once everything works, in milliseconds. */
const DEADLINE = 90_000;
const AT_ONCE = 3;

const home = mkdtempSync(join(tmpdir(), 'waft-faults-'));
const site = { folder: join(home, 'site'), database: join(home, 'waft.db'), servers: new Set() };
mkdirSync(site.folder);
const files = await prepare();
const collector = await serve(site);
const browser = await launch();
const rows = [];
try {
  const waiting = [...chosen];
  const worker = async () => {
    for (let name; (name = waiting.shift()); ) {
      const start = Date.now();
      const left = await play(name).catch((error) => String(error.stack));
      rows.push({ name, left, seconds: (Date.now() - start) / 1_000 });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
} finally {
  await browser.close();
  await collector.stop();
}
await report();
for (const server of site.servers) server.kill('SIGKILL');
rmSync(home, { recursive: true, force: true });

/** What a page loads, by path. */
async function prepare() {
  const pem = join(home, 'key.pem');
  const { kid, publicKey } = JSON.parse(waft('keygen', '--out', pem));
  const trust = {
    project: 'faults',
    environment: 'production',
    keys: { [kid]: publicKey },
    require: [{ role: 'publisher', keys: [kid], atLeast: 1 }],
  };
  const [snapshot, script] = [join(home, 'snapshot.waft'), join(home, 'page.js')];
  writeFileSync(join(home, 'trust.json'), JSON.stringify(trust));
  waft('build', here('ruleset.yaml'), '--environment', 'production', '--version', '1', '--out', snapshot);
  waft('sign', snapshot, '--key', pem, '--role', 'publisher');
  await build({ entryPoints: [here('page.mjs')], outfile: script, bundle: true, format: 'esm', target: 'es2022', logLevel: 'error' });
  return {
    '/': '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    '/page.js': readFileSync(script),
    '/trust.json': JSON.stringify(trust),
    '/snapshot.waft': readFileSync(snapshot),
  };
}

/** Plays a schedule, and lets a page come back. Answers what is wrong with the page then. */
async function play(name) {
  const front = await startFront(files, collector.url);
  const context = await browser.newContext();
  const problems = [];
  const id = idOf(name);
  const ready = (page) => page.waitForFunction(() => globalThis.faults);
  async function open() {
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(front.url);
    await ready(page);
    return page;
  }
  const sent = (page) =>
    page.waitForFunction(() => globalThis.faults.status().waiting === 0, undefined, { timeout: DEADLINE, polling: 200 });
  const world = {
    front,
    open,
    wait: (seconds) => new Promise((resolve) => setTimeout(resolve, 1_000 * seconds)),
    async make(page, from, to, { again = false } = {}) {
      await ready(page);
      const range = [from, to].map((part) => Math.round(part * EXPOSURES));
      await page.evaluate(([id, from, to, again]) => globalThis.faults.make(id, from, to, again), [id, ...range, again]);
    },
    /** As the operating system does it: no event is told to the page. */
    async kill(page) {
      const session = await context.newCDPSession(page);
      const gone = new Promise((resolve) => page.once('crash', resolve));
      session.send('Page.crash').catch(() => {});
      await gone;
      await page.close();
    },
  };
  try {
    await SCHEDULES[name](world);
    front.mode = 'ok';
    const alive = context.pages();
    // By itself: no other page comes, nothing is read, and nobody asks it to.
    await Promise.all(alive.map(sent));
    await Promise.all(alive.map((page) => page.close()));
    const page = await open();
    await page.waitForFunction(() => !globalThis.faults.stored() && !globalThis.faults.status().waiting, undefined, {
      timeout: DEADLINE,
      polling: 200,
    });
    return problems.join('; ');
  } finally {
    await context.close();
    front.close();
  }
}

function idOf(name) {
  return name.replaceAll(' ', '-');
}

/** Compares what was made with the rows. */
async function report() {
  const total = { made: 0, stored: 0, lost: 0, twice: 0 };
  tell('schedule', ['made', 'stored', 'lost', 'twice', 'receipts', 'seconds'], '');
  for (const { name, left, seconds } of rows.sort((one, other) => chosen.indexOf(one.name) - chosen.indexOf(other.name))) {
    const visitors = await count('exposures', 'unit', name);
    const orders = await count('events', `json_extract(properties, '$.order')`, name);
    const made = EXPOSURES + Math.ceil(EXPOSURES / 5);
    const stored = visitors.distinct + orders.distinct;
    const lost = made - stored;
    const twice = visitors.rows + orders.rows - stored;
    const ok = !left && !lost && !twice;
    tell(name, [made, stored, lost, twice, visitors.receipts + orders.receipts, seconds.toFixed(1)], ok ? 'ok' : 'FAILED');
    if (left) console.log(left);
    if (!ok) process.exitCode = 1;
    for (const [what, number] of Object.entries({ made, stored, lost, twice })) total[what] += number;
  }
  console.log(Object.entries(total).flat().join(' '));
}

function tell(name, numbers, verdict) {
  console.log(`${name.padEnd(26)}${numbers.map((number) => String(number).padStart(9)).join('')}  ${verdict}`.trimEnd());
}

async function count(table, key, name) {
  // `slow-503-7` is of `slow 503`, and not of `slow`.
  const own = `${key} GLOB '${idOf(name)}-[0-9]*' AND ${key} NOT GLOB '${idOf(name)}-*-*'`;
  const sql = `SELECT count(*) AS "rows", count(DISTINCT ${key}) AS "distinct", coalesce(sum(receipts), 0) AS receipts FROM ${table} WHERE ${own}`;
  const [counted] = await query(site, sql);
  return counted;
}
