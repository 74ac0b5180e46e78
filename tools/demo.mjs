// Puts the demo together and serves it: the built studio page, with a signed snapshot of examples/shop and its trust.
//
//   node tools/demo.mjs [--out DIR] [--port N] [--db FILE] [--no-serve]
//
// DIR is what is served; it is made anew. The keys (publisher.pem, approver.pem) are secret and stay outside, in DIR-keys.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'target/demo/site') },
    port: { type: 'string', default: '8787' },
    db: { type: 'string' },
    'no-serve': { type: 'boolean', default: false },
  },
});

const binary = join(root, 'target/release/waft');
const page = join(root, 'www/dist');
const ruleset = join(root, 'examples/shop');
for (const built of [binary, page]) {
  if (!existsSync(built)) {
    console.error(`${built} is missing: run make build`);
    process.exit(1);
  }
}

const out = resolve(values.out);
const keys = `${out}-keys`;
const db = resolve(values.db ?? join(dirname(out), 'waft.db'));
const waft = (...args) => execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

for (const folder of [out, keys]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
cpSync(page, out, { recursive: true });

const signers = ['publisher', 'approver'].map((role) => {
  const pem = join(keys, `${role}.pem`);
  return { role, pem, ...JSON.parse(waft('keygen', '--out', pem)) };
});
const trust = {
  project: 'shop',
  environment: 'production',
  // New keys, new epoch: a browser that remembers version 1 of yesterday's demo counts anew, and does not refuse today's.
  epoch: Math.floor(Date.now() / 1_000),
  keys: Object.fromEntries(signers.map(({ kid, publicKey }) => [kid, publicKey])),
  require: signers.map(({ role, kid }) => ({ role, keys: [kid], atLeast: 1 })),
};
const [snapshot, trusted] = [join(out, 'snapshot.waft'), join(out, 'trust.json')];
writeFileSync(trusted, `${JSON.stringify(trust, null, 2)}\n`);
waft('build', ruleset, '--environment', trust.environment, '--version', '1', '--out', snapshot);
for (const { role, pem } of signers) waft('sign', snapshot, '--key', pem, '--role', role);
waft('verify', snapshot, '--trust', trusted);

// What a page trusts belongs to the page, never to a file beside the snapshot: who can change one could change the other.
const index = join(out, 'index.html');
const [empty, filled] = ['null', JSON.stringify(trust)].map((text) => `<script type="application/json" id="trust">${text}</script>`);
const html = readFileSync(index, 'utf8');
if (!html.includes(empty)) throw new Error(`${index} has no place for the trust`);
writeFileSync(
  index,
  html.replace(empty, () => filled),
);

if (!values['no-serve']) {
  console.log(`\n  http://localhost:${values.port}/   (results: /report; Ctrl-C ends it; exposures are kept in ${db})\n`);
  const server = spawn(
    binary,
    ['serve', '--dir', out, '--port', values.port, '--db', db, '--ruleset', ruleset, '--environment', trust.environment],
    { stdio: 'inherit' },
  );
  // Ctrl-C reaches the server by itself; it stops in its own time, and this script after it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  server.on('exit', (code) => process.exit(code ?? 1));
}
