// The stores, each as a process of its own on a free port: start*() -> { to, url, env, read(name) -> { status, bytes, cache }, stop() }.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

import { adapt } from './google.mjs';
import { inTurn } from './turns.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a program, and waits until it responds at all. */
async function start(program, parameters, url, options = {}) {
  const child = spawn(program, parameters, { stdio: 'ignore', ...options });
  let failed = null;
  child.on('error', (error) => (failed = error));
  child.on('exit', (code) => (failed ??= new Error(`${program} ended with ${code}`)));
  for (let looks = 0; ; looks++) {
    if (failed) throw failed;
    try {
      await fetch(url);
      return () => child.kill('SIGKILL');
    } catch (error) {
      if (looks > 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A GET as a reader's. */
async function read(url, headers = {}) {
  const answer = await fetch(url, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, bytes, cache: answer.headers.get('cache-control') };
}

/** s3s-fs, which keeps objects as files, behind what makes its comparisons hold. Whoever has no key may read nothing. */
export async function startS3(folder) {
  const port = await freePort();
  await mkdir(`${folder}/s3/shop`, { recursive: true });
  const own = `http://127.0.0.1:${port}`;
  const [key, secret] = ['publisher', 'publisher-secret'];
  const parameters = ['--host', '127.0.0.1', '--port', String(port), '--access-key', key, '--secret-key', secret, `${folder}/s3`];
  const end = await start('s3s-fs', parameters, own);
  const { url, close } = await inTurn(own);
  const env = { AWS_ENDPOINT: url, AWS_ALLOW_HTTP: 'true', AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret };
  const read = async (name) => ({ status: 200, bytes: await readFile(`${folder}/s3/shop/flags/${name}`), cache: null });
  const stop = () => {
    close();
    end();
  };
  return { to: 's3://shop/flags', public: null, url, env, read, stop };
}

// Azurite's well-known account, which is in Microsoft's documentation.
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** The headers of a request to Azurite, signed with its key. */
function signed(method, path, query, headers) {
  const named = { 'x-ms-date': new Date().toUTCString(), 'x-ms-version': '2021-08-06', ...headers };
  const canonical = Object.keys(named)
    .sort()
    .map((name) => `${name}:${named[name]}\n`)
    .join('');
  const resource = [
    `/${ACCOUNT}${path}`,
    ...Object.keys(query)
      .sort()
      .map((name) => `${name}:${query[name]}`),
  ].join('\n');
  const text = `${method}\n\n\n\n\n\n\n\n\n\n\n\n${canonical}${resource}`;
  const signature = createHmac('sha256', Buffer.from(KEY, 'base64')).update(text).digest('base64');
  return { ...named, authorization: `SharedKey ${ACCOUNT}:${signature}` };
}

/** Azurite, with a container that anybody may read. */
export async function startAzure(folder) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const parameters = ['--silent', '--disableTelemetry', '--inMemoryPersistence', '--skipApiVersionCheck', '--blobPort', String(port)];
  const stop = await start(here('node_modules/.bin/azurite-blob'), parameters, url, { cwd: folder });
  const path = `/${ACCOUNT}/shop`;
  const query = { restype: 'container' };
  const made = await fetch(`${url}${path}?restype=container`, {
    method: 'PUT',
    headers: signed('PUT', path, query, { 'x-ms-blob-public-access': 'blob' }),
  });
  if (!made.ok) throw new Error(`container: ${made.status} ${await made.text()}`);
  const env = { AZURE_STORAGE_USE_EMULATOR: 'true', AZURITE_BLOB_STORAGE_URL: url };
  const named = (name) => `${url}${path}/flags/${name}`;
  return { to: 'az://shop/flags', public: named(''), url, env, read: (name) => read(named(name)), stop };
}

/** gcp-storage-emulator, behind what it lacks. */
export async function startGoogle(folder) {
  const port = await freePort();
  const emulator = `http://127.0.0.1:${port}`;
  const parameters = ['start', '--host', '127.0.0.1', '--port', String(port), '--in-memory', '--quiet', '--default-bucket', 'shop'];
  const end = await start(process.env.GOOGLE_EMULATOR, parameters, emulator, { cwd: folder });
  const { url, close } = await adapt(emulator);
  // As object_store's documentation names it for such emulators.
  const key = { gcs_base_url: url, disable_oauth: true, client_email: '', private_key: '', private_key_id: '' };
  const env = { GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify(key), GOOGLE_ALLOW_HTTP: 'true' };
  const stop = () => {
    close();
    end();
  };
  return { to: 'gs://shop/flags', public: null, url, env, read: (name) => read(`${emulator}/shop/flags/${name}`), stop };
}
