// What the page's thread does in a cold page from bytes to the first flag: node tests/bench/cold.mjs [PAGES [PEER...]], after `make bench`.
//
//   tools/env.sh node tests/bench/cold.mjs 11 waft growthbook least
//
// Opens pages as the bench does, a peer after the other, under Chromium's trace, and prints processor time and time by the clock of what it names, in
// milliseconds, each without what it calls: means of the middle half of the pages. The rows of a peer add up to what is printed above them. Tracing adds
// a tenth; as many pages before them are timed without, as the bench does. COLD_FLAGS goes to V8, as `--liftoff-only` does. COLD_ALL=1 puts
// `//# allFunctionsCalledOnLoad` in front of each script, with which V8 compiles all of it before it runs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../e2e/browser.mjs';
import { bundle, open, serve } from './chromium.mjs';
import { median } from './measure.mjs';

const [pages = '11', ...given] = process.argv.slice(2);
const peers = given.length ? given : ['waft', 'growthbook'];
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, '../../target/bench');
const CATEGORIES = [
  ...['toplevel', 'v8', 'v8.wasm', 'v8.gc', 'blink', 'blink.user_timing', 'devtools.timeline', 'mojom', 'base'],
  ...['compile', 'wasm.detailed'].map((name) => `disabled-by-default-v8.${name}`),
];
/** Smaller ones are one row together. */
const SMALLEST = 0.05;
/** What no event covers. */
const NOTHING = '(nothing runs)';
const OTHER = '(all other)';

/** Self times between the marks by event: `{ processor, clock, count }`, in milliseconds. */
function selfTimes(events) {
  const [from, to] = ['cold:from', 'cold:to'].map((name) => events.find((event) => event.name === name));
  const own = events
    .filter(({ ph, pid, tid, ts, dur }) => ph === 'X' && pid === from.pid && tid === from.tid && ts + dur > from.ts && ts < to.ts)
    .sort((one, other) => one.ts - other.ts || other.dur - one.dur);
  const rows = new Map();
  const add = (name, processor, clock, count) => {
    const row = rows.get(name) ?? { processor: 0, clock: 0, count: 0 };
    rows.set(name, { processor: row.processor + processor / 1_000, clock: row.clock + clock / 1_000, count: row.count + count });
  };
  add(NOTHING, 0, to.ts - from.ts, 0);
  const callers = [];
  for (const { name, ts, dur, tts, tdur } of own) {
    const end = ts + dur;
    // Of what began before or ends after, the part between.
    const processor = Math.max(0, (end > to.ts ? to.tts : tts + tdur) - (ts < from.ts ? from.tts : tts)) || 0;
    const clock = Math.min(end, to.ts) - Math.max(ts, from.ts);
    while (callers.length && callers.at(-1).end <= ts) callers.pop();
    const caller = callers.at(-1);
    add(caller?.name ?? NOTHING, caller ? -processor : 0, -clock, 0);
    add(name, processor, clock, 1);
    callers.push({ name, end });
  }
  return rows;
}

/** The mean of the middle half. */
function middle(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.slice(Math.floor(sorted.length / 4), Math.ceil((3 * sorted.length) / 4));
  return half.reduce((sum, value) => sum + value, 0) / half.length;
}

function print(peer, all, untraced) {
  const names = [...new Set(all.flatMap((rows) => [...rows.keys()]))];
  const rows = names.map((name) => {
    const of = (part) => middle(all.map((page) => page.get(name)?.[part] ?? 0));
    return { name, processor: of('processor'), clock: of('clock'), count: of('count') };
  });
  const sum = (some, name) =>
    some.reduce((one, row) => ({ name, processor: one.processor + row.processor, clock: one.clock + row.clock, count: 0 }), {
      processor: 0,
      clock: 0,
    });
  const quarter = untraced.sort((one, other) => one - other)[untraced.length >> 2];
  console.log(`\n${peer}: ${median(untraced).toFixed(2)} ms without a trace (median), ${quarter.toFixed(2)} the quickest quarter`);
  const large = rows.filter(({ processor, clock }) => Math.max(processor, clock) >= SMALLEST).sort((one, other) => other.clock - one.clock);
  const small = rows.filter((row) => !large.includes(row));
  console.log(`${'processor'.padStart(9)} ${'clock'.padStart(6)} ${'times'.padStart(5)}`);
  for (const { name, processor, clock, count } of [sum(rows, peer), ...large, sum(small, OTHER)]) {
    console.log(
      `${processor.toFixed(2).padStart(9)} ${clock.toFixed(2).padStart(6)} ${String(Math.round(count) || '').padStart(5)} ${name}`,
    );
  }
}

if (!existsSync(join(folder, 'waft-1000'))) throw new Error('there are no rulesets: make bench first');
const { COLD_FLAGS, COLD_ALL } = process.env;
const ahead = COLD_ALL && { banner: { js: '//# allFunctionsCalledOnLoad' } };
for (const peer of peers) await bundle(here, join(here, 'peers', `${peer}.mjs`), join(folder, `cold-${peer}.js`), ahead);
const server = await serve(folder, {}, Object.fromEntries(peers.map((peer) => [`cold-${peer}`, peer === 'least' ? 'waft' : peer])));
const browser = await launch(COLD_FLAGS && { args: ['--no-sandbox', '--disable-gpu', `--js-flags=${COLD_FLAGS}`] });
try {
  const tracer = await browser.newBrowserCDPSession();
  let events = [];
  tracer.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  /** Self times of a page's first flag. */
  async function traced(page) {
    events = [];
    await tracer.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] } });
    const expression = `new Promise((resolve) => setTimeout(resolve, 5)).then(() => performance.mark('cold:from')).then(bench.firstFlagCold).then(() => performance.mark('cold:to'))`;
    await page.session.send('Runtime.evaluate', { expression, awaitPromise: true });
    const done = new Promise((resolve) => tracer.once('Tracing.tracingComplete', resolve));
    await tracer.send('Tracing.end');
    await done;
    return selfTimes(events);
  }
  const found = Object.fromEntries(peers.map((peer) => [peer, { traced: [], untraced: [] }]));
  const trust = JSON.parse(readFileSync(join(folder, 'keys/trust.json'), 'utf8'));
  for (let index = 0; index < 2 * Number(pages) * peers.length; index++) {
    const peer = peers[index % peers.length];
    const page = await open(browser, server.url, `cold-${peer}`);
    await page.call('prepare', trust, [1_000]);
    if (index < peers.length * Number(pages)) found[peer].untraced.push(await page.call('firstFlagCold'));
    else found[peer].traced.push(await traced(page));
    await page.close();
  }
  for (const peer of peers) print(peer, found[peer].traced, found[peer].untraced);
} finally {
  await browser.close();
  server.close();
}
process.exit();
