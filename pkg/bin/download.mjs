// A program of its own, `node download.mjs URL`: writes what a URL gives to stdout, or in one line to stderr why it could not. The same bounds as
// crates/cli/src/publish/agent.rs.
import { writeWhole } from './descriptor.mjs';

const WAIT = 20_000; // milliseconds until a response begins
const WHOLE = 600_000; // milliseconds for all of it
const LARGEST = 67_174_400; // bytes: a snapshot of 64 MiB, with its signatures
const REDIRECTS = 5;
const STDOUT = 1;

/** The response, behind redirects. */
async function response(url, { signal, abort }) {
  for (let left = REDIRECTS, at = url; ; left--) {
    const timer = setTimeout(() => abort(new Error('no response in time')), WAIT);
    try {
      const answer = await fetch(at, { redirect: 'manual', headers: { 'cache-control': 'no-cache' }, credentials: 'omit', signal });
      const next = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || !next || left === 0) return answer;
      await answer.body?.cancel();
      at = new URL(next, at);
      if (!/^https?:$/.test(at.protocol)) throw new Error(`leads to ${at.protocol}, not to a file of the web`);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function download(url) {
  const control = new AbortController();
  const abort = (reason) => control.abort(reason);
  const timer = setTimeout(() => abort(new Error('no response in time')), WHOLE);
  try {
    const answer = await response(url, { signal: control.signal, abort });
    if (answer.status !== 200) throw new Error(`status ${answer.status}: expected a published file`);
    let length = 0;
    for await (const chunk of answer.body ?? []) {
      length += chunk.length;
      if (length > LARGEST) throw new Error(`over ${LARGEST} bytes: no published file`);
      writeWhole(STDOUT, chunk);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` says of all that is between here and the server that it failed, and why in its cause. */
function told(error) {
  const { cause } = error;
  const why = cause instanceof Error ? cause.message || cause.code : undefined;
  if (!why) return error.message;
  return error.message === 'fetch failed' ? `cannot connect, ${why}` : `${error.message}, ${why}`;
}

try {
  await download(process.argv[2]);
} catch (error) {
  process.stderr.write(`${told(error).replaceAll('\n', ' ')}\n`);
  // What was written of it is not to be taken for all of it.
  process.exitCode = 1;
}
