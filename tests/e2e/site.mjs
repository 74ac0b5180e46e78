// The demo's folder and its server, for one test.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import initSqlJs from 'sql.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = join(root, 'target/release/waft');

/** Assembles the demo in a folder of its own, with keys of its own; by more of the demo's arguments. */
export function assemble(...more) {
  const home = mkdtempSync(join(tmpdir(), 'waft-e2e-'));
  const folder = join(home, 'site');
  execFileSync(process.execPath, [join(root, 'tools/demo.mjs'), '--out', folder, '--no-serve', ...more], { stdio: 'inherit' });
  return {
    home,
    folder,
    /** The studio's site, as the demo fills it in. */
    studio: `${folder}-studio`,
    database: join(home, 'waft.db'),
    keys: `${folder}-keys`,
    rules: `${folder}-rules`,
    records: `${folder}-releases`,
    snapshot: join(folder, 'snapshot.waft'),
    trust: join(folder, 'trust.json'),
    servers: new Set(),
    /** Also ends the servers that a failed test left behind: they would keep the runner waiting. */
    remove() {
      for (const server of this.servers) server.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Runs `waft` and answers what it printed. */
export const waft = (...args) => execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** What the native engine decides for a context: every flag. */
export const decide = (site, context) =>
  JSON.parse(waft('eval', site.snapshot, '--trust', site.trust, '--context', JSON.stringify(context)));

/** Starts `waft serve` and answers its address and a way to stop it that waits for its end. */
export async function serve(site, port = 0, ...more) {
  const results = ['--ruleset', join(root, 'examples/shop'), '--environment', 'production'];
  const args = ['serve', '--dir', site.folder, '--port', String(port), '--db', site.database, ...results, ...more];
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  site.servers.add(child);
  const ended = new Promise((resolve) => child.on('exit', resolve)).finally(() => site.servers.delete(child));
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found) resolve(found[0]);
    });
    ended.then((code) => reject(new Error(`waft serve ended with ${code}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** The rows of a query over the stopped server's database. */
export async function query(site, sql) {
  const require = createRequire(import.meta.url);
  const SQL = await initSqlJs({ locateFile: (file) => require.resolve(`sql.js/dist/${file}`) });
  const database = new SQL.Database(readFileSync(site.database));
  const [result] = database.exec(sql);
  database.close();
  if (!result) return [];
  return result.values.map((row) => Object.fromEntries(row.map((value, index) => [result.columns[index], value])));
}
