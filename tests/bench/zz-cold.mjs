import { build } from 'esbuild'; import { createServer } from 'node:http'; import { readFileSync } from 'node:fs';
import { launch } from '../e2e/browser.mjs';
const src = `
import { initSync } from '/work/main/pkg/engine/engine.js';
import { Engine } from '/work/main/pkg/dist/engine.js';
import { encodeTrust } from '/work/main/pkg/dist/trust.js';
import { createClient } from '/work/main/pkg/dist/index.js';
const get = async (p) => new Uint8Array(await (await fetch(p)).arrayBuffer());
globalThis.cold = async (whole) => {
  const bytes = await get('/snap'); const trust = JSON.parse(new TextDecoder().decode(await get('/trust')));
  const module = await WebAssembly.compile(await get('/wasm'));
  await new Promise((r) => setTimeout(r, 200));
  const t = [performance.now()]; const mark = (n) => t.push(n, performance.now());
  if (whole) {
    const client = await createClient({ snapshot: bytes, trust, context: { userId: 'x', country: 'XX', plan: 'none', appVersion: '0.9.1', age: 3 }, engine: module }); mark('createClient');
    client.peek('flag-00500', false); mark('peek');
  } else {
    const memory = initSync({ module }).memory; mark('init');
    const e = new Engine(memory); mark('new');
    e.trust(encodeTrust(trust)); mark('trust');
    e.adopt(bytes, Date.now()); mark('adopt');
    const [s, a] = e.describe(); mark('describe');
    e.context({ userId: 'x', country: 'XX', plan: 'none', appVersion: '0.9.1', age: 3 }, a); mark('context');
    const f = e.find('flag-00500'); mark('find'); e.evaluate(f, Date.now()); mark('evaluate'); e.variant(f, 1); mark('variant');
  }
  const out = []; for (let i = 1; i < t.length; i += 2) out.push(t[i] + ' ' + (t[i + 1] - t[i - 1]).toFixed(2)); return out.join('  ');
};`;
const { outputFiles } = await build({ stdin: { contents: src, resolveDir: '/work/main/tests/bench' }, bundle: true, minify: true, format: 'esm', write: false, target: 'es2022' });
const files = { '/': ['text/html', '<!doctype html><script type=module src=/s.js></script>'], '/s.js': ['text/javascript', outputFiles[0].contents], '/snap': ['application/octet-stream', readFileSync('/work/main/target/bench/waft-1000')], '/trust': ['application/json', readFileSync('/work/main/target/bench/keys/trust.json')], '/wasm': ['application/wasm', readFileSync(process.env.WASM ?? '/work/main/pkg/engine/engine_bg.wasm')] };
const server = createServer((q, r) => { const f = files[q.url]; if (!f) return r.writeHead(404).end(); r.writeHead(200, { 'content-type': f[0], 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }).end(f[1]); });
await new Promise((r) => server.listen(0, r));
const browser = await launch();
for (const whole of [false, false, false, true, true, true]) { const c = await browser.newContext(); const page = await c.newPage(); await page.goto(`http://localhost:${server.address().port}/`); await page.waitForFunction(() => globalThis.cold); console.log(await page.evaluate((w) => globalThis.cold(w), whole)); await c.close(); }
await browser.close(); process.exit();
