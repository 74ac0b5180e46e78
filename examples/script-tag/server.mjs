// A static page, and what it asks for: node server.mjs [PORT]
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const own = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const packed = (name) => readFileSync(fileURLToPath(import.meta.resolve(`waft/${name}`)), 'utf8');

// As they would be pasted.
const PASTED = {
  'trust.json': own('src/trust.json'),
  'waft.stub.js': packed('waft.stub.js'),
  integrity: JSON.parse(packed('waft.integrity.json'))['waft.iife.js'],
};
const page = own('index.html').replace(/<!-- (\S+) -->/g, (_, name) => PASTED[name]);
const FILES = {
  '/': ['text/html', page],
  '/waft.iife.js': ['text/javascript', packed('waft.iife.js')],
  '/snapshot.waft': ['application/octet-stream', readFileSync(new URL('public/snapshot.waft', import.meta.url))],
};

/** Prints what the page exposes, where `waft serve` would store it. */
async function collect(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  console.log(`exposed: ${Buffer.concat(chunks)}`);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}

const server = createServer((request, response) => {
  if (request.url === '/v1/logs') return collect(request, response);
  const [type, bytes] = FILES[request.url] ?? [];
  response.writeHead(bytes ? 200 : 404, type && { 'content-type': type }).end(bytes);
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
