// Waft beside its peers: `make bench`. Prints the table of figures and writes docs/performance.md.
//
//   BENCH_ROUNDS=7    rounds of everything that is timed; medians are taken of them
//   BENCH_PEERS=...   only these, by their files' names, beside waft: for trying things out, nothing is written
//   BENCH_BASE=DIR    waft as it is in another checkout, built there, twice in place of the peers: what a change made better or
//                     worse, in pairs of a round, beside what base differs from itself (compare.mjs)
import { fork } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../e2e/browser.mjs';
import { bundle, open, serve } from './chromium.mjs';
import { compare } from './compare.mjs';
import { FIGURES } from './figures.mjs';
import { median } from './measure.mjs';
import { report } from './report.mjs';
import { turned } from './rounds.mjs';
import { flags } from './ruleset.mjs';
import { brotli, pageSize } from './size.mjs';
import { keys, snapshot } from './snapshot.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const folder = join(root, 'target/bench');
const COUNTS = [1_000, 10_000];
const ALL = ['growthbook', 'amplitude', 'flagd', 'configcat', 'statsig', 'optimizely', 'flipt', 'featurevisor', 'split'];
/** The program of a checkout. */
const binary = (checkout) => join(checkout, 'target/release/waft');
/** How long each operation of each peer runs before the rounds, for the engines' compilers, in milliseconds. */
const WARM = 1_000;
/** What is kept in memory hardly differs from round to round. */
const MEMORY_ROUNDS = 3;
/** Pages of one round that load for the first time: one takes up to four times as long as another, as all of Chromium wants the same cores. */
const COLD_PAGES = 3;
const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
const base = process.env.BENCH_BASE && resolve(process.env.BENCH_BASE);
const modules = ['waft', ...(base ? ['base', 'again'] : (process.env.BENCH_PEERS?.split(' ') ?? ALL))];
/** Where a build of waft lies, for those modules that are one. */
const checkouts = { waft: root, base, again: base };
const peerFile = (module) =>
  module in checkouts ? join(checkouts[module], 'tests/bench/peers/waft.mjs') : join(here, 'peers', `${module}.mjs`);

