// The package's core suite: what a page has to do in every engine. Each case gets an engine with tabs (engines.mjs) and an origin of its own.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createClientSync } from '../../pkg/dist/index.js';
import { decide } from '../../pkg/dist/server.js';
import { AXE, findings } from './axe.mjs';
import { EVERYBODY, startOrigin, until } from './origin.mjs';

const DIST = new URL('../../pkg/dist/', import.meta.url);
const SHIPPED = Object.fromEntries(
  readdirSync(DIST)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [`/waft/${name}`, readFileSync(new URL(name, DIST))]),
);
const PAGE = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/shipped.js"></script>';
/** The package as a later release may be: another version, and records of another shape. With OLD=FOLDER, the `dist` of a real other one. */
const OTHER_VERSION = otherVersion();

function otherVersion() {
  const { OLD } = process.env;
  const changes = [
    ['"0.1.0"', '"7.0.0"'],
    ['"waft.sequence":', '"waft.later":1,"waft.sequence":'],
  ];
  const texts = Object.entries(SHIPPED).map(([path, own]) => {
    const bytes = OLD ? readFileSync(`${OLD}/${path.slice('/waft/'.length)}`) : own;
    return [
      path.replace('/waft/', '/other/'),
      OLD ? bytes : changes.reduce((text, [from, to]) => text.replaceAll(from, to), bytes.toString()),
    ];
  });
  const page = readFileSync(new URL('shipped.mjs', import.meta.url), 'utf8').replaceAll('/waft/', '/other/');
  return { ...Object.fromEntries(texts), '/other.html': PAGE.replace('shipped.js', 'other.js'), '/other.js': page };
}

const headline = (bold) => ({
  type: 'string',
  variants: { plain: 'Welcome', bold },
  whenOff: 'plain',
  default: 'plain',
  rules: [{ id: 'germany', if: { country: { is: 'DE' } }, serve: 'bold' }],
});
const rulesOf = (bold) => ({
  ...EVERYBODY,
  attributes: { visitorId: 'string', country: 'string' },
  flags: { ...EVERYBODY.flags, headline: headline(bold) },
});
export const RULES = rulesOf('Hello');
export const LATER = [rulesOf('Hello again')];

/** An origin whose page has the package as it ships. */
export async function startShop(t, more = {}) {
  const origin = await startOrigin(t, RULES, { later: LATER, shown: { test: 'on', headline: 'bold' }, ...more });
  Object.assign(origin.files, SHIPPED, {
    '/': PAGE,
    '/shipped.js': readFileSync(new URL('shipped.mjs', import.meta.url)),
  });
  return origin;
}

/** A tab with the shop's page, which is closed with the test. */
export async function visit(t, engine, url) {
  const tab = await engine.open();
  t.after(() => tab.close().catch(() => {}));
  await tab.goto(url);
  await tab.until(() => globalThis.isLoaded);
  return tab;
}

const begin = (tab, options) => tab.evaluate((options) => globalThis.begin(options), options);
const visitors = Array.from({ length: 50 }, (_, index) => `v${index}`);
const clientIn = ({ files }, context = {}) =>
  createClientSync({ snapshot: files['/snapshot.waft'], trust: JSON.parse(files['/trust.json']), context });
const posts = ({ requests }) => requests.filter(({ method }) => method === 'POST');
const asked = ({ requests }) => requests.filter(({ url }) => url === '/snapshot.waft').length;
const idsOf = ({ records }, name = 'waft.exposure.id') => new Set(records.map((record) => record[name]).filter(Boolean));
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'";

