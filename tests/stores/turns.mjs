// One request after the other, in front of a store that compares and then writes, as s3s-fs 0.14.1 does (its put_object looks at If-Match and
// If-None-Match, then writes the object, and then its ETag into another file). Of two writers at once both succeed there, which S3 promises never happens;
// and who reads meanwhile, or lists, may get an object with the ETag of another, with which its next write undoes that one. So what S3 promises is made
// true here, and nothing else: each request goes on as it came, and its response comes back as it is. Azurite needs no such help; google.mjs has its own.
import { createServer } from 'node:http';

import { pass } from './faults.mjs';

/** Starts it in front of a URL -> { url, close }. */
export async function inTurn(origin) {
  let turn = Promise.resolve();
  const server = createServer(async (request, response) => {
    const parts = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      return; // Whoever sent it was killed: a store that has half a request does nothing.
    }
    // Once it is whole it is done, also for somebody who was killed meanwhile.
    const answer = turn.then(() => pass(origin, request, Buffer.concat(parts)));
    turn = answer.catch(() => {});
    try {
      const { status, headers, bytes } = await answer;
      response.writeHead(status, headers).end(bytes);
    } catch {
      request.socket.destroy();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
