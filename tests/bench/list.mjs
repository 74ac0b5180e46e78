// What a list of 1,000,000 ids costs: its file, its build, and whether somebody is in it. By hand, after `make build`:
//
//   tools/env.sh node tests/bench/list.mjs
//
// Through the package, in Node. Each read has a new context; the same with a condition that asks for no list is taken off.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'waft';
import { median } from './measure.mjs';
import { keys, snapshot, waft } from './snapshot.mjs';

const IDS = 1_000_000;
const CONTEXTS = 100_000;
const ROUNDS = 15;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'target/bench/list');
// Even numbers are listed; ids have no order that their hash could keep.
const id = (index) => `acct-${((index * 2654435761) % 2 ** 32).toString(16)}`;
const RULESET = `
project: bench
environments: { production: {} }
attributes: { account: string }
lists: { vip: { attribute: account, file: vip.csv, preload: true } }
flags:
  listed: { type: boolean, whenOff: off, rules: [{ id: r, if: { list: vip }, serve: on }], default: off }
  named: { type: boolean, whenOff: off, rules: [{ id: r, if: { account: { is: nobody } }, serve: on }], default: off }
`;

const signers = keys(join(root, 'target/release/waft'), folder);
const csv = Array.from({ length: IDS }, (_, index) => id(2 * index)).join('\n');
const bytes = snapshot(signers, [RULESET], { 'vip.csv': csv });
const start = performance.now();
const again = join(folder, 'again.waft');
waft(signers.binary, 'build', join(folder, 'ruleset'), '--environment', 'production', '--version', '1', '--out', again);
console.log(`waft build: ${((performance.now() - start) / 1e3).toFixed(1)} s`);
const list = readdirSync(folder).find((name) => name.endsWith('.list'));
const file = readFileSync(join(folder, list));
console.log(`list file: ${file.length} bytes, ${(file.length / IDS).toFixed(2)} an id`);

const server = createServer(({ url }, response) => response.end(url === `/${list}` ? file : bytes)).listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const url = `http://127.0.0.1:${server.address().port}/snapshot.waft`;
const client = await createClient({ snapshot: url, trust: signers.trust, context: { account: id(0) } });
server.closeAllConnections();
server.close();
if (client.status().code) throw new Error(`waft refused its snapshot: ${client.status().code}`);

// Spread over the whole list: more than a cache holds.
const contexts = Array.from({ length: CONTEXTS }, (_, index) => ({ account: id((index * 7919) % (2 * IDS)) }));
const odd = contexts.filter(({ account }, index) => {
  client.setContext({ account });
  return client.peek('listed', false).value !== (((index * 7919) % (2 * IDS)) % 2 === 0);
});
if (odd.length) throw new Error(`${odd.length} of ${CONTEXTS} are wrong, ${odd[0].account} the first`);

/** Nanoseconds for a new context and one flag. */
function each(key) {
  const from = performance.now();
  for (const context of contexts) {
    client.setContext(context);
    client.peek(key, false);
  }
  return (1e6 * (performance.now() - from)) / CONTEXTS;
}

const rounds = Array.from({ length: ROUNDS }, () => [each('listed'), each('named')]);
const [listed, named] = [0, 1].map((which) => median(rounds.map((round) => round[which])));
const membership = median(rounds.map(([one, other]) => one - other));
console.log(`new context and one flag: ${listed.toFixed(0)} ns with the list, ${named.toFixed(0)} ns without`);
console.log(`membership: ${membership.toFixed(0)} ns`);
client.close();
rmSync(folder, { recursive: true, force: true });
