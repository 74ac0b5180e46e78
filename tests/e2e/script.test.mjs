// `waft.iife.js` in Chromium: by one element, wherever it is in the head, of a page of another charset, under a strict policy, and absent.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { EVERYBODY, startOrigin, until } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const dist = (name) => readFileSync(new URL(`../../pkg/dist/${name}`, import.meta.url));
const [SCRIPT, STUB] = ['waft.iife.js', 'waft.stub.js'].map(dist);
const INTEGRITY = JSON.parse(dist('waft.integrity.json'));

const RULES = {
  ...EVERYBODY,
  attributes: { ...EVERYBODY.attributes, country: 'string', age: 'number', path: 'string', device: 'string' },
  flags: {
    ...EVERYBODY.flags,
    told: {
      type: 'boolean',
      whenOff: 'off',
      default: 'off',
      rules: [
        {
          id: 'all-four',
          if: { all: [{ country: { is: 'DE' } }, { age: { gte: 18 } }, { path: { is: '/' } }, { device: { is: 'desktop' } }] },
          serve: 'on',
        },
      ],
    },
  },
};

/** Each frame's time, and what is seen of the heading; and what functions that were pushed saw. */
const WATCH = `<script NONCE>
  self.frames = [];
  self.ran = [];
  const watch = () => {
    const hero = document.querySelector('h1');
    if (hero) frames.push({ at: performance.now(), seen: getComputedStyle(hero).visibility === 'visible', text: hero.textContent });
    requestAnimationFrame(watch);
  };
  watch();
  (self.waft ??= []).push((client) => ran.push(['before', client.getBooleanDetails('test', false).reason]));
</script>`;
/** What shows the flag, at the end of the body. */
const SHOW = `<script NONCE>
  (self.waft ??= []).push((client) => {
    ran.push(['after', client.status().code ?? 'fine']);
    document.querySelector('h1').textContent = String(client.getBooleanValue('test', false));
  });
</script>`;
const SETTINGS = `data-snapshot="/snapshot.waft" data-trust="#trust" data-endpoint="/v1/logs" data-visitor="visitorId"`;

/** A page of windows-1252: a euro sign is one byte. */
const pageOf = (head, { body = '', nonce = '' } = {}) =>
  Buffer.from(
    `<!doctype html><html><head><meta charset="windows-1252"><link rel="icon" href="data:,"><title>5 \x80</title>
    ${WATCH}<script type="application/json" id="trust" NONCE>TRUST</script>${head}</head>
    <body><p>always</p><h1>the page's own</h1>${body}${SHOW}</body></html>`.replaceAll(' NONCE', nonce && ` nonce="${nonce}"`),
    'latin1',
  );

async function start(t, html) {
  const origin = await startOrigin(t, RULES);
  Object.assign(origin.files, {
    '/waft.iife.js': SCRIPT,
    '/': Buffer.from(html.toString('latin1').replace('TRUST', origin.files['/trust.json']), 'latin1'),
  });
  return origin;
}

async function open(t, origin, path = '/') {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.problems = [];
  page.warned = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  page.on('console', (message) => ({ error: page.problems, warning: page.warned })[message.type()]?.push(message.text()));
  await page.goto(`${origin.url}${path}`, { waitUntil: 'commit' });
  return page;
}

const ran = async (page, count = 2) => {
  await page.waitForFunction((count) => globalThis.ran?.length >= count, count);
  return page.evaluate(() => globalThis.ran);
};
const frames = (page) => page.evaluate(() => globalThis.frames);
/** When the heading was seen first, in milliseconds; what it said. */
const firstSeen = async (page) => (await page.waitForFunction(() => globalThis.frames?.find(({ seen }) => seen))).jsonValue();

const stub = (attributes) => `<script NONCE ${attributes}>${STUB}</script>`;
const tag = (attributes) => `<script NONCE ${attributes} src="/waft.iife.js"></script>`;
/** One element alone; and, where the parser does not wait for it, a stub that hides. */
const WAYS = {
  plain: (hides) => tag(`${SETTINGS} ${hides}`),
  defer: (hides) => stub(hides) + tag(`defer ${SETTINGS}`),
  async: (hides) => stub(hides) + tag(`async ${SETTINGS}`),
  both: (hides) => stub(hides) + tag(`async defer ${SETTINGS}`),
};

