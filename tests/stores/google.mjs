// What gcp-storage-emulator lacks of Google's XML interface, in front of it: ETag, Last-Modified, generations, and writes on condition of
// one (x-goog-if-generation-match), as https://cloud.google.com/storage/docs/xml-api/reference-headers has them. The emulator stores.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** Starts it: the emulator's URL -> { url, close }. */
export async function adapt(emulator) {
  const generations = new Map(); // path -> number
  let last = 1_700_000_000_000_000;
  let turn = Promise.resolve();
  const server = createServer(async (request, response) => {
    const parts = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      return; // Whoever sent it was killed.
    }
    const body = Buffer.concat(parts);
    // One after the other: what is compared must not change before it is written.
    turn = turn.then(() => respond(request, body, response)).catch((error) => response.writeHead(500).end(String(error)));
  });

  async function respond({ method, url, headers }, body, response) {
    const wanted = headers['x-goog-if-generation-match'];
    if (method === 'PUT' && wanted !== undefined && Number(wanted) !== (generations.get(url) ?? 0)) {
      response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      return;
    }
    const sent = method === 'PUT' ? { body, headers: { 'content-type': headers['content-type'] ?? '' } } : {};
    const answer = await fetch(emulator + url, { method, ...sent });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (method === 'PUT' && answer.ok) generations.set(url, ++last);
    const tag = `"${createHash('md5')
      .update(method === 'PUT' ? body : bytes)
      .digest('hex')}"`;
    const told = { etag: tag, 'last-modified': new Date().toUTCString(), 'x-goog-generation': String(generations.get(url) ?? 0) };
    response.writeHead(answer.status, answer.ok ? { ...told, 'content-length': bytes.length } : {}).end(bytes);
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
