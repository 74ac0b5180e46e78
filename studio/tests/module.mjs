// A module of the studio, for tests in Node: bundled as for a page.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { alias } from '../tools/preact.mjs';

/** Imports `src/PATH`. */
export async function load(path) {
  const folder = mkdtempSync(join(tmpdir(), 'waft-studio-'));
  try {
    const outfile = join(folder, 'module.mjs');
    const source = fileURLToPath(new URL(`../src/${path}`, import.meta.url));
    await build({ entryPoints: [source], outfile, bundle: true, format: 'esm', platform: 'browser', alias, logLevel: 'error' });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
