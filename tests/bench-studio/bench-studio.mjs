// `make bench-studio`: a million people in the studio, in Chromium, beside a loop by hand and GrowthBook's SDK on the same file. Each figure is the median
// of STUDIO_ROUNDS (5); the last line is `must: M of N met`, and one that is not met fails.
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launch } from '../e2e/browser.mjs';
import { firstScreen } from './first-screen.mjs';
import { condition, PEOPLE, pattern, people, rules } from './people.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'tests/bench-studio');
const folder = join(root, 'target/bench-studio');
const binary = join(root, 'target/release/waft');
const ROUNDS = Number(process.env.STUDIO_ROUNDS ?? 5);
const NOW = Date.now();
const TYPES = { js: 'text/javascript', html: 'text/html', wasm: 'application/wasm' };

const waft = (...args) => execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const median = (list) => list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)];

/** Signs the rulesets; answers the page's trust. */
function sign() {
  const pem = join(folder, 'publisher.pem');
  rmSync(pem, { force: true });
  const { kid, publicKey } = JSON.parse(waft('keygen', '--out', pem));
  const files = { before: rules(5), after: rules(6), pattern: pattern() };
  for (const [name, text] of Object.entries(files)) {
    const [source, out] = [join(folder, `${name}.yaml`), join(folder, `${name}.waft`)];
    writeFileSync(source, text);
    rmSync(out, { force: true });
    waft('build', source, '--environment', 'production', '--version', '1', '--out', out);
    waft('sign', out, '--key', pem, '--role', 'publisher');
  }
  return {
    project: 'bench',
    environment: 'production',
    epoch: 1,
    keys: { [kid]: publicKey },
    require: [{ role: 'publisher', keys: [kid], atLeast: 1 }],
  };
}

async function serve() {
  const bundles = { page: 'page.mjs', worker: 'worker.mjs', peers: 'peers.mjs' };
  await Promise.all(
    Object.entries(bundles).map(([name, file]) =>
      build({
        entryPoints: [join(here, file)],
        outfile: join(folder, `${name}.js`),
        bundle: true,
        minify: true,
        format: 'esm',
        target: 'es2022',
        nodePaths: [join(root, 'tests/bench/node_modules')],
        logLevel: 'error',
      }),
    ),
  );
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><input type="file"><script type="module" src="page.js"></script>',
  );
  const server = createServer(({ url }, response) => {
    const name = url === '/' ? 'index.html' : url.slice(1);
    const path = name === 'workbench.wasm' ? join(root, 'pkg/workbench/workbench_bg.wasm') : join(folder, name);
    if (!existsSync(path)) return response.writeHead(404).end();
    // Isolated: only then a page's clock is finer than 100 microseconds.
    response.writeHead(200, {
      'content-type': TYPES[name.split('.').at(-1)] ?? 'application/octet-stream',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** One round of the studio, in a browser of its own. */
async function studio(browser, url, trust) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.ask);
  await page.setInputFiles('input', join(folder, 'people.csv'));
  const round = await page.evaluate(
    async ({ trust, wasm, now, texts, yaml }) => {
      const [before, after, pattern] = await Promise.all(['before', 'after', 'pattern'].map((name) => bytes(`${name}.waft`)));
      long.length = 0;
      const load = await ask('load', { snapshot: before, trust, wasm });
      const [first, second] = [await ask('flag', { flag: 'cta', now }), await ask('flag', { flag: 'cta', now })];
      await ask('segments', { snapshot: before, trust, now });
      const edit = await ask('segments', { snapshot: after, trust, now });
      const wide = await ask('segments', { snapshot: pattern, trust, now });
      await ask('draft', { text: texts[0], now });
      const draft = await ask('draft', { text: texts[1], now });
      const alone = await ask('condition', { yaml, now });
      // Of whom the pattern is asked alone.
      const ended = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const memory = await ask('memory', {});
      return {
        load: load.took,
        report: load.result,
        told,
        edit,
        draft,
        alone,
        wide,
        first,
        second,
        memory: memory.result,
        long: [...long],
        ended,
      };
    },
    { trust, wasm: `${url}workbench.wasm`, now: NOW, texts: [rules(5), rules(6)], yaml: condition(6) },
  );
  const memory = await peak(browser);
  await page.close();
  return { ...round, peak: memory };
}

/** The most memory that the page's process has held, in bytes: its worker's and the browser's own code are in it. */
async function peak(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const held = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]) * 1_024);
  return Math.max(...held);
}