for (const [way, head] of Object.entries(WAYS)) {
  test(`${way}, in the head of a page of windows-1252: decides, runs what was pushed, exposes once; nobody sees the change`, async (t) => {
    const origin = await start(t, pageOf(head('data-antiflicker="h1" data-antiflicker-max="2000"')));
    const page = await open(t, origin);
    assert.deepEqual(await ran(page), [
      ['before', 'SPLIT'],
      ['after', 'fine'],
    ]);
    assert.deepEqual(await page.evaluate(() => [document.characterSet, document.title]), ['windows-1252', '5 €']);
    const { text } = await firstSeen(page);
    assert.match(text, /^(true|false)$/);
    await page.evaluate(() => void globalThis.waft.push((client) => (globalThis.kept = client)));
    // Later ones are called at once.
    assert.equal(
      await page.evaluate(() => {
        let isNow = false;
        globalThis.waft.push((client) => (isNow = client === globalThis.kept));
        return isNow;
      }),
      true,
    );
    await page.evaluate(() => globalThis.kept.flush());
    await until(() => origin.records.length);
    const [{ name, value }] = await page.context().cookies();
    assert.deepEqual([name, origin.records.length, origin.records[0]['feature_flag.context.id']], ['waft-visitor', 1, value]);
    assert.deepEqual([page.problems, page.warned], [[], []]);
  });

  test(`${way}: rules that never come do not hide longer than the maximum, and only what is named`, async (t) => {
    const origin = await start(t, pageOf(head('data-antiflicker="h1"')));
    origin.held = (url) => url === '/snapshot.waft' && 'never';
    const page = await open(t, origin);
    const { at, text } = await firstSeen(page);
    const seen = await frames(page);
    assert.equal(seen[0].seen, false);
    // The machine may be busy.
    assert.ok(at > seen[0].at && at - seen[0].at < 1_500, `${at - seen[0].at} ms`);
    assert.equal(text, "the page's own");
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('p')).visibility), 'visible');
    assert.deepEqual(await ran(page), [
      ['before', 'ERROR'],
      ['after', 'UNREACHABLE'],
    ]);
    assert.deepEqual(page.problems, []);
  });
}

for (const [what, held] of Object.entries({ 'not there': 'absent', 'never answered': 'never' })) {
  test(`a script that is ${what}: shown at the maximum`, async (t) => {
    const origin = await start(t, pageOf(WAYS.async('data-antiflicker="h1"')));
    origin.held = (url) => url === '/waft.iife.js' && held;
    const page = await open(t, origin);
    const { at, text } = await firstSeen(page);
    const [{ at: since, seen }] = await frames(page);
    assert.deepEqual([seen, text], [false, "the page's own"]);
    assert.ok(at - since < 1_500, `${at - since} ms`);
    assert.deepEqual(await page.evaluate(() => [globalThis.ran.length, globalThis.waft.length]), [0, 2]);
  });
}

test('a strict policy with a nonce, and integrity: all works, and the policy has nothing to tell', async (t) => {
  const integrity = `integrity="${INTEGRITY['waft.iife.js']}" crossorigin`;
  const head = stub('data-antiflicker="h1" data-antiflicker-max="2000"') + tag(`async ${SETTINGS} ${integrity}`);
  const origin = await start(t, pageOf(head, { nonce: 'n0nce' }));
  const policy =
    "default-src 'none'; img-src data:; script-src 'nonce-n0nce' 'wasm-unsafe-eval'; style-src 'nonce-n0nce'; connect-src 'self'";
  origin.headers = { 'content-security-policy': `${policy}; require-trusted-types-for 'script'; trusted-types 'none'` };
  const page = await open(t, origin);
  assert.deepEqual((await ran(page))[1], ['after', 'fine']);
  assert.match((await firstSeen(page)).text, /^(true|false)$/);
  assert.equal((await frames(page))[0].seen, false);
  assert.deepEqual([page.problems, page.warned], [[], []]);
  // Another script than the one that was meant.
  origin.files['/waft.iife.js'] = Buffer.concat([SCRIPT, Buffer.from(' ')]);
  const other = await open(t, origin);
  await until(() => other.problems.length);
  assert.match(other.problems[0], /integrity/);
  assert.equal((await firstSeen(other)).text, "the page's own");
});