const started = Date.now();
// How busy the machine is with the work of others: the bench itself makes a load of about 1.
const busy = loadavg()[0];
const say = (text) => console.error(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${text}`);

const peers = new Map(); // module -> what it exports, and its file
const engines = {}; // module -> the path of its engine
mkdirSync(folder, { recursive: true });
for (const module of modules) {
  const [file, checkout] = [peerFile(module), checkouts[module]];
  const { name, ...rest } = await import(file);
  peers.set(module, { ...rest, file, name: checkout ? module : name });
  engines[module] = rest.WASM && join(here, 'node_modules', rest.WASM);
  if (!checkout) continue;
  if (!existsSync(binary(checkout))) throw new Error(`${binary(checkout)} is missing: make bench builds it there`);
  engines[module] = join(checkout, 'pkg/engine/engine.wasm');
  // For waft's preview: where its bundle looks for it.
  copyFileSync(join(checkout, 'pkg/studio/studio_bg.wasm'), join(folder, `${module}-studio_bg.wasm`));
}

const results = Object.fromEntries(FIGURES.map(({ id }) => [id, {}])); // id -> peer's name -> value
const inNode = Object.fromEntries(FIGURES.map(({ id }) => [id, {}]));
const notes = [];
const paired = {}; // figure and where -> peer's name -> a median for each round

say('rulesets and pages');
const signing = keys(binary(root), join(folder, 'keys'));
for (const [module, peer] of peers) {
  const checkout = checkouts[module];
  for (const count of COUNTS) {
    const text = peer.ruleset(flags(count));
    const bytes = checkout ? snapshot({ ...signing, binary: binary(checkout) }, text) : Buffer.from(text);
    writeFileSync(join(folder, `${module}-${count}`), bytes);
    if (count === COUNTS[0]) [results.raw[peer.name], results.brotli[peer.name]] = [bytes.length, brotli(bytes)];
  }
  results.page[peer.name] = await pageSize(checkout, here, peer, engines[module]);
  await bundle(here, peer.file, join(folder, `${module}.js`));
}

/** Samples by figure, peer and round. */
class Samples {
  #rounds = new Map();

  add(id, name, round, value) {
    if (value === undefined || value === null) return;
    const key = `${id}/${name}`;
    if (!this.#rounds.has(key)) this.#rounds.set(key, []);
    (this.#rounds.get(key)[round] ??= []).push(value);
  }

  /** The median of all samples as `into[id][name]`; and that of each round, for comparing them in pairs. */
  keep(where, into) {
    for (const [key, rounds] of this.#rounds) {
      const [id, name] = key.split('/');
      (into[id] ??= {})[name] = median(rounds.flat());
      ((paired[`${id} ${where}`] ??= { id, where })[name] ??= []).push(...rounds.map(median));
    }
  }
}

/** Opens every peer in an environment, and checks that all decide alike. Those that cannot run are told of and left out. */
async function openAll(where, opener) {
  const opened = new Map();
  for (const [module, { name }] of peers) {
    try {
      const one = await opener(module);
      await one.call('prepare', ...one.assets, COUNTS);
      await one.call('open');
      const { wrong, flagsOn, usersOn } = await one.call('check');
      if (wrong.length) throw new Error(`decides otherwise: ${wrong.slice(0, 3).join('; ')}`);
      const far = [flagsOn, usersOn].find((share) => Math.abs(share - 0.5) > 0.06);
      if (far) throw new Error(`its split gives ${far}, not a half`);
      opened.set(module, one);
    } catch (error) {
      if (module in checkouts) throw error;
      notes.push(`${name} does not run in ${where}: ${error.message.split('\n')[0]}`);
      say(notes.at(-1));
    }
  }
  say(`${where}: ${opened.size} of ${peers.size} decide alike`);
  return opened;
}

/**
 * Rounds of every figure that is timed there, peer after peer, each round beginning with another one. Nobody collects garbage in
 * between: a forced collection also throws away compiled code, and the next sample would measure the compiler.
 */
async function measure(where, opened, into) {
  const samples = new Samples();
  const figures = FIGURES.filter((figure) => figure.where.includes(where)).flatMap((figure) => [figure, ...(figure.parts ?? [])]);
  for (const { id, call = [id] } of figures) {
    for (const one of opened.values()) {
      const until = Date.now() + WARM;
      // A peer that cannot do it answers nothing.
      while (((await one.call(...call)) ?? undefined) !== undefined && Date.now() < until);
    }
  }
  say(`${where}: warm`);
  for (let round = 0; round < rounds; round++) {
    for (const { id, call = [id], times = 1, pause = 5 } of figures) {
      for (const [module, one] of turned([...opened], round)) {
        for (let time = 0; time < times; time++) {
          // What the sample before has put off is done before the clock runs.
          await new Promise((resolve) => setTimeout(resolve, pause));
          const value = await one.call(...call);
          samples.add(id, peers.get(module).name, round, value);
        }
      }
    }
    say(`${where}: round ${round + 1} of ${rounds}`);
  }
  samples.keep(where, into);
}

/** A new page for each, in each round: the first load of its life, and what it then keeps in memory. */
async function measureFresh(browser, url, opened) {
  const samples = new Samples();
  for (let round = 0; round < rounds; round++) {
    for (const [module] of turned([...opened], round)) {
      const { name } = peers.get(module);
      const sample = (id, value) => samples.add(id, name, round, value);
      for (let time = 0; time < COLD_PAGES; time++) {
        const page = await open(browser, url, module);
        await page.call('prepare', signing.trust, [1_000]);
        sample('cold1000', await page.call('firstFlagCold'));
        await page.close();
      }
      if (round >= MEMORY_ROUNDS) continue;

      const page = await open(browser, url, module);
      await page.call('watchMemories');
      await page.call('prepare', signing.trust, [1_000]);
      const before = await page.memory();
      await page.call('hold');
      const loaded = await page.memory();
      await page.call('readAll');
      const read = await page.memory();
      sample('memoryOneFlag', loaded.heap - before.heap + loaded.wasm);
      sample('memory', read.heap - before.heap + read.wasm);
      sample('memoryWasm', read.wasm);
      await page.close();
    }
    say(`fresh pages: round ${round + 1} of ${rounds}`);
  }
  samples.keep('fresh', results);
}

const server = await serve(folder, engines);
const browser = await launch();
const version = browser.version();
try {
  const pages = await openAll('Chromium', async (module) => {
    const one = await open(browser, server.url, module);
    return { ...one, assets: [signing.trust] };
  });
  await measure('chromium', pages, results);
  for (const one of pages.values()) await one.close();
  await measureFresh(browser, server.url, pages);
} finally {
  await browser.close();
  server.close();
}

const children = await openAll('Node', (module) => start(module));
await measure('node', children, inNode);
for (const { child } of children.values()) child.disconnect();

/** A peer in a process of its own. */
async function start(module) {
  const args = [peers.get(module).file, join(folder, module), engines[module] ?? '', JSON.stringify(signing.trust)];
  const child = fork(join(here, 'node.mjs'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once('message', ({ value, error }) => (error ? reject(new Error(error)) : resolve(value)));
      child.once('exit', () => reject(new Error('its process ended')));
    });
  await answer();
  const call = (...message) => {
    const answered = answer();
    child.send(message);
    return answered.finally(() => child.removeAllListeners('exit'));
  };
  return { child, call, assets: [] };
}

const manifest = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
// tests/bench-page has peers of its own.
const sources = [...peers.values()].map(({ file }) => readFileSync(file, 'utf8'));
const outcome = {
  rounds,
  chromium: version,
  node: process.versions.node,
  date: new Date().toISOString().slice(0, 10),
  packages: Object.fromEntries(Object.entries(manifest.dependencies).filter(([name]) => sources.some((source) => source.includes(name)))),
  names: [...peers.values()].map(({ name }) => name),
  cores: cpus().length,
  load: [busy, loadavg()[0]],
  notes,
  results,
  inNode,
};
writeFileSync(join(folder, 'results.json'), JSON.stringify({ ...outcome, paired }, null, 2));
if (base) compare(outcome, paired);
else await report(outcome, process.env.BENCH_PEERS ? undefined : join(root, 'docs/performance.md'));
// Some peers leave timers behind.
process.exit();
