// Peers in headless Chromium, each in a page of its own: a server for them, and the way to call measure.mjs's members there.
import { createServer } from 'node:http';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a peer's page, by the peer's file, as a site would. */
export const bundle = (here, peer, outfile, options) =>
  build({
    entryPoints: [join(here, 'page.mjs')],
    outfile,
    alias: { peer },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    ...options,
  });

/**
 * Serves `folder`: MODULE.js, MODULE-COUNT (a ruleset), MODULE-studio_bg.wasm; `engines` has the paths of the engines by module, `rulesets` whose rulesets
 * it takes if not its own. Exposures are taken and forgotten. Isolated from other origins, because only then a page's clock is
 * finer than 100 microseconds.
 */
export async function serve(folder, engines, rulesets = {}) {
  const server = createServer((request, response) => {
    // A bundle looks for its wasm beside itself, or one folder up: both are below its own module.
    const [, module, ...path] = request.url.split('/');
    const file = path.at(-1);
    const headers = {
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    };
    const send = (type, path) => {
      if (!path || !existsSync(path)) return response.writeHead(404, headers).end();
      response.writeHead(200, { ...headers, 'content-type': type });
      createReadStream(path).pipe(response);
    };
    if (request.method === 'POST') {
      request.resume();
      request.on('end', () => response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end('{}'));
    } else if (file === '') {
      response.writeHead(200, { ...headers, 'content-type': 'text/html' });
      response.end(`<!doctype html><link rel="icon" href="data:,"><script type="module" src="script.js"></script>`);
    } else if (file === 'script.js') send('text/javascript', join(folder, `${module}.js`));
    else if (file === 'wasm') send('application/wasm', engines[module]);
    else if (file === 'studio_bg.wasm') send('application/wasm', join(folder, `${module}-${file}`));
    else send('application/octet-stream', file && join(folder, file.replace('ruleset', rulesets[module] ?? module)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Opens a peer's page, with storage of its own. */
export async function open(browser, url, module) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.stack));
  const session = await context.newCDPSession(page);
  await page.goto(`${url}/${module}/page/`);
  await page
    .waitForFunction(() => globalThis.bench, undefined, { timeout: 10_000 })
    .catch(() => {
      throw new Error(problems.join('\n') || `${module}: its script did not run`);
    });
  return {
    session,
    call: (member, ...args) => page.evaluate(([member, args]) => globalThis.bench[member](...args), [member, args]),
    close: () => context.close(),
    /** Bytes of the JavaScript heap and of WebAssembly's memories, where `watchMemories` was called first. Array buffers are neither: a ruleset's bytes do not count. */
    async memory() {
      for (let time = 0; time < 3; time++) await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      return { heap: usedSize, wasm: await page.evaluate(() => globalThis.wasmBytes()) };
    },
  };
}
