// The tables: printed, and written between the marks of docs/performance.md.
import { fill, markdown, plain } from '../bench/report.mjs';
import { median } from '../bench/measure.mjs';
import { MUSTS } from './figures.mjs';
import { ABSENT } from './pages.mjs';

const ms = (value) => `${Math.round(value).toLocaleString('en')} ms`;
const kB = (value) => `${(value / 1_000).toFixed(1)} kB`;
const times = (value) => value.toFixed(2);

/** Prints the tables; the last line is `must: M of N met`. Writes them into a document, if one is named. */
export async function report({ counts, measured, judged, notes, rounds, chromium, load, versions, date }, document) {
  const musts = [['page', 'flags', 'waft', 'GrowthBook', 'ratio', 'spread', 'must', 'goal', '']];
  let met = 0;
  for (const count of counts) {
    for (const must of MUSTS) {
      const { mine, other, ratio, spread, verdict, isMet, rounds: again } = judged.get(must)?.get(count) ?? {};
      if (isMet) met++;
      musts.push([
        must.title,
        String(count),
        mine ? ms(mine) : '-',
        other ? ms(other) : '-',
        ratio ? times(ratio) : '-',
        spread ? spread.map(times).join(' to ') : '-',
        `<= ${times(must.must)}`,
        `<= ${times(must.goal)}`,
        `${verdict ?? 'not yet'}${again ? ` (${again} rounds)` : ''}`,
      ]);
    }
  }
  const all = [['page', 'flags', 'first view', 'requests', 'bytes', 'second view', 'requests', 'bytes']];
  for (const count of counts) {
    for (const [id, views] of Object.entries(measured[count])) {
      const { first, second, sizes } = views;
      const cells = [
        [first, sizes.first],
        [second, sizes.second],
      ].flatMap(([times, { requests, bytes }]) => [ms(median(times)), String(requests), kB(bytes)]);
      all.push([id, String(count), ...cells]);
    }
  }
  const last = `must: ${met} of ${MUSTS.length * counts.length} met`;
  for (const text of [plain(musts), '', plain(all), '', ...notes, ...ABSENT, last]) console.log(text);
  if (!document) return;
  const written = [
    `Written by \`make bench-page\` on ${date}: medians of ${rounds} interleaved rounds, spread is the middle half of the rounds' own ratios.`,
    `Chromium ${chromium}; the load average was ${load.map((value) => value.toFixed(1)).join(' before and ')} at the end.`,
    `Peers: ${versions.join(', ')}.`,
    '',
    markdown(musts),
    '',
    `${last}.`,
    '',
    markdown(all),
    ...[...notes, ...ABSENT].flatMap((note) => ['', note]),
  ].join('\n');
  await fill(document, 'bench-page', written);
}
