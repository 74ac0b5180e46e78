// Puts the demo together and serves it: the shop, with a signed snapshot of examples/shop and its trust, and the studio on an origin of its own.
//
//   node tools/demo.mjs [--out DIR] [--port N] [--studio-port N] [--people N] [--db FILE] [--no-serve]
//
// DIR is the shop that is served, DIR-studio the studio; both are made anew. The keys (approver.pem, kill.pem, ...) are secret and stay outside, in
// DIR-keys; DIR-rules and DIR-releases are the rules that are drafted and proposed, and the records. `waft guard` watches beside the server.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'target/demo/site') },
    port: { type: 'string', default: '8787' },
    'studio-port': { type: 'string', default: '8788' },
    people: { type: 'string', default: '200000' },
    db: { type: 'string' },
    'no-serve': { type: 'boolean', default: false },
  },
});

const binary = join(root, 'target/release/waft');
const page = join(root, 'www/dist');
const studio = join(root, 'studio/dist');
const ruleset = join(root, 'examples/shop');
for (const built of [binary, page, studio]) {
  if (!existsSync(built)) {
    console.error(`${built} is missing: run make build`);
    process.exit(1);
  }
}

const out = resolve(values.out);
const keys = `${out}-keys`;
const site = `${out}-studio`;
const db = resolve(values.db ?? join(dirname(out), 'waft.db'));

/** Runs `waft`, and returns what it printed. What it says besides is shown if it fails. */
function waft(...args) {
  const { status, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (status === 0) return stdout;
  console.error(`waft ${args.join(' ')}\n${stderr}`);
  process.exit(1);
}

for (const folder of [out, keys, site]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
cpSync(page, out, { recursive: true });
cpSync(studio, site, { recursive: true });

/** Each role has one key; what its holder is called is in the trust. */
const holders = { publisher: 'ci', approver: 'you', freshness: 'server', kill: 'on-call', root: 'root' };
const signers = Object.keys(holders).map((role) => {
  const pem = join(keys, `${role}.pem`);
  return { role, pem, ...JSON.parse(waft('keygen', '--out', pem)) };
});
const trust = {
  project: 'shop',
  environment: 'production',
  // New keys, new epoch: a browser that remembers version 1 of yesterday's demo counts anew, and does not refuse today's.
  epoch: Math.floor(Date.now() / 1_000),
  keys: Object.fromEntries(signers.map(({ kid, publicKey }) => [kid, publicKey])),
  holders: Object.fromEntries(signers.map(({ role, kid }) => [kid, holders[role]])),
  require: signers.map(({ role, kid }) => ({ role, keys: [kid], atLeast: 1 })),
};
const [snapshot, head, trusted] = ['snapshot.waft', 'head.waft', 'trust.json'].map((name) => join(out, name));
writeFileSync(trusted, `${JSON.stringify(trust, null, 2)}\n`);

// The history: two releases, of which the second has the rules of examples/shop, and a proposal that waits for the button.
const [rules, records, people] = [`${out}-rules`, `${out}-releases`, join(ruleset, 'people.csv')];
for (const folder of [rules, records]) rmSync(folder, { recursive: true, force: true });
const place = ['--trust', trusted, '--records', records];

/** The rules of the shop, with some texts replaced: [file, from, to]. */
function write(...changes) {
  cpSync(ruleset, rules, { recursive: true });
  for (const [file, from, to] of changes) {
    const text = readFileSync(join(rules, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} of ${ruleset} has no "${from}"`);
    writeFileSync(join(rules, file), text.replace(from, to));
  }
}

function propose(why) {
  const live = existsSync(snapshot) ? ['--live', snapshot, '--population', people] : [];
  const by = ['--key', join(keys, 'publisher.pem'), '--why', why];
  waft('release', 'propose', rules, ...place, ...by, ...live);
  // It ends with 3, as it waits for somebody.
  const { stdout } = spawnSync(binary, ['release', 'status', ...place, '--json'], { encoding: 'utf8' });
  return { live: live.slice(0, 2), digest: JSON.parse(stdout).digest };
}

function release(why) {
  const { live, digest } = propose(why);
  waft('release', 'approve', ...place, ...live, '--key', join(keys, 'approver.pem'), '--digest', digest);
  waft('release', 'publish', ...place, '--to', out, '--freshness-key', join(keys, 'freshness.pem'));
}

write(['flags/banner.yaml', '20 % off everything woollen', '10 % off everything woollen']);
release('the shop opens');
write();
release('more off for the regatta');
write(
  ['flags/storefront.yaml', 'enabled: false\n    whenOff: off\n    default: on', 'enabled: true\n    whenOff: off\n    default: on'],
  ['shop.test.yaml', 'shares: { reviews: { off: 100% } }', 'shares: { reviews: { on: 100% } }'],
);
propose('Reviews are shown');
waft('verify', snapshot, '--trust', trusted);

// What a page trusts belongs to the page, never to a file beside the snapshot: who can change one could change the other.
const data = (id, value) => `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`;
fill(join(out, 'index.html'), [data('trust', null), data('trust', trust)]);
// The studio shows the shop beside a visitor, and nothing else of another origin.
const shop = `http://localhost:${values.port}`;
fill(
  join(site, 'index.html'),
  [data('config', null), data('config', { shop, people: Number(values.people) })],
  ["frame-src 'none'", `frame-src ${shop}`],
);

/** Writes into a page what it leaves open: [from, to]. */
function fill(path, ...changes) {
  let html = readFileSync(path, 'utf8');
  for (const [from, to] of changes) {
    if (!html.includes(from)) throw new Error(`${path} has no ${from}`);
    html = html.replace(from, () => to);
  }
  writeFileSync(path, html);
}

if (!values['no-serve']) {
  console.log(`\n  http://localhost:${values['studio-port']}/   (the studio; a release waits for you in Releases; keys are in ${keys})`);
  console.log(`  ${shop}/   (the shop; Ctrl-C ends it; exposures are kept in ${db})\n`);
  const watched = ['--environment', trust.environment, '--db', db, '--records', records, '--trust', trusted];
  const published = ['--release-to', out, '--population', people, '--refresh-head', head, '--key', join(keys, 'freshness.pem')];
  // What is proposed in the studio is signed as publisher here; an approver's key is never on a server.
  const drafted = [
    '--studio',
    site,
    '--studio-port',
    values['studio-port'],
    '--rules',
    rules,
    '--publisher-key',
    join(keys, 'publisher.pem'),
  ];
  const server = spawn(binary, ['serve', '--dir', out, '--port', values.port, ...drafted, ...watched, ...published], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server.stdout.pipe(process.stdout);
  // The ramp of express-pay is under guard from the first line on, when the database is there.
  let guard;
  server.stdout.once('data', () => {
    // It turns flags off by itself; a release that did harm it proposes to take back, and you approve that.
    const held = { '--kill-key': 'kill', '--publisher-key': 'publisher', '--freshness-key': 'freshness' };
    const signed = Object.entries(held).flatMap(([option, role]) => [option, join(keys, `${role}.pem`)]);
    const kept = ['--to', out, '--state', join(dirname(out), 'waft-guard.json')];
    guard = spawn(binary, ['guard', rules, ...watched, ...kept, ...signed, '--every', '10s'], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
  // Ctrl-C reaches both by itself; the server stops in its own time, and this script after it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  server.on('exit', (code) => {
    guard?.kill('SIGTERM');
    process.exit(code ?? 1);
  });
}
