// How long waft/compat takes to start: tools/env.sh node tests/bench-page/compat.mjs, after `make build`. Fails above LIMIT.
//
// Pages in Chromium, not slowed down, whose policy is `script-src 'self'` alone, so that WebAssembly is refused. The time is from `createClient`,
// with 1,000 flags in memory and the code of waft/compat loaded but not run, to the first flag; the median of COMPAT_ROUNDS (15) pages.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../bench/measure.mjs';
import { launch } from '../e2e/browser.mjs';
import { bundle, prepare, rulesOf, TYPES } from './build.mjs';
import { startOrigin } from './origin.mjs';
import { TELL, told } from './view.mjs';

const LIMIT = 40; // milliseconds
const COUNT = 1_000;
const rounds = Number(process.env.COMPAT_ROUNDS ?? 15);
const root = fileURLToPath(new URL('../..', import.meta.url));

const SCRIPT = `
import { createClient } from 'waft';
const snapshot = new Uint8Array(await (await fetch('snapshot.waft')).arrayBuffer());
const start = async (fallback) => {
  const from = performance.now();
  const client = await createClient({ snapshot, trust: TRUST, context: CONTEXT, fallback });
  const value = client.getBooleanValue(KEY, false);
  return { value, code: client.status().code, ms: performance.now() - from };
};
const fallback = () => import('./compat.js');
globalThis.flag = { refused: await start(), ...(await start(fallback)), again: (await start(fallback)).ms };
${TELL}`;

const prepared = prepare(root, join(root, 'target/bench-compat'));
const { bytes, key, context } = await rulesOf('waft', COUNT, prepared);
const [KEY, CONTEXT, TRUST] = [key, context, prepared.signing.trust].map((value) => JSON.stringify(value));
const folder = prepared.modules;
const script = await bundle(SCRIPT, { folder, name: 'page', define: { KEY, CONTEXT, TRUST }, external: ['./compat.js'] });
const compat = await bundle(`export * from 'waft/compat';`, { folder, name: 'compat' });
const html =
  '<!doctype html><link rel="icon" href="data:,"><link rel="modulepreload" href="compat.js"><script type="module" src="page.js"></script>';
const origin = await startOrigin({
  '/': { type: TYPES.html, bytes: Buffer.from(html), policy: "script-src 'self'" },
  '/page.js': { type: TYPES.js, bytes: Buffer.from(script) },
  '/compat.js': { type: TYPES.js, bytes: Buffer.from(compat) },
  '/snapshot.waft': { type: 'application/octet-stream', bytes: Buffer.from(bytes) },
});
const browser = await launch();
const samples = { first: [], again: [] };
try {
  for (let round = 0; round < rounds; round++) {
    const page = await (await browser.newContext()).newPage();
    const there = told(page);
    await page.goto(`${origin.url}/`);
    await there;
    const flag = await page.evaluate(() => globalThis.flag);
    if (flag.refused.code !== 'ENGINE_FAILED' || flag.code || flag.value !== true) throw new Error(`decides ${JSON.stringify(flag)}`);
    samples.first.push(flag.ms);
    samples.again.push(flag.again);
    await page.context().close();
  }
} finally {
  await browser.close();
  origin.close();
}
const [first, again] = [samples.first, samples.again].map((list) => median(list));
const [least, most] = [Math.min(...samples.first), Math.max(...samples.first)];
console.log(`${COUNT} flags, ${rounds} pages of Chromium ${browser.version()}, WebAssembly refused`);
console.log(
  `first client ${first.toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)}), a second one ${again.toFixed(1)} ms; at most ${LIMIT}`,
);
if (first > LIMIT) process.exitCode = 1;
