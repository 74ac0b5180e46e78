// `make matrix`: the packed tarball in tiny projects, one for each build tool, runner and runtime (rows.mjs). In each, a flag is decided and
// its exposure arrives at a collector. The last line is `N of N passed`.
//
//   ROWS="vite-8 jest"    only these
//   MATRIX_PART=2/3       the second third of them, and those that are `always` run
//
// Versions are locked in rows/NAME. What is installed stays in target/matrix, for the next run.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launch } from '../e2e/browser.mjs';
import { recordsOf, startOrigin, until } from '../e2e/origin.mjs';
import { pageOf, ROWS } from './rows.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const home = join(root, 'target/matrix');
const DECIDED = 'boolean SPLIT 1 undefined';
/** How long a command may take, in milliseconds. */
const LONGEST = 300_000;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

const started = Date.now();
const say = (text) => console.log(`${((Date.now() - started) / 1_000).toFixed(0).padStart(5)} s  ${text}`);
const after = [];
const exec = promisify(execFile);

/** Installs what rows/NAME locks, where that has changed since the last run. */
async function install(name) {
  const [from, to] = [join(here, 'rows', name), join(home, name)];
  const lock = readFileSync(join(from, 'package-lock.json'), 'utf8');
  const done = join(to, 'node_modules/.matrix-lock');
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
  if (existsSync(done) && readFileSync(done, 'utf8') === lock) return to;
  await exec('npm', ['ci', '--no-audit', '--no-fund'], { cwd: to, timeout: LONGEST, maxBuffer: 1 << 26 });
  writeFileSync(done, lock);
  return to;
}

/** What a row is given. */
class Row {
  #name;
  #dir;
  #origin;
  #browser;
  #path;
  /** Each visitor is another, under either Node. */
  #checks = { made: 0 };

  constructor(name, dir, origin, browser, node) {
    [this.#name, this.#dir, this.#origin, this.#browser] = [name, dir, origin, browser];
    this.#path = [join(dir, 'node_modules/.bin'), node, process.env.PATH].join(':');
  }

  get #env() {
    return {
      ...process.env,
      PATH: this.#path,
      NO_COLOR: '1',
      CI: '1',
      NEXT_TELEMETRY_DISABLED: '1',
      ASTRO_TELEMETRY_DISABLED: '1',
      NODE_ENV: '',
      VISITOR: `${this.#name}-${++this.#checks.made}`,
    };
  }

