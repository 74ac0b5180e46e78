// What a minimal page downloads, measured for every peer the way tools/size.mjs does it for waft.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

/** Bytes after brotli 11. */
export function brotli(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

/** The bytes of a peer's minimal page; undefined if it has none. Waft's, in its `checkout`, are what its own tool says. */
export async function pageSize(checkout, here, { PAGE }, engine) {
  if (checkout) {
    const [, total] = /^total (\d+)$/m.exec(tool(join(checkout, 'tools/size.mjs')));
    return Number(total);
  }
  if (!PAGE) return undefined;
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: here, sourcefile: 'page.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  return brotli(outputFiles[0].contents) + (engine ? brotli(readFileSync(engine)) : 0);
}

/** What a tool prints, also where it fails because its limit is not kept. */
function tool(path) {
  try {
    return execFileSync(process.execPath, [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return error.stdout;
  }
}
