// What `waft/context` says of a visitor: ids that last, and attributes of address and device. Plain data, which a client takes as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookie, deviceAttributes, storage, urlAttributes } from '../dist/context.js';
import { createClient } from '../dist/index.js';
import { clock, snapshot, storage as newStorage, TRUST } from './fixture.mjs';

const put = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

/** A page view, with what the browser kept of earlier ones: a jar of cookies, which refuses, or throws as in a sandbox. */
function page(jar = new Map(), { refuses = false, throws = false, location, referrer = '' } = {}) {
  delete globalThis[Symbol.for('waft.visitors')];
  const written = [];
  put('location', location && new URL(location));
  put('document', {
    referrer,
    get cookie() {
      if (throws) throw new DOMException('sandboxed', 'SecurityError');
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(text) {
      if (throws) throw new DOMException('sandboxed', 'SecurityError');
      written.push(text);
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text);
      if (/Max-Age=0/.test(text)) jar.delete(name);
      else if (!refuses) jar.set(name, value);
    },
  });
  return { jar, written };
}

const ID = /^[\w-]{22}$/;
const disk = () => newStorage();
/** Both ways to keep an id, each with what it has of earlier pages, and how to see what is kept. */
const WAYS = {
  cookie: () => {
    const jar = new Map();
    return {
      take: cookie,
      view: (options) => page(jar, options),
      kept: (name = 'waft-visitor') => jar.get(name),
      put: (id) => jar.set('waft-visitor', id),
    };
  },
  storage: () => {
    const local = disk();
    const kept = (name = 'waft-visitor') => local.getItem(name) ?? undefined;
    const view = ({ refuses = false } = {}) => {
      page();
      local.refuse = refuses;
    };
    return { take: storage, view, kept, put: (id) => local.setItem('waft-visitor', id) };
  },
};

test.beforeEach((t) => {
  clock();
  t.mock.method(console, 'warn', () => {});
});
test.afterEach(() => {
  for (const name of ['document', 'location']) delete globalThis[name];
});

for (const [name, make] of Object.entries(WAYS)) {
  test(`${name}: one id for all page views, and another for another browser`, () => {
    const ids = [1, 2].map(() => {
      const { take, view, kept } = make();
      view();
      const id = take();
      assert.match(id, ID);
      assert.deepEqual([take(), kept()], [id, id]);
      view();
      assert.equal(take(), id);
      return id;
    });
    assert.notEqual(...ids);
  });

  test(`${name}: what a server or an earlier page put there is taken, unless it is no id`, () => {
    for (const [id, isTaken] of [
      ['v1', true],
      ['a%40b', name === 'cookie' ? 'a@b' : true],
      ['x'.repeat(257), false],
      ['', false],
      ...(name === 'cookie' ? [['%', false]] : []),
    ]) {
      const way = make();
      way.view();
      way.put(id);
      const taken = way.take();
      if (isTaken) assert.equal(taken, isTaken === true ? id : isTaken);
      else assert.match(taken, ID);
      way.view();
      assert.equal(way.take(), taken);
    }
  });

  test(`${name}: pending consent reads and keeps nothing; granted keeps the id of this page view`, () => {
    const { take, view, kept } = make();
    view();
    const id = take({ consent: 'pending' });
    assert.match(id, ID);
    assert.deepEqual([take({ consent: 'pending' }), kept()], [id, undefined]);
    assert.deepEqual([take({ consent: 'granted' }), kept()], [id, id]);
    view();
    assert.notEqual(take({ consent: 'pending' }), id);
    assert.deepEqual([take(), kept()], [id, id]);
  });

  test(`${name}: denied consent removes what was kept; an answer that is none keeps nothing, and removes nothing`, () => {
    const { take, view, kept } = make();
    view();
    const id = take();
    view();
    const misspelt = take({ consent: 'grantd' });
    assert.match(misspelt, ID);
    assert.deepEqual([misspelt === id, kept()], [false, id]);
    view();
    assert.match(take({ consent: 'denied' }), ID);
    assert.equal(kept(), undefined);
    view();
    assert.notEqual(take(), id);
  });

  test(`${name}: options that cannot be read keep nothing, and are told once`, () => {
    const { take, view, kept } = make();
    for (const [options, wrong] of [
      [{ consnet: 'denied' }, 'consnet'],
      [{ consent: 'yes' }, 'consent'],
      [{ consent: null }, 'consent'],
      [{ consent: 'pending', nmae: 'x' }, 'nmae'],
      ...(name === 'cookie' ? [[{ days: 'a year' }, 'days']] : []),
    ]) {
      console.warn.mock.resetCalls();
      view();
      const id = take(options);
      assert.match(id, ID);
      assert.deepEqual([take(options), kept()], [id, undefined]);
      assert.deepEqual(
        console.warn.mock.calls.map(({ arguments: [text] }) => text),
        [`waft/context: the option ${wrong} cannot be read: this visitor id lasts for one page view`],
      );
    }
  });

  test(`${name}: a browser that keeps nothing has one id for a page view, and one warning`, () => {
    const { take, view } = make();
    view({ refuses: true });
    const id = take();
    assert.match(id, ID);
    assert.deepEqual([take(), take()], [id, id]);
    assert.equal(console.warn.mock.callCount(), 1);
    assert.match(console.warn.mock.calls[0].arguments[0], /does not keep .*waft-visitor/);
  });

  test(`${name}: ids of other names are others, and options that are none are none`, () => {
    const { take, view, kept } = make();
    view();
    const id = take({ name: 'other' });
    assert.equal(kept('other'), id);
    assert.notEqual(take(), id);
    for (const options of [null, 7, 'x', { name: null }, { name: Symbol('a') }, { name: 'a=b; c' }]) assert.match(take(options), ID);
  });

  test(`${name}: a server has no id, which would be everybody's`, () => {
    const { take } = make();
    assert.equal(take(), undefined);
  });
}

