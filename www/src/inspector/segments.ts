/** Segments for marketing: in words, with this visitor, and over a file of visitors. */

import type { PopulationCount, SegmentCount, SegmentStory } from 'waft/workbench';
import { checked } from '../audience/report.js';
import { type Choices, type Outcome, reader } from '../audience/reader.js';
import { h, panel, put } from '../dom.js';
import { ATTRIBUTES } from '../personas.js';
import type { Session } from '../session.js';
import { step } from './trace.js';

/** The longest text that is counted from the text field, in characters: larger ones make browsers slow to show it. */
const PASTED = 2 << 20;
const NOTHING: Choices = { columns: {}, forms: {} };
const number = (count: number): string => count.toLocaleString('en');

export function segmentsPanel(session: Session): HTMLElement {
  const list = h('ul', { class: 'segments' });
  const state = h('p', { class: 'note', id: 'file-state', role: 'status', 'aria-live': 'polite' });
  const meter = h('progress', { max: '1', value: '0', 'aria-label': 'How much of the file is read' });
  const stopping = h('button', { type: 'button', id: 'file-stop', class: 'button quiet', click: () => stop() }, 'Stop');
  const going = h('div', { class: 'row', hidden: true }, meter, stopping);
  const report = h('div', {});
  let preview: PopulationCount | undefined;
  let sampled = false;
  let stories: readonly SegmentStory[] = [];
  /** The file in hand: what an answer to an earlier one says is not shown. */
  let current: Blob | undefined;
  const enums = Object.fromEntries(Object.entries(ATTRIBUTES).flatMap(([name, { values }]) => (values ? [[name, values]] : [])));
  const files = reader(session, enums, (share, rows) => {
    going.hidden = false;
    meter.value = share;
    put(state, `${number(rows)} people read, ${Math.round(share * 100)} % of the file.`);
  });

  const show = (): void =>
    put(
      list,
      stories.map((story) => item(story, preview, sampled)),
    );

  async function tell(): Promise<void> {
    const { bytes, trust, context } = session;
    if (!bytes) return put(state, 'No snapshot is at hand.');
    try {
      stories = (await session.studio()).segments({ snapshot: bytes, trust, context });
      show();
    } catch (error) {
      put(state, `Segments cannot be told: ${(error as Error).message}`);
    }
  }

  async function count(name: string, file: Blob, choices: Choices = NOTHING): Promise<void> {
    current = file;
    put(state, `Reading ${name}…`);
    await tellOutcome(name, file, choices, () => files.read(file, choices));
  }

  /** Shows what comes of asking for a file, unless it was stopped or another came. */
  async function tellOutcome(name: string, file: Blob, choices: Choices, ask: () => Promise<Outcome | undefined>): Promise<void> {
    try {
      const outcome = await ask();
      if (!outcome || current !== file) return;
      preview = outcome.counted;
      sampled = outcome.report.sampledFrom !== undefined;
      const took = outcome.took < 1_000 ? `${Math.max(1, Math.round(outcome.took))} ms` : `${(outcome.took / 1_000).toFixed(1)} s`;
      put(state, `${number(outcome.report.rows)} visitors of ${name} in ${took}.`);
      const attributes = [...outcome.report.columns.flatMap(({ attribute }) => attribute ?? []), ...outcome.report.missing].sort();
      const lists = absent(outcome, (chosen) => void tellOutcome(name, file, choices, () => files.lists(chosen)));
      put(
        report,
        checked(outcome.report, attributes, choices, (next) => void count(name, file, next)),
        lists,
      );
    } catch (error) {
      if (current !== file) return;
      preview = undefined;
      put(report);
      const { code = '', message } = error as Error & { code?: string };
      put(state, h('span', { class: 'alert', role: 'alert', 'data-code': code }, `${name}: ${message}`));
    }
    going.hidden = true;
    show();
  }

  function stop(): void {
    current = undefined;
    files.stop();
    going.hidden = true;
    put(state, 'Stopped. Nothing of the file was kept.');
  }

  const fromFile = (file: File | undefined): void => {
    if (file) void count(file.name, file);
  };
  const sample = async (): Promise<void> => {
    const response = await fetch(new URL('./visitors.csv', document.baseURI)).catch(() => undefined);
    if (!response?.ok) return put(state, h('span', { class: 'alert', role: 'alert' }, 'The sample is not here: use a file of your own.'));
    await count('the sample', await response.blob());
  };
  const paste = h('textarea', { id: 'csv', rows: '3', placeholder: 'visitorId,country,plan\nv1,DE,member', spellcheck: 'false' });
  const countPasted = (): void => {
    if (paste.value.length > PASTED)
      return put(state, h('span', { class: 'alert' }, 'That is a lot for a text field: save it as a file, and choose that.'));
    void count('what was pasted', new Blob([paste.value]));
  };
  const drop = h(
    'div',
    {
      class: 'drop',
      dragover: (event) => {
        event.preventDefault();
        drop.classList.add('over');
      },
      dragleave: () => drop.classList.remove('over'),
      drop: (event) => {
        event.preventDefault();
        drop.classList.remove('over');
        fromFile((event as DragEvent).dataTransfer?.files[0]);
      },
    },
    h('p', {}, h('strong', {}, 'How many are in each?'), ' Drop a CSV or JSON of visitors here; it stays in this browser.'),
    h(
      'div',
      { class: 'row' },
      h('button', { type: 'button', id: 'sample', class: 'button', click: () => void sample() }, 'Use the sample of 5,000'),
      h(
        'label',
        { class: 'button quiet' },
        'Choose a file',
        h('input', {
          type: 'file',
          accept: '.csv,.tsv,.txt,.json,.ndjson,.jsonl,text/csv,application/json',
          class: 'hidden',
          change: (event) => {
            const input = event.target as HTMLInputElement;
            fromFile(input.files?.[0]);
            // The same file may be chosen again, once it was changed.
            input.value = '';
          },
        }),
      ),
    ),
    h('label', { for: 'csv', class: 'note' }, 'Or paste it'),
    paste,
    h('button', { type: 'button', class: 'button quiet', click: countPasted }, 'Count what I pasted'),
  );
  session.watch(() => void tell());
  return panel('segments', 'Audiences', list, drop, state, going, report);
}

