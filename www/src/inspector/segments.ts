/** Segments for marketing: in words, with this visitor, and over a file of visitors. */

import type { Preview, SegmentStory } from 'waft/studio';
import { h, panel, put } from '../dom.js';
import type { Session } from '../session.js';
import { step } from './trace.js';

/** The largest file that is read in the page, in bytes. */
const FILE_BYTES = 50 << 20;
/** The longest text that is counted from the text field, in characters: larger ones make browsers slow to show it. */
const PASTED = 2 << 20;

export function segmentsPanel(session: Session): HTMLElement {
  const list = h('ul', { class: 'segments' });
  const state = h('p', { class: 'note', role: 'status', 'aria-live': 'polite' });
  let preview: Preview | undefined;
  let stories: readonly SegmentStory[] = [];

  const show = (): void =>
    put(
      list,
      stories.map((story) => item(story, preview)),
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

  async function count(name: string, read: () => Promise<string>): Promise<void> {
    const { bytes, trust } = session;
    if (!bytes) return;
    put(state, `Counting ${name}…`);
    // The words are shown before the work starts.
    await new Promise((resolve) => setTimeout(resolve, 30));
    try {
      const csv = await read();
      const started = performance.now();
      const counted = (await session.studio()).preview({ snapshot: bytes, trust, csv });
      if (counted.error) return put(state, h('span', { class: 'alert', role: 'alert' }, `${name}: ${counted.error}`));
      preview = counted;
      const took = Math.max(1, Math.round(performance.now() - started));
      const ignored = counted.ignored.length > 0 ? ` Not used: ${counted.ignored.join(', ')}.` : '';
      put(state, `${counted.rows.toLocaleString('en')} visitors of ${name} in ${took} ms.${ignored}`);
      show();
    } catch (error) {
      put(state, h('span', { class: 'alert', role: 'alert' }, `${name}: ${(error as Error).message}`));
    }
  }

  const fromFile = (file: File | undefined): void => {
    if (!file) return;
    if (file.size > FILE_BYTES)
      return put(state, h('span', { class: 'alert' }, `${file.name}: larger than 50 MB; count it with a part of its rows`));
    void count(file.name, () => file.text());
  };
  const sample = async (): Promise<string> => {
    const response = await fetch(new URL('./visitors.csv', document.baseURI));
    if (!response.ok) throw new Error('the sample is not here');
    return response.text();
  };
  const paste = h('textarea', { id: 'csv', rows: '3', placeholder: 'visitorId,country,plan\nv1,DE,member', spellcheck: 'false' });
  const countPasted = (): void => {
    if (paste.value.length > PASTED)
      return put(state, h('span', { class: 'alert' }, 'That is a lot for a text field: save it as a file, and choose that.'));
    void count('what was pasted', async () => paste.value);
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
    h('p', {}, h('strong', {}, 'How many are in each?'), ' Drop a CSV of visitors here; it stays in this browser.'),
    h(
      'div',
      { class: 'row' },
      h(
        'button',
        { type: 'button', id: 'sample', class: 'button', click: () => void count('the sample', sample) },
        'Use the sample of 5,000',
      ),
      h(
        'label',
        { class: 'button quiet' },
        'Choose a file',
        h('input', {
          type: 'file',
          accept: '.csv,text/csv',
          class: 'hidden',
          change: (event) => fromFile((event.target as HTMLInputElement).files?.[0]),
        }),
      ),
    ),
    h('label', { for: 'csv', class: 'note' }, 'Or paste it'),
    paste,
    h('button', { type: 'button', class: 'button quiet', click: countPasted }, 'Count what I pasted'),
  );
  session.watch(() => void tell());
  return panel('segments', 'Audiences', list, drop, state);
}

function item(story: SegmentStory, preview: Preview | undefined): HTMLElement {
  const { name, title, words, matches, why } = story;
  const counted = preview?.segments.find((segment) => segment.name === name);
  const share = counted && preview ? (counted.matches / Math.max(1, preview.rows)) * 100 : 0;
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
      counted && h('span', { class: 'count' }, `${counted.matches.toLocaleString('en')} (${share.toFixed(1)} %)`),
    ),
    h('p', {}, `${words.charAt(0).toUpperCase()}${words.slice(1)}.`),
    counted && h('meter', { min: '0', max: '100', value: share, 'aria-label': `share of ${title ?? name}` }),
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