test('cookie: its attributes', () => {
  const { written } = page(new Map(), { location: 'https://www.shop.example/cart' });
  const id = cookie({ domain: 'shop.example', days: 30 });
  assert.deepEqual(written, [`waft-visitor=${id}; Path=/; Max-Age=2592000; SameSite=Lax; Secure; Domain=shop.example`]);
  const plain = page(new Map(), { location: 'http://127.0.0.1/' });
  assert.deepEqual(
    [cookie(), plain.written[0].split('; ').slice(1).join('; ')],
    [plain.jar.get('waft-visitor'), 'Path=/; Max-Age=34560000; SameSite=Lax'],
  );
  // In a sandbox there are none.
  page(new Map(), { throws: true });
  assert.match(cookie(), ID);
});

test('address: path, query, campaign and referrer; what is not there is absent', () => {
  page(new Map(), {
    location: 'https://shop.example/cart?utm_source=news&q=a%20b&utm_campaign=May%20sale#top',
    referrer: 'https://search.example/',
  });
  assert.deepEqual(urlAttributes(), {
    path: '/cart',
    query: 'utm_source=news&q=a%20b&utm_campaign=May%20sale',
    referrer: 'https://search.example/',
    utmSource: 'news',
    utmCampaign: 'May sale',
  });
  assert.deepEqual(urlAttributes('/help?utm_medium=', ''), { path: '/help', query: 'utm_medium=' });
  assert.deepEqual(urlAttributes(new URL('https://a.example/b'), 7), { path: '/b' });
  // A server, which has the address of the request.
  for (const name of ['document', 'location']) delete globalThis[name];
  assert.deepEqual(urlAttributes(), {});
  assert.deepEqual(urlAttributes('https://a.example/b?utm_term=x&utm_content=y'), {
    path: '/b',
    query: 'utm_term=x&utm_content=y',
    utmTerm: 'x',
    utmContent: 'y',
  });
  // As node:http has it.
  assert.deepEqual(urlAttributes('/cart?utm_source=news'), { path: '/cart', query: 'utm_source=news', utmSource: 'news' });
  assert.deepEqual(urlAttributes('//shop.example/cart'), { path: '//shop.example/cart' });
  for (const none of ['relative', '', null, 7, {}, Object.create(null)]) assert.deepEqual(urlAttributes(none), {});
});

test('device: language, class and time zone', () => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const before = globalThis.navigator;
  for (const [device, userAgent, maxTouchPoints = 0] of [
    ['desktop', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36'],
    ['desktop', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 10],
    ['desktop', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15'],
    ['tablet', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15', 5],
    [
      'tablet',
      'Mozilla/5.0 (iPad; CPU OS 15_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Mobile/15E148 Safari/604.1',
      5,
    ],
    ['tablet', 'Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36', 5],
    ['phone', 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36', 5],
    [
      'phone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      5,
    ],
    ['phone', 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 5],
  ]) {
    page();
    put('navigator', { language: 'de-DE', userAgent, maxTouchPoints });
    assert.deepEqual(deviceAttributes(), { language: 'de-DE', device, timeZone }, userAgent);
  }
  put('navigator', undefined);
  assert.deepEqual(deviceAttributes(), { device: 'desktop', timeZone });
  put('navigator', before);
  delete globalThis.document;
  assert.deepEqual(deviceAttributes(), {});
});

test('a client takes all of it', async () => {
  newStorage();
  page(new Map(), { location: 'https://shop.example/cart', referrer: '' });
  const client = await createClient({
    snapshot: snapshot(),
    trust: TRUST,
    context: { country: 'DE', visitorId: cookie(), ...urlAttributes(), ...deviceAttributes() },
  });
  assert.deepEqual([client.getBooleanValue('on-in-germany', false), client.getStringDetails('cta', '').reason], [true, 'SPLIT']);
  client.close();
});
