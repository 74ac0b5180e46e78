// The tables: printed, and written between the marks of docs/performance.md.
import { readFile, writeFile } from 'node:fs/promises';
import { best, FIGURES, keeps, limits } from './figures.mjs';

/** Prints the table of figures; its last line is `must: M of N met`. Writes the rest into a document, if one is named. */
export async function report(outcome, document) {
  const rows = FIGURES.map((figure) => row(figure, outcome.results));
  const met = FIGURES.filter((figure) => keeps(figure, outcome.results[figure.id].waft, limits(figure, outcome.results).must)).length;
  const head = ['figure', 'waft', 'best peer', 'waft is', 'must', 'goal', ''];
  const main = [head, ...rows];

  const others = outcome.names.filter((name) => name !== 'waft');
  const wide = (values, where) => [
    ['figure', 'waft', ...others],
    ...FIGURES.filter(({ where: places }) => places.some((place) => where.includes(place))).flatMap((figure) =>
      [figure, ...(figure.parts ?? [])].map(({ id, title }) => [
        title,
        ...['waft', ...others].map((name) => say(figure, values[id][name])),
      ]),
    ),
  ];
  const inChromium = wide(outcome.results, ['once', 'chromium', 'fresh']);
  const inNode = wide(outcome.inNode, ['node']);

  const last = `must: ${met} of ${FIGURES.length} met`;
  console.log(plain(main));
  console.log(`\nevery peer, Chromium ${outcome.chromium}\n`);
  console.log(plain(inChromium));
  console.log(`\nevery peer, Node ${outcome.node}\n`);
  console.log(plain(inNode));
  for (const note of outcome.notes) console.log(note);
  console.log(last);

  if (!document) return;
  const packages = Object.entries(outcome.packages).map(([name, version]) => `${name} ${version}`);
  const written = [
    `Written by \`make bench\` on ${outcome.date}: medians of ${outcome.rounds} rounds.`,
    `Chromium ${outcome.chromium}, Node ${outcome.node}; ${outcome.cores} cores; the load average was ${outcome.load.map((load) => load.toFixed(1)).join(' before and ')} at the end.`,
    `Peers: ${packages.join(', ')}.`,
    '',
    markdown(main),
    '',
    `${last}.`,
    '',
    '### Every peer in Chromium (`make bench`)',
    '',
    markdown(inChromium),
    '',
    '### Every peer in Node (`make bench`)',
    '',
    markdown(inNode),
    ...outcome.notes.flatMap((note) => ['', note]),
  ].join('\n');
  await fill(document, 'bench', written);
}

function row(figure, results) {
  const { id, title, form, more, scale } = figure;
  const { waft } = results[id];
  const [name, value] = best(figure, results[id]) ?? [];
  const { must, goal } = limits(figure, results);
  const verdict = waft === undefined ? 'not yet' : keeps(figure, waft, goal) ? 'goal' : keeps(figure, waft, must) ? 'must' : 'MISSED';
  const sign = more ? '>=' : '<=';
  const limit = (value) => (value === undefined ? `no ${scale.peer}` : `${sign} ${form(value)}`);
  return [
    title,
    say(figure, waft),
    name ? `${name} ${form(value)}` : '-',
    name && waft !== undefined ? ratio(more ? waft / value : value / waft) : '-',
    limit(must),
    limit(goal),
    verdict,
  ];
}

const say = ({ form, id }, value) => (value !== undefined ? form(value) : id === 'preview' ? 'not yet' : '-');
const ratio = (times) => (times >= 1 ? `${digits(times)} times better` : `${digits(1 / times)} times worse`);
const digits = (times) => (times < 10 ? times.toFixed(2) : times.toFixed(0));

export function plain(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join('  ');
  return rows.map(line).join('\n');
}

export function markdown([head, ...rows]) {
  return [head, head.map((_, column) => (column ? '--:' : '---')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Writes what `make TARGET` measured between its marks in a document. */
export async function fill(document, target, written) {
  const [from, to] = [`<!-- ${target}: from here on written by \`make ${target}\` -->`, `<!-- ${target}: to here -->`];
  const text = await readFile(document, 'utf8');
  const [before, after] = [text.indexOf(from), text.indexOf(to)];
  if (before < 0 || after < before) throw new Error(`${document} has no place between ${from} and ${to}`);
  await writeFile(document, `${text.slice(0, before)}${from}\n\n${written}\n\n${text.slice(after)}`);
}