test('a policy that names the stub by its hash runs it; without a nonce for styles nothing is hidden', async (t) => {
  const html = pageOf(`<script>${STUB}</script>${tag(`async ${SETTINGS}`)}`);
  const hashes = [...html.toString('latin1').matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text);
  assert.equal(hashes.filter((text) => text === STUB.toString()).length, 1);
  const origin = await start(t, Buffer.from(`<!doctype html><link rel="icon" href="data:,"><script>${STUB}</script>`));
  origin.headers = { 'content-security-policy': `script-src '${INTEGRITY['waft.stub.js']}'` };
  const page = await open(t, origin);
  await page.waitForFunction(() => Array.isArray(globalThis.waft));
  assert.deepEqual(page.problems, []);
});

test('trust by its URL; a context, attributes, and a preview token from the address', async (t) => {
  const context = `data-context='{ "country": "DE", "age": 18 }' data-attributes="url device" data-preview="shown"`;
  const address = "<script>history.replaceState(null, '', '/?shown=nonsense')</script>";
  const origin = await start(t, pageOf(address + tag(`async ${SETTINGS.replace('#trust', '/trust.json')} ${context}`)));
  const page = await open(t, origin);
  await ran(page);
  const told = () =>
    page.evaluate(async () => {
      const client = await globalThis.waft.client;
      return [client.getBooleanDetails('told', false).reason, client.status().preview];
    });
  assert.deepEqual(await told(), ['TARGETING_MATCH', 'MALFORMED']);
});

test('what cannot be read is told, as the client tells; nothing throws', async (t) => {
  const cases = {
    'data-trust="/absent.json"': ['INVALID_TRUST', /data-trust/],
    'data-trust="#absent"': ['INVALID_TRUST', /data-trust/],
    'data-trust="{"': ['INVALID_TRUST', /data-trust/],
    'data-trust="#trust" data-context="{country: DE}"': ['INVALID_OPTION', /data-context/],
    'data-trust="#trust" data-context="/snapshot.waft"': ['INVALID_OPTION', /data-context/],
    'data-trust="#trust" data-consent="perhaps" data-endpoint="/v1/logs"': ['INVALID_EXPOSURES', /consent/],
    'data-trust="#trust" data-antiflicker="h1"': [undefined, /data-antiflicker/],
    'data-trust="#trust" data-timeout="2s"': ['INVALID_OPTION', /data-timeout/],
    'data-trust="#trust" data-attributes="url,device"': ['INVALID_OPTION', /data-attributes/],
    'data-trust="#trust" data-antiflicker-max="5000"': ['INVALID_OPTION', /data-antiflicker-max/],
    'data-trust="#trust" data-antiflicker-max="0"': ['INVALID_OPTION', /data-antiflicker-max/],
  };
  for (const [attributes, [code, warned]] of Object.entries(cases)) {
    const origin = await start(t, pageOf(tag(`async data-snapshot="/snapshot.waft" ${attributes}`)));
    const page = await open(t, origin);
    const [, [, told]] = await ran(page);
    assert.equal(told, code ?? 'fine', attributes);
    assert.ok(
      page.warned.some((line) => warned.test(line)),
      `${attributes}: ${page.warned}`,
    );
    assert.deepEqual(
      page.problems.filter((text) => !/404/.test(text)),
      [],
      attributes,
    );
  }
});

