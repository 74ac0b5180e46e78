// From navigation to flag on a phone, waft's page beside its peers': `make bench-page`. Prints the tables and writes docs/performance.md.
//
//   BENCH_ROUNDS=15     interleaved rounds of every page
//   BENCH_PAGES="..."   only these of pages.mjs: for trying things out, nothing is written
//   BENCH_FLAGS="50"    only with so many flags; nothing is written
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../bench/measure.mjs';
import { turned } from '../bench/rounds.mjs';
import { launch } from '../e2e/browser.mjs';
import { filesOf, prepare, rulesOf } from './build.mjs';
import { judge, MUSTS } from './figures.mjs';
import { startOrigin } from './origin.mjs';
import { PAGES } from './pages.mjs';
import { report } from './report.mjs';
import { view } from './view.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const folder = join(root, 'target/bench-page');
/** Rounds of a must that is near its bound, after a run of as many rounds as there are by default. */
const ROUNDS = 15;
const AGAIN = 31;
/** Who is measured over HTTP/2, once: a note. */
const OVER_HTTP2 = ['waft-inlined', 'waft-fetched', 'growthbook-inlined', 'growthbook-fetched'];
const some = process.env.BENCH_PAGES || process.env.BENCH_FLAGS;
const rounds = Number(process.env.BENCH_ROUNDS ?? ROUNDS);
const counts = (process.env.BENCH_FLAGS ?? '50 1000').split(' ').map(Number);
const pages = PAGES.filter(({ id }) => (process.env.BENCH_PAGES?.split(' ') ?? [id]).includes(id));

const started = Date.now();
// How busy the machine is with the work of others.
const busy = loadavg()[0];
const say = (text) => console.error(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${text}`);

say('package, rules and pages');
const prepared = prepare(root, folder);
const files = {};
for (const count of counts) {
  const rules = new Map();
  for (const page of pages) {
    if (!rules.has(page.peer)) rules.set(page.peer, await rulesOf(page.peer, count, prepared));
    const made = await filesOf(page, rules.get(page.peer), prepared, here);
    for (const [path, file] of Object.entries(made)) files[new URL(path, `http://x/${page.id}-${count}/page/`).pathname] = file;
  }
}

/** Samples of pages with so many flags: for each its views' milliseconds, a round each, and the sizes of one. */
async function measure(browser, origin, ids, count, rounds, tell) {
  const samples = Object.fromEntries(ids.map((id) => [id, { first: [], second: [], sizes: undefined }]));
  for (let round = 0; round < rounds; round++) {
    for (const id of turned(ids, round)) {
      const { first, second } = await view(browser, origin, `${id}-${count}`);
      samples[id].first[round] = first.ms;
      samples[id].second[round] = second.ms;
      samples[id].sizes = { first, second };
    }
    tell(round);
  }
  return samples;
}

/** The ratios over HTTP/2, with a certificate of its own that nobody vouches for; a sentence. */
async function overHttp2(browser) {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const origin = await startOrigin(files, { key: readFileSync(key), cert: readFileSync(cert) });
  try {
    const samples = await measure(browser, origin, OVER_HTTP2, 50, 3, () => {});
    const ratio = (kind) => (median(samples[`waft-${kind}`].first) / median(samples[`growthbook-${kind}`].first)).toFixed(2);
    return `Over HTTP/2, in 3 rounds with 50 flags: ${ratio('inlined')} with rules in the page, ${ratio('fetched')} by URL.`;
  } finally {
    origin.close();
  }
}

const origin = await startOrigin(files);
const browser = await launch();
const [measured, judged, notes] = [{}, new Map(MUSTS.map((must) => [must, new Map()])), []];
try {
  for (const count of counts) {
    const ids = pages.map(({ id }) => id);
    measured[count] = await measure(browser, origin, ids, count, rounds, (round) => say(`${count} flags: round ${round + 1} of ${rounds}`));
    for (const must of MUSTS) {
      let judgement = judge(must, measured[count]);
      if (judgement?.isNear && rounds >= ROUNDS && !some) {
        say(`${count} flags: ${must.title} is near its bound at ${judgement.ratio.toFixed(3)}: ${AGAIN} rounds`);
        const tell = (round) => round % 5 || say(`${count} flags: round ${round + 1} of ${AGAIN}`);
        judgement = { ...judge(must, await measure(browser, origin, [must.ours, must.theirs], count, AGAIN, tell)), rounds: AGAIN };
      }
      judged.get(must).set(count, judgement);
    }
  }
  if (!some) notes.push(await overHttp2(browser).catch((error) => `HTTP/2 was not measured: ${error.message.split('\n')[0]}`));
} finally {
  await browser.close();
  origin.close();
}

const versions = Object.entries(JSON.parse(readFileSync(join(here, '../bench/package.json'), 'utf8')).dependencies)
  .filter(([name]) => PAGES.some(({ script }) => script.includes(`'${name}'`)))
  .map((pair) => pair.join(' '));
const outcome = {
  counts,
  measured,
  judged,
  notes,
  rounds,
  chromium: browser.version(),
  load: [busy, loadavg()[0]],
  versions,
  date: new Date().toISOString().slice(0, 10),
};
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'results.json'), JSON.stringify(measured, null, 2));
await report(outcome, some ? undefined : join(root, 'docs/performance.md'));
// Some peers leave timers behind.
process.exit();
