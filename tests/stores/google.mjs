// What gcp-storage-emulator lacks of Google's XML interface, in front of it: ETag, Last-Modified, generations, writes on condition of one
// (x-goog-if-generation-match), as https://cloud.google.com/storage/docs/xml-api/reference-headers has them, and lists of a bucket
// (https://cloud.google.com/storage/docs/xml-api/get-bucket-list). The emulator stores.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** Starts it: the emulator's URL -> { url, close }. */
export async function adapt(emulator) {
  const files = new Map(); // path -> { generation, tag, size }
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
    const { pathname, searchParams } = new URL(url, emulator);
    if (method === 'GET' && searchParams.has('list-type')) {
      response.writeHead(200, { 'content-type': 'application/xml' }).end(list(`${pathname}/`, searchParams));
      return;
    }
    const wanted = headers['x-goog-if-generation-match'];
    if (method === 'PUT' && wanted !== undefined && Number(wanted) !== (files.get(url)?.generation ?? 0)) {
      response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      return;
    }
    const sent = method === 'PUT' ? { body, headers: { 'content-type': headers['content-type'] ?? '' } } : {};
    const answer = await fetch(emulator + url, { method, ...sent });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const tag = `"${createHash('md5')
      .update(method === 'PUT' ? body : bytes)
      .digest('hex')}"`;
    if (method === 'PUT' && answer.ok) files.set(url, { generation: ++last, tag, size: body.length });
    if (method === 'DELETE') files.delete(url);
    const told = { etag: tag, 'last-modified': new Date().toUTCString(), 'x-goog-generation': String(files.get(url)?.generation ?? 0) };
    response.writeHead(answer.status, answer.ok ? { ...told, 'content-length': bytes.length } : {}).end(bytes);
  }

  /** A bucket's files below a prefix, but not in folders there. */
  function list(bucket, asked) {
    const [prefix, delimiter] = [asked.get('prefix') ?? '', asked.get('delimiter') ?? ''];
    const found = [...files].map(([path, file]) => [decodeURIComponent(path.slice(bucket.length)), path.startsWith(bucket), file]);
    const within = ([key, isOurs]) => isOurs && key.startsWith(prefix) && !(delimiter && key.slice(prefix.length).includes(delimiter));
    const one = ([key, , { tag, size }]) =>
      `<Contents><Key>${key}</Key><LastModified>2026-11-30T08:00:00.000Z</LastModified><ETag>${tag.replaceAll('"', '&quot;')}</ETag><Size>${size}</Size></Contents>`;
    return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${found.filter(within).map(one).join('')}</ListBucketResult>`;
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
