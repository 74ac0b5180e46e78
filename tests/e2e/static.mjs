// The studio's site as a host of static files serves it: compressed, on an origin of its own, with nothing behind it.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export const STUDIO = fileURLToPath(new URL('../../studio/dist', import.meta.url));

/** Serves a folder until `stop`. `asked` has the path of each request; `change` may write into a page before it is sent. */
export async function serveStatic(folder = STUDIO, { change = (html) => html } = {}) {
  const asked = [];
  const packed = new Map();
  const server = createServer(async ({ url, headers }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    asked.push(path);
    const name = normalize(path.endsWith('/') ? `${path}index.html` : path);
    let bytes;
    try {
      bytes = await readFile(join(folder, name));
    } catch {
      response.writeHead(404).end('nothing is here');
      return;
    }
    if (name.endsWith('.html')) bytes = Buffer.from(change(bytes.toString()));
    const isPacked = /\bbr\b/.test(headers['accept-encoding'] ?? '');
    if (isPacked) {
      if (!packed.has(name)) packed.set(name, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
      bytes = packed.get(name);
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'cache-control': 'no-cache',
      ...(isPacked && { 'content-encoding': 'br' }),
    });
    response.end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