test('a function that throws is shown in the console, and the next one is called', async (t) => {
  const throws = '<script>(self.waft ??= []).push(() => { throw new Error("its own"); }, "no function");</script>';
  const origin = await start(t, pageOf(throws + tag(`defer ${SETTINGS}`)));
  const page = await open(t, origin);
  assert.equal((await ran(page)).length, 2);
  assert.equal(page.problems.length, 2);
  assert.match(page.problems[0], /its own/);
});

test('two elements are one client, whoever kept the array pushes to it, and one without data-snapshot starts none', async (t) => {
  const kept = '<script>self.list = self.waft ??= [];</script>';
  const origin = await start(t, pageOf(kept + tag(`async ${SETTINGS}`) + tag(`defer ${SETTINGS}`)));
  const page = await open(t, origin);
  await ran(page);
  await page.waitForFunction(() => document.readyState === 'complete');
  await page.evaluate(() => globalThis.list.push((client) => globalThis.ran.push(['kept', client.status().code])));
  assert.equal((await ran(page, 3)).length, 3);
  await page.evaluate(async () => (await globalThis.waft.client).flush());
  assert.equal(origin.records.length, 1);
  assert.equal(origin.requests.filter(({ url }) => url === '/snapshot.waft').length, 1);

  const library = await start(t, pageOf(tag('')));
  const other = await open(t, library);
  await other.waitForFunction(() => globalThis.waft?.createClient);
  assert.deepEqual(await other.evaluate(() => [typeof globalThis.waft.recorder, typeof globalThis.waft.client, globalThis.ran.length]), [
    'function',
    'undefined',
    0,
  ]);
  assert.ok(!library.requests.some(({ url }) => url === '/snapshot.waft'));
});

test('importScripts in a worker gives the same global', async (t) => {
  const origin = await start(t, pageOf(''));
  origin.files['/worker.js'] = `importScripts('/waft.iife.js'); (async () => {
    const trust = await (await fetch('/trust.json')).json();
    const client = await waft.createClient({ snapshot: '/snapshot.waft', trust, context: { visitorId: 'v1' } });
    postMessage(client.getBooleanDetails('test', false).reason);
  })();`;
  const page = await open(t, origin);
  const reason = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker('/worker.js');
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve(message);
      }),
  );
  assert.equal(reason, 'SPLIT');
});

/** The blocks of docs/script-tag.md that are HTML, with the trust of the page's own rules in place of the one that is to be filled in. */
async function documented(t, ...starts) {
  const document = readFileSync(new URL('../../docs/script-tag.md', import.meta.url), 'utf8');
  const blocks = [...document.matchAll(/^```html\n(.*?)^```/gms)].map(([, code]) => code);
  const found = starts.map((start) => blocks.find((code) => code.startsWith(start)) ?? assert.fail(start));
  const headline = { type: 'string', variants: { only: 'Ahoy' }, whenOff: 'only', default: 'only' };
  const origin = await startOrigin(t, { ...RULES, flags: { ...RULES.flags, headline } });
  const trust = `<script type="application/json" id="trust">${origin.files['/trust.json']}</script>`;
  const [own, others] = found[0].includes('id="trust"')
    ? [found[0].replace(/<script type="application.json".*?<.script>/s, trust), found.slice(1)]
    : [trust, found];
  const html = `<!doctype html><link rel="icon" href="data:,"><h1>Mine</h1>${[own, ...others].join('')}`;
  Object.assign(origin.files, { '/waft.iife.js': SCRIPT, '/': html });
  const page = await open(t, origin);
  await page.waitForFunction(() => document.querySelector('h1').textContent === 'Ahoy');
  assert.deepEqual([page.problems, page.warned], [[], []]);
  return page;
}
const PUSHED = `<script>
  (self.waft`;

test('docs/script-tag.md: one element, and a function that is pushed', (t) =>
  documented(t, '<script type="application/json" id="trust">', PUSHED));
test('docs/script-tag.md: the stub that hides, and its element', async (t) => {
  const page = await documented(t, '<script data-antiflicker=', PUSHED);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('h1')).visibility), 'visible');
});
test('docs/script-tag.md: by calls', (t) => documented(t, '<script src="/waft.iife.js">'));
