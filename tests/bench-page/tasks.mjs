// The longest tasks of a page with Waft on a slow phone: tools/env.sh node tests/bench-page/tasks.mjs, after `make build`. Fails above LIMIT.
//
// Chromium with a CPU four times as slow; 1,000 flags by URL, exposures on. One page has Waft alone: start, and adoption of newer rules. The other has
// 50 mounted `useFlag` of React 19: setContext, and hidden. A phase ends once the page has rested; its tasks are those of Chromium's trace that run
// a script on the page's thread, React's and the browser's own work in them included. A task's time is what the processor spent on it, slowing down
// included, since by the clock others count, too. Of each page the longest task counts, and of TASK_ROUNDS (9) pages the median.
// TASK_TRACE=FOLDER keeps the last traces.
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../bench/measure.mjs';
import { waft } from '../bench/snapshot.mjs';
import { launch } from '../e2e/browser.mjs';
import { bundle, prepare, rulesOf, TYPES } from './build.mjs';
import { startOrigin } from './origin.mjs';

const LIMIT = 50; // milliseconds
const COUNT = 1_000;
const CPU = 4;
const { TASK_ROUNDS = 9, TASK_TRACE } = process.env;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What both pages do: `phase` is told what it is called and what it does. */
const SHARED = `
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
const rested = () => new Promise((resolve) => setTimeout(() => requestIdleCallback(resolve), 600));
const seen = [];
const phase = async (name, work) => {
  performance.mark('waft:' + name);
  setTimeout(work);
  await rested();
  seen.push(shown());
};
const made = createClient({ snapshot: 'snapshot.waft', trust: TRUST, context: CONTEXT, exposures: recorder({ endpoint: '/v1/logs', robot: false }) });`;

/** The page of the README, with 50 flags: start, and adoption. */
const PLAIN = `${SHARED}
const client = await made;
const shown = () => KEYS.map((key) => client.getBooleanValue(key, false)).join();
document.title = shown();
await rested();
const next = new Uint8Array(await (await fetch('next.waft')).arrayBuffer());
await rested();
seen.push(shown());
client.on('configurationChanged', () => (document.title = shown()));
await phase('adoption', () => client.load(next));
await phase('end', () => {});
console.log(JSON.stringify({ code: client.status().code, seen }));`;

/** With 50 mounted components: another context, and the page is hidden. */
const REACT = `
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { useFlag, WaftProvider } from 'waft/react';${SHARED}
const Flag = ({ name }) => h('li', null, String(useFlag(name, false)));
createRoot(document.querySelector('ul')).render(h(WaftProvider, { client: made }, KEYS.map((key) => h(Flag, { key, name: key }))));
const client = await made;
const shown = () => document.querySelector('ul').textContent;
await rested();
seen.push(shown());
await phase('setContext', () => client.setContext({ ...CONTEXT, userId: 'user-2' }));
await phase('hidden', () => {
  Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
  document.dispatchEvent(new Event('visibilitychange'));
  dispatchEvent(new PageTransitionEvent('pagehide'));
});
await phase('end', () => {});
console.log(JSON.stringify({ code: client.status().code, seen }));`;

/** What each page measures. Until its first mark, a page starts. */
const PAGES = { plain: [PLAIN, ['start', 'adoption']], react: [REACT, ['setContext', 'hidden']] };

/** The longest task of each phase that ran a script, in milliseconds of the page's thread; `wall` by the clock. */
function longest({ traceEvents }) {
  const marks = traceEvents.filter(({ name, cat }) => cat.includes('blink.user_timing') && name.startsWith('waft:'));
  const { pid, tid } = marks[0];
  const own = traceEvents.filter((event) => event.pid === pid && event.tid === tid);
  const scripts = own.filter(({ name }) => /^(v8\.|FunctionCall$|RunMicrotasks$)/.test(name));
  const found = {};
  let task;
  for (const { name, ts, dur = 0, tdur = 0 } of own.sort((one, other) => one.ts - other.ts)) {
    if (/RunTask$/.test(name)) task = { cpu: 0, wall: 0, end: ts + dur, isScript: false };
    // What promises wait for follows the task that resolves them, and is part of it.
    else if (!/PerformMicrotaskCheckpoint$/.test(name) || !task || ts < task.end) continue;
    task.cpu += tdur / 1_000;
    task.wall += dur / 1_000;
    task.isScript ||= !/RunTask$/.test(name) || scripts.some((script) => script.ts >= ts && script.ts <= ts + dur);
    if (!task.isScript) continue;
    const mark = marks.filter((mark) => mark.ts <= ts).at(-1);
    const phase = mark?.name.slice('waft:'.length) ?? 'start';
    found[phase] ??= { cpu: 0, wall: 0 };
    for (const kind of ['cpu', 'wall']) found[phase][kind] = Math.max(found[phase][kind], task[kind]);
  }
  return found;
}

