// What stands between a page and `waft serve`: it serves the page, and fails as it is told.
import { createServer } from 'node:http';

const TYPES = { '/': 'text/html', '/page.js': 'text/javascript', '/trust.json': 'application/json' };

/** How long a slow answer takes, in milliseconds, and one that is slower than a queue waits for more records. */
const SLOW = 1_500;
const SLOWER = 3_000;
/** A body that is too large for a collector which says 413, in bytes. */
const LARGE = 8_000;

/** Starts one. `files` has what it serves by path; `collector` is the address that takes logs. `mode` may be changed at any time. */
export async function startFront(files, collector) {
  const front = { mode: 'ok', requests: 0 };
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      const file = files[request.url];
      response.writeHead(file ? 200 : 404, { 'content-type': TYPES[request.url] ?? 'application/octet-stream' });
      return response.end(file);
    }
    front.requests++;
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The page went away in the middle.
    }
    const body = Buffer.concat(chunks);
    const forward = () =>
      fetch(`${collector}/v1/logs`, { method: 'POST', body, headers: { 'content-type': request.headers['content-type'] } });
    const pass = async () => {
      const answer = await forward();
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(await answer.text());
    };
    const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));
    const refuse = (status, headers = {}) => response.writeHead(status, headers).end();
    switch (front.mode) {
      case '500':
      case '401':
        return refuse(Number(front.mode));
      case '429':
        return refuse(429, { 'retry-after': '1' });
      case '413':
        return body.length > LARGE ? refuse(413) : pass();
      case 'html':
        return response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Welcome to our Wi-Fi');
      case 'slow':
        await sleep(SLOW);
        return pass();
      case 'slow headers':
        await sleep(SLOWER);
        return pass();
      case 'slow body': {
        const answer = await forward();
        response.writeHead(answer.status, { 'content-type': 'application/json' }).write(' ');
        await sleep(SLOWER);
        return response.end(await answer.text());
      }
      case 'slow 503':
        await sleep(SLOWER);
        return refuse(503);
      case 'refused':
        return request.socket.destroy();
      // The collector has stored it, but the page never hears so.
      case 'cut':
        await forward();
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
        return response.write('{"partial', () => request.socket.destroy());
      case 'endless':
        await forward();
        response.writeHead(200, { 'content-type': 'application/json' });
        return response.write('{');
      case 'silent':
        return forward();
      default:
        return pass();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  front.url = `http://127.0.0.1:${server.address().port}`;
  front.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return front;
}
