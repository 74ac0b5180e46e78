// What a URL gives. Commands call one method after the other, and Node reads the web while it waits for events: so another process reads it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const DOWNLOAD = fileURLToPath(new URL('./download.mjs', import.meta.url));

/** The bytes, to whoever asks without credentials. A proxy is that of the environment, where Node knows them (from 24 on). */
export function fetched(url) {
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1' };
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [DOWNLOAD, url], {
    env,
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.toString().trim() || 'reading it stopped unexpectedly');
  return stdout;
}