/** The files of both pages. */
async function filesOf() {
  const prepared = prepare(root, join(root, 'target/bench-tasks'));
  const { signing, modules } = prepared;
  const rules = await rulesOf('waft', COUNT, prepared);
  // Other shares, so that flags change: the ruleset is where the snapshot was made.
  const source = join(signing.folder, 'ruleset/1.yaml');
  writeFileSync(source, readFileSync(source, 'utf8').replaceAll('on: 50%, off: 50%', 'on: 90%, off: 10%'));
  const out = join(signing.folder, 'next.waft');
  waft(signing.binary, 'build', join(signing.folder, 'ruleset'), '--environment', 'production', '--version', '2', '--out', out);
  for (const { role, pem } of signing.signers) waft(signing.binary, 'sign', out, '--key', pem, '--role', role);
  const given = { KEYS: Object.keys(rules.values).slice(0, 50), CONTEXT: rules.context, TRUST: signing.trust };
  const define = Object.entries({ ...given, 'process.env.NODE_ENV': 'production' }).map(([name, value]) => [name, JSON.stringify(value)]);
  // React 19 is the repository's; the package itself is that of the tarball.
  const alias = Object.fromEntries(['react', 'react-dom'].map((name) => [name, join(root, 'node_modules', name)]));
  const file = (type, bytes) => ({ type, bytes: Buffer.from(bytes) });
  const files = {
    '/snapshot.waft': file('application/octet-stream', rules.bytes),
    '/next.waft': file('application/octet-stream', readFileSync(out)),
  };
  for (const [name, [text]] of Object.entries(PAGES)) {
    const html = `<!doctype html><link rel="icon" href="data:,"><title>Shop</title><ul></ul><script type="module" src="${name}.js"></script>`;
    files[`/${name}`] = file(TYPES.html, html);
    files[`/${name}.js`] = file(TYPES.js, await bundle(text, { folder: modules, name, define: Object.fromEntries(define), alias }));
  }
  return files;
}

/** One view of a page: the longest task of each of its phases. */
async function view(browser, origin, name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: CPU });
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing', 'devtools.timeline', 'v8'] });
  // Whatever else asks the page runs scripts of its own in it.
  const told = page.waitForEvent('console', { predicate: (message) => message.text().startsWith('{'), timeout: 60_000 });
  await page.goto(`${origin.url}/${name}`);
  const { code, seen } = JSON.parse((await told).text());
  const trace = await browser.stopTracing();
  await context.close();
  if (TASK_TRACE) writeFileSync(join(TASK_TRACE, `${name}.json`), trace);
  if (code || seen[0] === seen[1]) throw new Error(`${name}: ${code} ${seen}: no flag changes`);
  return longest(JSON.parse(trace));
}

const origin = await startOrigin(await filesOf());
const browser = await launch();
const samples = Object.fromEntries(Object.values(PAGES).flatMap(([, phases]) => phases.map((phase) => [phase, []])));
try {
  for (let round = 0; round < Number(TASK_ROUNDS); round++) {
    for (const [name, [, phases]] of Object.entries(PAGES)) {
      const found = await view(browser, origin, name);
      for (const phase of phases) samples[phase].push(found[phase]);
    }
  }
} finally {
  await browser.close();
  origin.close();
}
console.log(
  `${COUNT} flags, ${TASK_ROUNDS} pages of Chromium ${browser.version()} at ${CPU}x CPU; load average ${loadavg()[0].toFixed(1)}`,
);
for (const [phase, times] of Object.entries(samples)) {
  const [cpu, wall] = ['cpu', 'wall'].map((kind) => times.map((time) => time[kind]));
  const [least, most] = [Math.min(...cpu), Math.max(...cpu)].map((time) => time.toFixed(1));
  console.log(
    `${phase}: longest task ${median(cpu).toFixed(1)} ms (${least} to ${most}), by the clock ${median(wall).toFixed(1)}; at most ${LIMIT}`,
  );
  if (median(cpu) > LIMIT) process.exitCode = 1;
}