function item(story: SegmentStory, preview: PopulationCount | undefined, sampled: boolean): HTMLElement {
  const { name, title, words, matches, why } = story;
  const counted = preview?.segments.find((segment) => segment.name === name);
  const rows = Math.max(1, preview?.rows ?? 0);
  const share = ((counted?.matches ?? 0) / rows) * 100;
  const unknown = ((counted?.unknown ?? 0) / rows) * 100;
  return h(
    'li',
    {
      'data-segment': name,
      'data-matches': String(matches),
      'data-rows': preview?.rows,
      'data-matched': counted?.matches,
      'data-missed': counted?.misses,
      'data-unknown': counted?.unknown,
    },
    h(
      'div',
      { class: 'segment-head' },
      step(matches, h('strong', {}, title ?? name)),
      counted && preview && h('span', { class: 'count' }, size(counted, preview.rows, share, sampled)),
    ),
    h('p', {}, `${words.charAt(0).toUpperCase()}${words.slice(1)}.`),
    counted &&
      h(
        'div',
        { class: 'sizes', role: 'img', 'aria-label': `${share.toFixed(1)} % in ${title ?? name}, ${unknown.toFixed(1)} % not known` },
        h('span', { class: 'in', style: `width: ${share}%` }),
        h('span', { class: 'unknown', style: `width: ${unknown}%` }),
      ),
    counted && counted.unknown > 0 && h('p', { class: 'note unknown' }, unknownOf(counted, preview?.rows ?? 0)),
    h(
      'details',
      {},
      h('summary', {}, 'Why'),
      h(
        'ul',
        { class: 'trace' },
        why.map(({ words, note, result }) => h('li', {}, step(result, words, note && h('em', {}, note)))),
      ),
    ),
  );
}

/** How many are in it. Where nothing is known of anybody, no number is a size. */
function size({ matches, unknown }: SegmentCount, rows: number, share: number, sampled: boolean): string {
  if (rows > 0 && unknown === rows) return 'not known';
  if (matches === 0 && unknown > 0) return 'none that is known';
  // A number of a sample is nobody's number of people.
  return sampled ? `${share.toFixed(1)} % of a sample` : `${number(matches)} (${share.toFixed(1)} %)`;
}

/** Of how many it is not known, and why. */
function unknownOf({ unknown, lacks, absent }: SegmentCount, rows: number): string {
  const many = unknown === rows ? 'all' : number(unknown);
  const causes = [
    lacks.length > 0 && `the file has no column ${lacks.join(', ')}`,
    absent.length > 0 && `the list ${absent.join(', ')} is not here`,
  ].filter(Boolean);
  const why = causes.length > 0 ? causes.join('; ') : 'an attribute is missing or of another type';
  return `Not known of ${many}: ${why}.`;
}

/** Asks for the list files that segments need, which lie beside the snapshot. */
function absent({ counted, refused }: Outcome, give: (files: File[]) => void): HTMLElement | false {
  const names = [...new Set(counted.segments.flatMap(({ absent }) => absent))].sort();
  if (names.length === 0 && refused.length === 0) return false;
  const change = (event: Event): void => give([...((event.target as HTMLInputElement).files ?? [])]);
  return h(
    'div',
    { class: 'caution', id: 'file-lists' },
    refused.length > 0 && h('p', {}, `Not a list of these rules: ${refused.join(', ')}. Choose the file beside the snapshot.`),
    names.length > 0 && h('p', {}, `Who is in ${names.join(', ')} is not known without the list’s file.`),
    names.length > 0 &&
      h('label', { class: 'button quiet' }, 'Choose list files', h('input', { type: 'file', multiple: true, class: 'hidden', change })),
  );
}