export const CASES = {
  async 'decides as Node does, by a URL and by bytes before it returns'(t, engine) {
    const origin = await startShop(t);
    const tab = await visit(t, engine, origin.url);
    assert.equal(await begin(tab), undefined);
    const decided = await tab.evaluate((visitors) => globalThis.decided(visitors), visitors);
    const now = await tab.evaluate(async (visitors) => {
      const snapshot = await (await fetch('/snapshot.waft')).arrayBuffer();
      return globalThis.decided(visitors, globalThis.waft.createClientSync(globalThis.optionsOf({ snapshot })));
    }, visitors);
    const client = clientIn(origin);
    const expected = visitors.map((visitorId) => {
      client.setContext({ visitorId, country: 'DE' });
      const { variant, reason } = client.peek('test', false);
      return `${variant} ${reason} ${client.peek('headline', '').value}`;
    });
    assert.deepEqual([decided, now], [expected, expected]);
    assert.equal(new Set(expected).size, 2);
  },

  async 'refuses a damaged and an older snapshot, and keeps the last good rules over a reload'(t, engine) {
    const origin = await startShop(t);
    const damaged = Buffer.from(origin.files['/snapshot.waft']);
    damaged[damaged.length - 3] ^= 1;
    origin.files['/damaged.waft'] = damaged;
    const tab = await visit(t, engine, origin.url);
    await begin(tab, { snapshot: '/snapshot-2.waft' });
    const load = (url) => tab.evaluate((url) => globalThis.client.load(url), url);
    assert.equal((await load('/damaged.waft')).ok, false);
    assert.deepEqual(await load('/snapshot.waft'), { ok: false, code: 'ROLLED_BACK' });
    assert.equal(await tab.evaluate(() => globalThis.client.snapshot.version), 2);
    await tab.until(() => Object.keys(localStorage).some((key) => key.startsWith('waft:good:')));
    await tab.goto(origin.url);
    await tab.until(() => globalThis.isLoaded);
    assert.equal(await begin(tab), 'ROLLED_BACK');
    assert.deepEqual(await tab.evaluate(() => [globalThis.client.snapshot.version, globalThis.decided(['v1'])[0].split(' ').pop()]), [
      2,
      'again',
    ]);
  },

  async 'stores exposures while the collector is away, and the next page view sends them, once'(t, engine) {
    const origin = await startShop(t);
    const tab = await visit(t, engine, origin.url);
    origin.answer = 503;
    await begin(tab);
    await tab.evaluate(() => globalThis.meet(['v1', 'v2', 'v3', 'v1']));
    await tab.until(() => globalThis.waiting() > 0);
    await tab.goto(`${origin.url}/empty.html`);
    origin.answer = 200;
    await tab.goto(origin.url);
    await tab.until(() => globalThis.isLoaded);
    await begin(tab);
    await tab.until(() => globalThis.waiting() === 0);
    assert.equal(idsOf(origin).size, 3);
  },

  async 'sends what is read in the task in which the page is left'(t, engine) {
    const origin = await startShop(t);
    const tab = await visit(t, engine, origin.url);
    await begin(tab);
    await tab.evaluate(() => {
      globalThis.meet(['v1']);
      location.assign('/empty.html');
    });
    await until(() => origin.records.length);
    assert.equal(idsOf(origin).size, 1);
  },

  async 'one of two tabs asks for newer rules, and both have them'(t, engine) {
    const origin = await startShop(t);
    const one = await visit(t, engine, origin.url);
    await begin(one, { every: 1_000 });
    const other = await visit(t, engine, origin.url);
    await begin(other, { every: 1_000 });
    await other.show();
    const before = asked(origin);
    origin.files['/snapshot.waft'] = origin.files['/snapshot-2.waft'];
    await until(() => asked(origin) > before);
    const isNew = () => globalThis.client.snapshot.version === 2;
    await other.until(isNew);
    const locks = async () => {
      const { held, pending } = await navigator.locks.query();
      return [held, pending].map((all) => all.filter(({ name }) => name.startsWith('waft:updates')).length);
    };
    // A tab that is hidden, as Firefox has one here, neither works nor waits to.
    assert.deepEqual(await other.evaluate(locks), [1, (await one.evaluate(() => document.hidden)) ? 0 : 1]);
    await one.show();
    await one.until(isNew);
    // Whichever of them works lets go as it is left, and comes back to take what it missed.
    for (const [leaving, staying] of [
      [one, other],
      [other, one],
    ]) {
      await leaving.goto(`${origin.url}/empty.html`);
      await staying.show();
      const then = asked(origin);
      await until(() => asked(origin) > then);
      await leaving.goto(origin.url);
      await leaving.until(() => globalThis.isLoaded);
      assert.equal(await begin(leaving, { every: 1_000 }), undefined);
    }
  },

  async 'shows a preview token, and exposes nothing of it'(t, engine) {
    const origin = await startShop(t);
    const tab = await visit(t, engine, origin.url);
    await begin(tab, { token: origin.files['/token'] });
    const shown = await tab.evaluate(() => [
      globalThis.client.getBooleanDetails('test', false).variant,
      globalThis.client.getStringValue('headline', ''),
      globalThis.client.status().preview > Date.now(),
    ]);
    assert.deepEqual(shown, ['on', 'Hello', true]);
    await tab.evaluate(() => globalThis.client.flush());
    assert.equal(posts(origin).length, 0);
  },

  async 'hydrates: shows what the server decided at once, and exposes it when the rules are there'(t, engine) {
    const origin = await startShop(t);
    const { html } = decide(clientIn(origin), { context: { visitorId: 'v1' }, same: ['visitorId'] });
    origin.files['/'] = `<!doctype html>${html}${PAGE}`;
    const tab = await visit(t, engine, origin.url);
    const [shown, decided, status] = await tab.evaluate(async () => {
      const client = globalThis.waft.hydrate(globalThis.waft.createClient, globalThis.optionsOf());
      const shown = client.getBooleanDetails('test', false);
      const isReady = await client.ready();
      return [[shown.variant, shown.reason, isReady], client.peek('test', false).variant, client.status()];
    });
    assert.deepEqual([shown, status.code, status.disagreed], [[decided, 'SPLIT', true], undefined, 0]);
    await until(() => origin.records.length);
    assert.equal(idsOf(origin).size, 1);
  },

  async 'the script tag decides, and exposes once'(t, engine) {
    const origin = await startShop(t);
    const settings = 'data-snapshot="/snapshot.waft" data-trust="/trust.json" data-endpoint="/v1/logs" data-visitor="visitorId"';
    origin.files['/'] = `<!doctype html><link rel="icon" href="data:,"><script>
      (self.waft ??= []).push((client) => (self.read = client.getBooleanDetails('test', false).reason));
      </script><script async src="/waft/waft.iife.js" ${settings}></script>`;
    const tab = await engine.open();
    t.after(() => tab.close().catch(() => {}));
    await tab.goto(origin.url);
    assert.equal(await tab.until(() => globalThis.read), 'SPLIT');
    await tab.evaluate(async () => (await globalThis.waft.client).flush());
    assert.equal(idsOf(origin).size, 1);
  },

  async 'a strict policy, Trusted Types included: defaults, or with waft/compat the same decisions and exposures'(t, engine) {
    const origin = await startShop(t);
    origin.headers = { 'content-security-policy': POLICY };
    const tab = await visit(t, engine, origin.url);
    assert.equal(await begin(tab), 'ENGINE_FAILED');
    const read = await tab.evaluate(() => [globalThis.client.getBooleanValue('test', true), globalThis.client.status().code]);
    assert.deepEqual(read, [true, 'ENGINE_FAILED']);
    assert.equal(await begin(tab, { compat: true }), undefined);
    const decided = await tab.evaluate((visitors) => globalThis.decided(visitors), visitors);
    // While the collector is away, records are kept as where wasm is allowed.
    origin.answer = 503;
    await tab.evaluate(() => globalThis.meet(['v1', 'v2']));
    await tab.until(() => globalThis.waiting() > 0);
    origin.answer = 200;
    await tab.goto(`${origin.url}/empty.html`);
    origin.headers = { 'content-security-policy': POLICY.replace("'self'", "'self' 'wasm-unsafe-eval'") };
    await tab.goto(origin.url);
    await tab.until(() => globalThis.isLoaded);
    assert.equal(await begin(tab), undefined, 'by wasm-unsafe-eval, the engine is allowed');
    assert.deepEqual(await tab.evaluate((visitors) => globalThis.decided(visitors), visitors), decided);
    await tab.until(() => globalThis.waiting() === 0);
    assert.equal(idsOf(origin).size, 2);
  },

  async 'a worker records in IndexedDB, and sends'(t, engine) {
    const origin = await startShop(t);
    const tab = await visit(t, engine, origin.url);
    const [code, reason, status] = await tab.evaluate(async () => {
      const worker = new Worker('/part.js', { type: 'module' });
      const ask = (...question) =>
        new Promise((resolve, reject) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data: { value, error } }) => (error ? reject(new Error(error)) : resolve(value));
          worker.postMessage(question, [port2]);
        });
      const code = await ask('start', { context: { visitorId: 'v1' } });
      return [code, await ask('buy', 'purchase'), await ask('status')];
    });
    assert.deepEqual([code, reason, status.storage, status.sent], [null, 'SPLIT', 'indexedDB', 2]);
    assert.equal(origin.records.length, 2);
  },

  async 'a sandboxed frame, to which all storage is refused, decides and sends from memory'(t, engine) {
    const origin = await startShop(t);
    const tab = await visit(t, engine, origin.url);
    const inside = `<script type="module">
      import ${JSON.stringify(`${origin.url}/part.js`)};
      const told = async () => {
        const get = (path) => fetch(${JSON.stringify(origin.url)} + path);
        const options = { trust: await (await get('/trust.json')).json(), snapshot: ${JSON.stringify(`${origin.url}/snapshot.waft`)},
          engine: await (await get('/engine.wasm')).arrayBuffer(), exposures: { endpoint: ${JSON.stringify(`${origin.url}/v1/logs`)} },
          context: { visitorId: 'v1' } };
        const code = await ask('start', options);
        return [code, await ask('buy', 'purchase'), (await ask('status')).storage];
      };
      told().then((all) => parent.postMessage(all, '*'), (error) => parent.postMessage([String(error)], '*'));
    </script>`;
    const told = await tab.evaluate(
      (srcdoc) =>
        new Promise((resolve) => {
          addEventListener('message', ({ data }) => resolve(data));
          document.body.appendChild(Object.assign(document.createElement('iframe'), { sandbox: 'allow-scripts', srcdoc }));
        }),
      inside,
    );
    assert.deepEqual(told, [null, 'SPLIT', 'memory']);
    assert.equal(origin.records.length, 2);
  },

  async 'a page that comes back with a request that hangs: nothing is lost, and nothing is counted twice'(t, engine) {
    const origin = await startShop(t);
    const tab = await visit(t, engine, origin.url);
    origin.answer = 0;
    await begin(tab);
    await tab.evaluate(() => {
      globalThis.left = true;
      globalThis.meet(['v1']);
      void globalThis.client.flush();
    });
    await until(() => posts(origin).length);
    await tab.evaluate(() => globalThis.client.track('later'));
    await tab.goto(`${origin.url}/empty.html`);
    origin.answer = 200;
    await tab.evaluate(() => void setTimeout(() => history.back()));
    await tab.until(() => globalThis.isLoaded);
    // Where it was not kept, it is a page view of its own, which sends what the first one left.
    const wasKept = await tab.evaluate(() => globalThis.left === true);
    t.diagnostic(wasKept ? 'came back as it was left' : 'was loaded anew');
    if (!wasKept) await begin(tab);
    await tab.until(() => globalThis.waiting() === 0);
    assert.deepEqual([idsOf(origin).size, idsOf(origin, 'waft.event.id').size], [1, 1]);
  },

  async 'two copies of the package on a page decide alike, refuse alike, and make the same exposure'(t, engine) {
    const origin = await startShop(t);
    const copy = Object.entries(SHIPPED).map(([path, text]) => [path.replace('/waft/', '/copy/'), text]);
    Object.assign(origin.files, Object.fromEntries(copy));
    const tab = await visit(t, engine, origin.url);
    assert.equal(await begin(tab), undefined);
    const [variants, ids, refused] = await tab.evaluate(async () => {
      const [{ createClient, createClientSync }, { recorder }] = await Promise.all([
        import('/copy/index.js'),
        import('/copy/exposures.js'),
      ]);
      if (createClientSync === globalThis.waft.createClientSync) throw new Error('it is the same');
      const other = await createClient({ ...globalThis.optionsOf(), exposures: recorder({ endpoint: '/v1/logs' }) });
      const ids = [];
      const clients = [globalThis.client, other];
      for (const client of clients) client.on('exposure', ({ id }) => ids.push(id));
      const variants = clients.map((client) => client.getBooleanDetails('test', false).variant);
      await Promise.all(clients.map((client) => client.flush()));
      await globalThis.client.load('/snapshot-2.waft');
      // Written by one, read by the other.
      while (!Object.values(localStorage).some((text) => /^2 [\da-f]{64}$/.test(text)))
        await new Promise((resolve) => setTimeout(resolve, 20));
      const again = await createClient({ ...globalThis.optionsOf(), exposures: false });
      return [variants, ids, [again.status().code, again.snapshot.version]];
    });
    assert.deepEqual([variants[0], ids[0], ids.length], [variants[1], ids[1], 2]);
    assert.deepEqual([idsOf(origin).size, refused], [1, ['ROLLED_BACK', 2]]);
  },

  async 'the developer panel: flags, each view, an override by its radio button, its keys; axe finds nothing to mend'(t, engine) {
    const origin = await startShop(t);
    origin.files['/axe.js'] = AXE;
    const tab = await visit(t, engine, origin.url);
    assert.equal(await begin(tab, { panel: true, context: { visitorId: 'v1', country: 'DE' } }), undefined);
    await tab.evaluate(async () => {
      const script = document.createElement('script');
      const loaded = new Promise((resolve) => script.addEventListener('load', () => resolve()));
      document.head.append(Object.assign(script, { src: '/axe.js' }));
      globalThis.panel = document.querySelector('waft-devtools').shadowRoot;
      globalThis.press = (selector) => panel.querySelector(selector).click();
      globalThis.cells = (flag) =>
        Array.from(panel.querySelectorAll(`[data-key="${flag}"] [role=gridcell]`), ({ textContent }) => textContent);
      await loaded;
    });
    const found = await tab.evaluate(findings);
    await tab.evaluate(() => press('.launcher'));
    assert.deepEqual(await tab.evaluate(() => cells('headline')), ['headline', '"Hello"', 'bold', 'TARGETING_MATCH']);
    assert.equal(
      await tab.evaluate(() => panel.activeElement?.ariaLabel ?? panel.activeElement?.getAttribute('aria-label')),
      'Search flags',
    );
    await tab.evaluate(() => {
      press('[data-key=headline]');
      press('input[value=\'"plain"\']');
    });
    await tab.until(() => cells('headline')[3] === 'OVERRIDDEN');
    assert.equal(await tab.evaluate(() => client.getStringValue('headline', '')), 'Welcome');
    await tab.evaluate(() => client.getBooleanValue('test', false));
    await tab.until(() => client.exposures.status().waiting + client.exposures.status().sent);
    const shown = [];
    for (const view of [0, 1, 2, 3]) {
      await tab.evaluate((view) => press(`#tab-${view}`), view);
      shown.push(await tab.evaluate((view) => panel.querySelector(`#view-${view}`).textContent, view));
      found.push(...(await tab.evaluate(findings)));
    }
    assert.match(shown[1], /country.*"DE"/);
    assert.match(shown[2], /test, phase 1.*visitor v1/);
    assert.match(shown[3], /Version1.*publisher.*verified/);
    await tab.evaluate(() => panel.activeElement ?? press('#tab-3'));
    await tab.evaluate(() =>
      panel
        .querySelector('#tab-3')
        .dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true, cancelable: true })),
    );
    assert.equal(await tab.evaluate(() => panel.querySelector('[role=dialog]').hidden), true);
    assert.deepEqual(found, []);
  },

  async 'two versions of the package, together and one after the other: each sends what the other left, and neither rolls the other back'(
    t,
    engine,
  ) {
    const origin = await startShop(t);
    origin.answer = 503;
    Object.assign(origin.files, OTHER_VERSION);
    const tab = await visit(t, engine, origin.url);
    assert.equal(await begin(tab), undefined);
    // A visitor of each, so that each has exposures of its own.
    const expose = (start) =>
      tab.evaluate(async (start) => {
        const { createClient } = await import('/other/index.js');
        const { recorder } = await import('/other/exposures.js');
        globalThis.other = await createClient({ ...globalThis.optionsOf(), exposures: recorder({ endpoint: '/v1/logs' }) });
        for (const [client, visitorId] of [
          [globalThis.client, `${start}-ours`],
          [globalThis.other, `${start}-theirs`],
        ]) {
          client.setContext({ visitorId });
          client.getBooleanValue('test', false);
          client.track('seen', { dedupe: visitorId });
          await client.flush();
        }
        return [globalThis.client, globalThis.other].map(({ status }) => status().code ?? 'fine');
      }, start);
    assert.deepEqual(await expose('first'), ['fine', 'fine']);
    assert.ok(await tab.evaluate(() => globalThis.waiting()));
    // The other one alone adopts a newer version, and sends what both left.
    origin.answer = 200;
    await tab.goto(`${origin.url}/other.html`);
    await tab.until(() => globalThis.isLoaded);
    assert.equal(await begin(tab, { snapshot: '/snapshot-2.waft' }), undefined);
    await until(() => idsOf(origin).size === 2 && idsOf(origin, 'waft.event.id').size === 2);
    assert.equal(await tab.until(() => globalThis.waiting() === 0), true);
    await tab.until(() => Object.values(localStorage).some((text) => /^2 [\da-f]{64}$/.test(text)));
    // Ours does not go back to the older one.
    await tab.goto(origin.url);
    await tab.until(() => globalThis.isLoaded);
    assert.equal(await begin(tab), 'ROLLED_BACK');
    assert.equal(await tab.evaluate(() => globalThis.client.snapshot.version), 2);
    assert.equal(idsOf(origin).size, 2);
  },
};
