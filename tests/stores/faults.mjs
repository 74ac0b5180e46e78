// A store's bad days: a proxy in front of one, which does to a request what a test asks for.
import { createServer, request as send } from 'node:http';

/** What may happen to a request: a status and nothing else, no response although it was done, done twice, or late. */
export const FATES = ['status 503', 'lost', 'twice', 'late'];

/**
 * Starts it in front of a URL -> { url, begin, requests, close }. `begin(fate, at)`: the request of that number, from 1 on, meets the fate;
 * `requests()` is how many there were since then.
 */
export async function proxy(origin) {
  let [fate, at, count] = ['', 0, 0];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const meets = ++count === at ? fate : '';
    if (meets === 'status 503') return response.writeHead(503).end();
    if (meets === 'late') await new Promise((resolve) => setTimeout(resolve, 400));
    const forward = () => pass(origin, request, Buffer.concat(parts));
    let answer = await forward();
    if (meets === 'twice') answer = await forward();
    if (meets === 'lost') return request.socket.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.bytes);
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const begin = (wanted, number) => {
    [fate, at, count] = [wanted, number, 0];
  };
  return { url: `http://127.0.0.1:${server.address().port}`, begin, requests: () => count, close: () => server.close() };
}

/** Sends a request on as it came -> { status, headers, bytes }. The Host header stays as it was sent: it is signed. */
export function pass(origin, { method, url, headers }, body) {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const forwarded = send({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) }));
    });
    forwarded.on('error', reject).end(body);
  });
}