  /** The same under the Node that runs this. */
  old() {
    const row = new Row(this.#name, this.#dir, this.#origin, this.#browser, '');
    row.#checks = this.#checks;
    return row;
  }

  write(file, text) {
    mkdirSync(join(this.#dir, file, '..'), { recursive: true });
    writeFileSync(join(this.#dir, file), text);
  }

  /** Runs a command in the row's folder. Returns what it prints. */
  async run(command) {
    const env = this.#env;
    const { stdout } = await exec('sh', ['-c', command], { cwd: this.#dir, env, timeout: LONGEST, maxBuffer: 1 << 26 }).catch((error) => {
      throw new Error(`${command}: ${error.message}\n${`${error.stdout}${error.stderr}`.slice(-2_000)}`);
    });
    return { stdout, visitor: env.VISITOR };
  }

  /** Runs a command that decides and prints that, or has asserted it. */
  async decides(command, prints = true) {
    const { stdout, visitor } = await this.run(command);
    if (prints && !stdout.includes(DECIDED)) throw new Error(`${command} printed ${stdout}`);
    await this.#arrived(visitor);
  }

  /** Opens a page, which has the outcome as its title. */
  async opens(url) {
    const visitor = `${this.#name}-${++this.#checks.made}`;
    const context = await this.#browser.newContext();
    try {
      const page = await context.newPage();
      const errors = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(`${url}?visitor=${visitor}`);
      await page.waitForFunction(() => document.title !== 'deciding', undefined, { timeout: 60_000 }).catch(() => {});
      const title = await page.title();
      if (title !== DECIDED || errors.length) throw new Error(`the page says "${title}"; ${errors.join('; ')}`);
    } finally {
      await context.close();
    }
    await this.#arrived(visitor);
  }

  /** A new page of a new profile, told of its errors and of what it exposes. */
  async visits(work) {
    const context = await this.#browser.newContext();
    try {
      const page = await context.newPage();
      const [errors, exposed] = [[], []];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => /^(error|warning)$/.test(message.type()) && errors.push(message.text()));
      page.on('request', (request) => request.method() === 'POST' && exposed.push(...recordsOf(request.postData())));
      await work(page, exposed, until);
      if (errors.length) throw new Error(errors.join('; '));
    } finally {
      await context.close();
    }
  }

  /** Opens what was built into a folder. */
  async opensFolder(folder, path = '/') {
    const files = join(this.#dir, folder);
    const server = createServer(({ url }, response) => {
      const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
      const file = join(files, path.endsWith('/') ? `${path}index.html` : path);
      if (!file.startsWith(files) || !existsSync(file)) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await this.opens(`http://127.0.0.1:${server.address().port}${path}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  /** Runs a command that writes a script into dist, and opens a page of it. */
  async opensScript(command, script, type) {
    await this.run(command);
    this.write('dist/index.html', pageOf(script, type));
    await this.opensFolder('dist');
  }

  /** Starts a server, which prints its address, and opens that. */
  opensServer(command) {
    return this.serves(command, (url) => this.opens(url));
  }

  /** Starts a server, which prints its address, and works with that. */
  async serves(command, work) {
    const child = spawn('sh', ['-c', `exec ${command}`], {
      cwd: this.#dir,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data));
    try {
      const url = () => /http:\/\/(?:127\.0\.0\.1|localhost):\d+\//.exec(`${printed}\n`.replace(/(:\d+)(\s)/g, '$1/$2'))?.[0];
      await until(url, 90).catch(() => {
        throw new Error(`${command} told no address: ${printed}`);
      });
      await work(url());
    } finally {
      // It may have ended by itself, which is told above.
      if (child.exitCode === null) process.kill(-child.pid);
    }
  }

  async #arrived(visitor) {
    const exposed = () => this.#origin.records.filter((record) => record['feature_flag.context.id'] === visitor);
    await until(() => exposed().length).catch(() => {
      throw new Error(`no exposure of ${visitor} arrived`);
    });
    if (exposed().length > 1) throw new Error(`${exposed().length} exposures of ${visitor}`);
  }
}

/** Gives a row its project: the lock's packages, the tarball, the shared sources, and where the origin is. */
async function prepare(project, tarball, settings) {
  const dir = await install(project);
  const waft = join(dir, 'node_modules/waft');
  rmSync(waft, { recursive: true, force: true });
  mkdirSync(waft, { recursive: true });
  await exec('tar', ['-xzf', tarball, '-C', waft, '--strip-components=1']);
  cpSync(join(here, 'shared'), join(dir, 'src'), { recursive: true });
  writeFileSync(join(dir, 'src/settings.js'), settings);
  return dir;
}

const all = Object.keys(ROWS);
const [part, parts] = (process.env.MATRIX_PART ?? '1/1').split('/').map(Number);
const chosen = process.env.ROWS
  ? process.env.ROWS.split(' ')
  : all.filter((name, index) => index % parts === part - 1 || ROWS[name].always);
const unknown = chosen.filter((name) => !(name in ROWS));
if (unknown.length) throw new Error(`no row ${unknown.join(', ')}: there are ${all.join(', ')}`);

mkdirSync(home, { recursive: true });
const ticker = setInterval(() => say('...'), 25_000);
ticker.unref();
let failed = 0;
try {
  say(`the tarball and Node of ${chosen.length} rows`);
  const { stdout } = await exec('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', home], { cwd: join(root, 'pkg') });
  const tarball = join(home, 'waft.tgz');
  renameSync(join(home, JSON.parse(stdout)[0].filename), tarball);
  const node = join(await install('node-22'), 'node_modules/node/bin');
  const origin = await startOrigin({ after: (work) => after.push(work) });
  const trust = await (await fetch(`${origin.url}/trust.json`)).json();
  const engine = createHash('sha384')
    .update(readFileSync(join(root, 'pkg/engine/engine.wasm')))
    .digest('base64');
  const settings = `export const ENGINE_SHA384 = ${JSON.stringify(engine)};\nexport const ORIGIN = ${JSON.stringify(origin.url)};\nexport const TRUST = ${JSON.stringify(trust)};\n`;
  const browser = await launch();
  after.push(() => browser.close());

  for (const name of chosen) {
    const { project = name, check } = ROWS[name];
    const began = Date.now();
    say(name);
    try {
      const dir = await prepare(project, tarball, settings);
      await check(new Row(name, dir, origin, browser, node));
      say(`${name}: passed in ${((Date.now() - began) / 1_000).toFixed(0)} s`);
    } catch (error) {
      failed++;
      say(`${name}: FAILED: ${error.message}`);
    }
  }
} finally {
  clearInterval(ticker);
  for (const work of after) await work();
}
console.log(`${chosen.length - failed} of ${chosen.length} passed`);
process.exitCode = failed ? 1 : 0;
