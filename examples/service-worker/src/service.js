// Writes flags into the HTML of each page that is opened, before the page is there: nothing flickers, and the page has no script of Waft's.
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
import trust from './trust.json';

const { visitor: visitorId, country } = Object.fromEntries(new URL(location.href).searchParams);
const starting = createClient({
  snapshot: '/snapshot.waft',
  trust,
  context: { visitorId, country },
  exposures: recorder({ endpoint: '/v1/logs' }),
});

/** What each element with `data-flag` says. */
const TEXTS = {
  headline: (client) => client.getStringValue('headline', 'Welcome'),
  'free-shipping': (client) => (client.getBooleanValue('free-shipping', false) ? 'Free shipping' : 'Shipping: 4.90'),
};

async function render(event) {
  const [response, client] = await Promise.all([fetch(event.request), starting]);
  if (!response.ok || !client.snapshot) return response;
  const html = (await response.text()).replace(/(data-flag="([\w-]+)">)[^<]*/g, (whole, start, flag) => {
    const text = TEXTS[flag]?.(client);
    return text ? start + text.replace(/[&<]/g, (char) => `&#${char.charCodeAt(0)};`) : whole;
  });
  // The browser may end the worker once this is done: what waits is in IndexedDB.
  event.waitUntil(client.flush());
  return new Response(html, { headers: { 'content-type': 'text/html', 'cache-control': 'private, no-store' } });
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (event.request.mode === 'navigate') event.respondWith(render(event));
});
