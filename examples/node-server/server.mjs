// A server that decides for each visitor, and whose page starts from that: node server.mjs [PORT]
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createClient } from 'waft';
import { decide, handOver, headTags } from 'waft/server';

const read = (path) => readFileSync(new URL(path, import.meta.url));
const FILES = {
  '/page.js': ['text/javascript', read('dist/page.js')],
  '/snapshot.waft': ['application/octet-stream', read('dist/snapshot.waft')],
};
// One for all requests.
const trust = JSON.parse(read('src/trust.json'));
const client = await createClient({ snapshot: read('dist/snapshot.waft'), trust, exposures: handOver() });

const escaped = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** The page of one visitor, with the cookie that `cookie()` of waft/context reads. */
function page(request, response) {
  const visitorId = /waft-visitor=([\w-]+)/.exec(request.headers.cookie)?.[1] ?? randomUUID();
  // As a CDN tells it.
  const country = request.headers['x-country'] ?? 'DE';
  const flags = decide(client, { context: { visitorId, country }, same: ['visitorId', 'country'] });
  const headline = flags.getStringValue('headline', 'Welcome');
  const isFree = flags.getBooleanValue('free-shipping', false);
  response.writeHead(200, {
    ...flags.headers,
    'content-type': 'text/html',
    'set-cookie': `waft-visitor=${visitorId}; Path=/; SameSite=Lax`,
  });
  response.end(`<!doctype html>
<html lang="en" data-country="${escaped(country)}">
  <meta charset="utf-8">
  <title>Waft and a server</title>
  <link rel="icon" href="data:,">
  ${headTags({ snapshot: '/snapshot.waft', modules: ['/page.js'] })}
  <h1>${escaped(headline)}</h1>
  <p>${isFree ? 'Free shipping' : 'Shipping: 4.90'}</p>
  ${flags.html}
  <script type="module" src="/page.js"></script>
</html>`);
}

/** Prints what the page exposes, where `waft serve` would store it. */
async function collect(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  console.log(`exposed: ${Buffer.concat(chunks)}`);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}

const server = createServer((request, response) => {
  if (request.url === '/') return page(request, response);
  if (request.url === '/v1/logs') return collect(request, response);
  const [type, bytes] = FILES[request.url] ?? [];
  response.writeHead(bytes ? 200 : 404, type && { 'content-type': type }).end(bytes);
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
