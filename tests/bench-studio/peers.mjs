// The same file and questions by hand, in JavaScript, and by GrowthBook's SDK; in a worker each, too.
import { GrowthBook } from '@growthbook/growthbook';

let columns;
let names;
/** Columns of numbers into dictionaries, as the engine has them. */
async function load(file) {
  const started = performance.now();
  const text = await file.text();
  let from = text.indexOf('\n') + 1;
  names = text.slice(0, from - 1).split(',');
  columns = names.map(() => ({ of: new Uint32Array(1_000_000), texts: [], numbers: new Map() }));
  let row = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    let at = from;
    for (let place = 0; place < columns.length; place++) {
      let stop = text.indexOf(',', at);
      if (stop < 0 || stop > end) stop = end;
      const field = text.slice(at, stop);
      const column = columns[place];
      let number = column.numbers.get(field);
      if (number === undefined) {
        number = column.texts.push(field) - 1;
        column.numbers.set(field, number);
      }
      column.of[row] = number;
      at = stop + 1;
    }
    row++;
    from = end + 1;
  }
  return { took: performance.now() - started, rows: row };
}

const column = (name) => columns[names.indexOf(name)];
/** What a test says of each text: 0 false, 1 unknown, 2 true. */
const table = (name, test) => Uint8Array.from(column(name).texts, (text) => (text === '' ? 1 : test(text) ? 2 : 0));

function wide(orders) {
  const started = performance.now();
  const version = (text) => text.split('.').reduce((sum, part) => sum * 1_000 + Number(part), 0);
  const tests = [
    ['country', (text) => ['DE', 'FR', 'NL'].includes(text)],
    ['plan', (text) => text === 'member'],
    ['orders', (text) => Number(text) >= orders],
    ['newsletter', (text) => text === 'true'],
    ['appVersion', (text) => version(text) >= 2_003_000],
    ['country', (text) => text.startsWith('S')],
    ['plan', (text) => text !== 'guest'],
    ['signedUpAt', (text) => text > '2024-06-01'],
    ['tags', (text) => text.split('|').includes('wool')],
    ['orders', (text) => Number(text) < 40],
  ];
  const [a, b, c, d, e, f, g, h, i, j] = tests.map(([name, test]) => table(name, test));
  const [country, plan, number, mail, app, date, tags] = [
    'country',
    'plan',
    'orders',
    'newsletter',
    'appVersion',
    'signedUpAt',
    'tags',
  ].map((name) => column(name).of);
  const counts = [0, 0, 0];
  for (let row = 0; row < country.length; row++) {
    const one = Math.min(a[country[row]], b[plan[row]], c[number[row]], d[mail[row]], e[app[row]]);
    const other = Math.min(f[country[row]], g[plan[row]], h[date[row]], i[tags[row]], j[number[row]]);
    counts[Math.max(one, other)]++;
  }
  return { took: performance.now() - started, counts };
}

function pattern() {
  const started = performance.now();
  const test = /^visitor-0[a-f0-9]+[13579]$/;
  const of = table('visitorId', (text) => test.test(text));
  let matches = 0;
  for (const number of column('visitorId').of) matches += of[number] === 2 ? 1 : 0;
  return { took: performance.now() - started, matches };
}

/** Rules by column, and who is drawn by lot by a hash of 32 bits. */
function flag() {
  const started = performance.now();
  const crew = table('plan', (text) => text === 'crew');
  const some = table('country', (text) => ['DE', 'FR', 'NL', 'GB'].includes(text));
  const [plan, country, id, ids] = [column('plan').of, column('country').of, column('visitorId').of, column('visitorId').texts];
  let on = 0;
  for (let row = 0; row < plan.length; row++) {
    if (crew[plan[row]] === 2) on++;
    else if (some[country[row]] === 2) {
      const text = ids[id[row]];
      let hash = 2_166_136_261;
      for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
      on += hash >>> 31;
    }
  }
  return { took: performance.now() - started, on };
}

/** A context a row, a decision each. */
function growthbook() {
  const started = performance.now();
  const features = {
    cta: {
      defaultValue: false,
      rules: [
        { condition: { plan: 'crew' }, force: true },
        { condition: { country: { $in: ['DE', 'FR', 'NL', 'GB'] } }, key: 'cta', hashAttribute: 'visitorId', variations: [true, false] },
      ],
    },
  };
  const peer = new GrowthBook({ features, attributes: {} });
  const [plan, country, id] = ['plan', 'country', 'visitorId'].map(column);
  let on = 0;
  for (let row = 0; row < plan.of.length; row++) {
    // Its own way for many contexts is slower: setAttributes renders.
    peer._options.attributes = { visitorId: id.texts[id.of[row]], plan: plan.texts[plan.of[row]], country: country.texts[country.of[row]] };
    if (peer.evalFeature('cta').on) on++;
  }
  return { took: performance.now() - started, on };
}

const members = { load: ({ file }) => load(file), wide: ({ orders }) => wide(orders), pattern, flag, growthbook };
addEventListener('message', async ({ data: { member, ...question } }) => {
  try {
    postMessage(await members[member](question));
  } catch (error) {
    postMessage({ error: error.stack });
  }
});
