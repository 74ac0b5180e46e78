// One origin on localhost for all pages: HTTP/1.1, or HTTP/2 with a certificate for one run; everything in brotli 11, made before anything is timed.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { brotliCompressSync, constants } from 'node:zlib';

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };

/**
 * Serves files by path: `{ type, bytes, isFixed, policy }`. What is fixed is cached for a year, the rest revalidated. What is posted is
 * taken and forgotten.
 */
export async function startOrigin(files, certificate) {
  const ready = new Map();
  // Pages share scripts and rules.
  const bodies = new Map();
  for (const [path, { type, bytes, isFixed, policy }] of Object.entries(files)) {
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
    const headers = {
      'content-type': type,
      'content-encoding': 'br',
      'cache-control': isFixed ? 'max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      etag,
      ...(policy && { 'content-security-policy': policy }),
    };
    if (!bodies.has(etag)) bodies.set(etag, brotliCompressSync(bytes, BROTLI));
    const body = bodies.get(etag);
    ready.set(path, { body, headers: { ...headers, 'content-length': body.length }, etag });
  }
  function answer(request, response) {
    const { method, url, headers } = request;
    const path = url.split('?')[0];
    if (method === 'POST') {
      request.resume();
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }
    const file = ready.get(path);
    const isKnown = file && headers['if-none-match'] === file.etag;
    if (!file) return response.writeHead(404).end();
    if (!/\bbr\b/.test(headers['accept-encoding'] ?? '')) return response.writeHead(406).end();
    if (isKnown) return response.writeHead(304, { etag: file.etag, 'cache-control': file.headers['cache-control'] }).end();
    response.writeHead(200, file.headers).end(file.body);
  }
  const server = certificate ? createSecureServer(certificate, answer) : createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections?.();
      server.close();
    },
  };
}
