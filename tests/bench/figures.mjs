// The figures of docs/performance.md: what is asked of each, and how a measurement is put in words.

const bytes = (value) => (value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(2)} MB`);
const ms = (value) => `${value < 1 ? value.toFixed(3) : value < 100 ? value.toFixed(2) : value.toFixed(0)} ms`;
const us = (value) => `${value.toFixed(1)} us`;
const ns = (value) => `${value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ns`;
const millions = (value) => `${value < 10 ? value.toFixed(3) : value.toFixed(1)} M/s`;

/**
 * `must` and `goal` are limits, upper ones unless `more`. Machines differ, and one machine from hour to hour: a limit of time holds where
 * `peer` takes `takes`, and is scaled by what that takes in the same run, of the same figure or of `of`. `where`: `chromium` and `node` are
 * measured in rounds by the member of measure.mjs that is named like the figure, or by `call`; `fresh` in a new page each round; `once` needs
 * no rounds. `parts` are measured alongside, and nothing is asked of them.
 */
export const FIGURES = [
  { id: 'page', title: 'minimal page, engine inside, minified, brotli 11', form: bytes, must: 30_000, goal: 28_500, where: ['once'] },
  { id: 'raw', title: '1,000 flags on the wire, raw', form: bytes, must: 125_000, goal: 100_000, where: ['once'] },
  { id: 'brotli', title: '1,000 flags on the wire, brotli 11', form: bytes, must: 7_200, goal: 5_000, where: ['once'] },
  {
    id: 'warm1000',
    title: 'bytes in memory to first flag, 1,000 flags, warm',
    form: ms,
    must: 1.2,
    goal: 0.8,
    scale: { peer: 'GrowthBook', takes: 2.1 },
    call: ['firstFlag', 1_000],
    times: 3,
    where: ['chromium', 'node'],
  },
  {
    id: 'warm10000',
    title: 'the same, 10,000 flags',
    form: ms,
    must: 2.5,
    goal: 1.5,
    scale: { peer: 'GrowthBook', takes: 22 },
    call: ['firstFlag', 10_000],
    where: ['chromium', 'node'],
  },
  {
    id: 'cold1000',
    title: 'the same, 1,000 flags, cold page, nothing called before',
    form: ms,
    must: 10,
    goal: 8,
    scale: { peer: 'GrowthBook', takes: 8 },
    where: ['fresh'],
  },
  {
    id: 'repeatedRead',
    title: 'repeated read',
    form: ns,
    must: 30,
    goal: 15,
    scale: { peer: 'flagd', takes: 1_464 },
    where: ['chromium', 'node'],
  },
  {
    id: 'newContext',
    title: 'new context (4 strings, a number), then one flag',
    form: ns,
    must: 850,
    goal: 500,
    scale: { peer: 'Amplitude', takes: 1_888 },
    where: ['chromium', 'node'],
  },
  {
    id: 'allFlags',
    title: 'all 1,000 flags for one context',
    form: ms,
    must: 0.12,
    goal: 0.08,
    scale: { peer: 'Amplitude', takes: 1.9 },
    where: ['chromium', 'node'],
  },
  {
    id: 'firstExposure',
    title: 'first read with its exposure recorded',
    form: us,
    must: 40,
    goal: 20,
    // No peer records one. How long the browser takes to store it says how fast the machine is.
    scale: { peer: 'waft', of: 'firstExposureStorage', takes: 14 },
    where: ['chromium'],
    parts: [
      { id: 'firstExposureStorage', title: 'of it localStorage.setItem', call: ['firstExposure', 'storage'] },
      { id: 'firstExposureMean', title: 'the same, mean in place of the middle half', call: ['firstExposure', 'mean'] },
      { id: 'firstExposureTask', title: 'the same, each read in a task of its own', call: ['firstExposure', 'task'] },
    ],
  },
  {
    id: 'preview',
    title: 'preview: one flag over 100,000 loaded users',
    form: millions,
    must: 25,
    goal: 50,
    more: true,
    scale: { peer: 'flagd', takes: 0.7 },
    // Peers leave the collector much to do, which has the cores for some time.
    pause: 300,
    where: ['chromium', 'node'],
  },
  {
    id: 'memory',
    title: 'memory: wasm + JS heap growth, 1,000 flags',
    form: bytes,
    // 0.45 MB, and the engine's text, which the page holds from its first line on.
    must: 550_000,
    goal: 300_000,
    where: ['fresh'],
    parts: [
      { id: 'memoryOneFlag', title: 'the same, before all are read' },
      { id: 'memoryWasm', title: 'of it WebAssembly' },
    ],
  },
];

/** What is asked of a figure in a run, by `results`: `must` and `goal`, scaled. Undefined where the peer to scale by did not run. */
export function limits({ id, must, goal, scale }, results) {
  if (!scale) return { must, goal };
  const { peer, of = id, takes } = scale;
  const factor = results[of][peer] / takes;
  return factor ? { must: must * factor, goal: goal * factor } : {};
}

/** Whether a value keeps a limit. */
export const keeps = ({ more }, value, limit) => value !== undefined && limit !== undefined && (more ? value >= limit : value <= limit);

/** The peer other than waft that is best at something, and its value. */
export function best({ more }, values) {
  const others = Object.entries(values).filter(([name, value]) => name !== 'waft' && value !== undefined);
  return others.sort(([, one], [, other]) => (more ? other - one : one - other))[0];
}