async function peers(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.setInputFiles('input', join(folder, 'people.csv'));
  const round = await page.evaluate(async () => {
    const worker = new Worker('peers.js', { type: 'module' });
    const ask = (member, question = {}) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
        worker.postMessage({ member, ...question });
      });
    const load = await ask('load', { file: document.querySelector('input').files[0] });
    await ask('wide', { orders: 5 });
    const wide = await ask('wide', { orders: 6 });
    const pattern = await ask('pattern');
    await ask('flag');
    return { load, wide, pattern, flag: await ask('flag'), growthbook: await ask('growthbook') };
  });
  await page.close();
  return round;
}

mkdirSync(folder, { recursive: true });
const file = join(folder, 'people.csv');
await people(file);
const trust = sign();
const server = await serve();
const rounds = [];
const others = [];
const screens = [];
for (let round = 0; round < ROUNDS; round++) {
  const browser = await launch();
  rounds.push(await studio(browser, server.url, trust));
  await browser.close();
  const other = await launch();
  others.push(await peers(other, server.url));
  await other.close();
  const third = await launch();
  screens.push(await firstScreen(third));
  await third.close();
}
server.close();

const [{ report, edit, second }] = rounds;
const [peer] = others;
const { matches, misses, unknown } = edit.result[0];
const wanted = [misses, unknown, matches];
if (report.rows !== PEOPLE || report.skipped.rows > 0) throw new Error(`${report.rows} rows, ${report.skipped.rows} skipped`);
if (String(wanted) !== String(peer.wide.counts)) throw new Error(`the studio counts ${wanted}, a loop by hand ${peer.wide.counts}`);
const drafted = ({ draft: { result }, alone }) =>
  [result[0], alone.result].map((one) => [one.misses ?? one.others, one.unknown, one.matches]);
for (const counts of rounds.flatMap(drafted))
  if (String(counts) !== String(wanted)) throw new Error(`a draft counts ${counts}, not ${wanted}`);
const patternOf = (round) => round.wide.result.find(({ name }) => name === 'pattern').matches;
if (patternOf(rounds[0]) !== peer.pattern.matches) throw new Error(`the pattern: ${patternOf(rounds[0])}, by hand ${peer.pattern.matches}`);

const of = (pick) => median(rounds.map(pick));
const by = (pick) => median(others.map(pick));
const million = (value) => `${(value / 1e6).toFixed(0)} MB`;
const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const musts = [
  ['1,000,000 people x 8 attributes read', of(({ load }) => load), 4_000, ms, by(({ load }) => load.took)],
  ["longest task of the page's thread over 50 ms", of(({ long }) => Math.max(0, ...long)), 50, ms],
  ['a segment of ten conditions, edited', of(({ edit }) => edit.took), 100, ms, by(({ wide }) => wide.took)],
  ['the same in a draft, and each of its conditions', of(({ draft }) => draft.took), 100, ms],
  ['the same as a condition that is nowhere yet', of(({ alone }) => alone.took), 100, ms],
  ['a pattern on 1,000,000 texts, and the segment', of(({ wide }) => wide.took), 1_000, ms, by(({ pattern }) => pattern.took)],
  ['one flag over all', of(({ second }) => second.took), 30, ms, by(({ flag }) => flag.took), by(({ growthbook }) => growthbook.took)],
  ["memory of the page's process, at its peak", of(({ peak }) => peak), 400e6, million],
  ['the first screen is read: 4x CPU, Fast 3G', median(screens.map(({ readable }) => readable)), 2_000, ms],
  ['and is used', median(screens.map(({ usable }) => usable)), 3_000, ms],
];
console.log(
  `${PEOPLE.toLocaleString('en')} people, ${(readFileSync(file).length / 1e6).toFixed(0)} MB; median of ${ROUNDS} rounds in Chromium`,
);
console.log(`${''.padEnd(48)}${'studio'.padStart(10)}${'at most'.padStart(10)}${'by hand'.padStart(10)}${'GrowthBook'.padStart(12)}`);
let met = 0;
for (const [name, value, most, show, hand, growthbook] of musts) {
  met += value <= most ? 1 : 0;
  const cell = (number, width) => (number === undefined ? '' : show(number)).padStart(width);
  console.log(
    `${name.padEnd(48)}${cell(value, 10)}${cell(most, 10)}${cell(hand, 10)}${cell(growthbook, 12)}${value <= most ? '' : '  missed'}`,
  );
}
console.log(`${'the first time that a flag is asked for'.padEnd(48)}${ms(of(({ first }) => first.took)).padStart(10)}`);
console.log(`${'of which the worker’s wasm holds at last'.padEnd(48)}${million(of(({ memory }) => memory)).padStart(10)}`);
console.log(`variants ${JSON.stringify(second.result)}; progress was told ${rounds[0].told} times`);
writeFileSync(join(folder, 'figures.json'), JSON.stringify({ rounds, others }));
console.log(`must: ${met} of ${musts.length} met`);
process.exitCode = met === musts.length ? 0 : 1;
