// Where the time of a figure goes: node tests/bench/profile.mjs [PEER [MEMBER [COUNT]]], after `make bench`.
//
//   tools/env.sh node tests/bench/profile.mjs waft newContext
//   tools/env.sh node tests/bench/profile.mjs waft firstFlag 1000
//   tools/env.sh node tests/bench/profile.mjs waft firstFlagCold
//
// Runs a member of measure.mjs in Chromium under its sampling profiler and prints the self time of the functions that take most.
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../e2e/browser.mjs';
import { bundle, open, serve } from './chromium.mjs';

const [module = 'waft', member = 'newContext', count] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const folder = join(root, 'target/bench');
const SECONDS = 2;
const ROWS = 25;

const { WASM } = await import(`./peers/${module}.mjs`);
// PROFILE_WASM: a build of the engine that keeps its functions' names.
const engine =
  process.env.PROFILE_WASM ?? (module === 'waft' ? join(root, 'pkg/engine/engine.wasm') : WASM && join(here, 'node_modules', WASM));
if (!existsSync(join(folder, `${module}-1000`))) throw new Error('there are no rulesets: make bench first');

// Under another name than the bench's, with names as they are written.
await bundle(here, join(here, 'peers', `${module}.mjs`), join(folder, 'profile.js'), { minify: false });
if (module === 'waft') copyFileSync(join(root, 'pkg/studio/studio_bg.wasm'), join(folder, 'profile-studio_bg.wasm'));
const server = await serve(folder, { profile: engine }, { profile: module });
const browser = await launch();
try {
  const page = await open(browser, server.url, 'profile');
  await page.call('prepare', JSON.parse(readFileSync(join(folder, 'keys/trust.json'), 'utf8')), [1_000, 10_000]);
  const cold = member === 'firstFlagCold';
  const call = () => page.call(member, ...(count ? [Number(count)] : []));
  if (!cold) {
    await page.call('open');
    for (const until = Date.now() + 1_500; Date.now() < until; ) await call();
  }
  const { session } = page;
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 100 });
  await session.send('Profiler.start');
  const values = [];
  const until = Date.now() + 1_000 * SECONDS;
  do values.push(await call());
  while (!cold && Date.now() < until);
  const { profile } = await session.send('Profiler.stop');
  print(profile);
  const [from, to] = [values[0], values.at(-1)].map((value) => value.toFixed(3));
  console.log(`${module} ${member}: ${values.length} samples, the first ${from}, the last ${to}`);
} finally {
  await browser.close();
  server.close();
}
process.exit();

/** Self time by function, the largest first; without what waits. */
function print({ nodes, samples, timeDeltas }) {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'}${url && !url.startsWith('wasm') ? ` :${lineNumber + 1}` : url ? ' (wasm)' : ''}`,
    ]),
  );
  const times = new Map();
  samples.forEach((id, index) => times.set(names.get(id), (times.get(names.get(id)) ?? 0) + timeDeltas[index]));
  for (const idle of ['(idle)', '(root)']) times.delete(idle);
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const rows = [...times].sort(([, one], [, other]) => other - one).slice(0, ROWS);
  for (const [name, time] of rows) {
    const [share, spent] = [((100 * time) / total).toFixed(1), (time / 1_000).toFixed(2)];
    console.log(`${share.padStart(5)} %  ${spent.padStart(8)} ms  ${name}`);
  }
}
