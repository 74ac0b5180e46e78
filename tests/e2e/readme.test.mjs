// pkg/README.md's Start, as it is written, from an empty folder to a page: the packed tarball stands for what a registry has.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const root = fileURLToPath(new URL('../..', import.meta.url));
const [, START] = /^## Start$(.*?)^## /ms.exec(readFileSync(join(root, 'pkg/README.md'), 'utf8'));
const INSTALL = 'npm init --yes && npm install waft esbuild\n';
const SERVE = /^npx esbuild --servedir=.*\n/m;

/** A folder in which somebody has installed both packages. */
function installed(t) {
  const folder = mkdtempSync(join(tmpdir(), 'waft-start-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: join(root, 'pkg'), encoding: 'utf8' }),
  );
  execFileSync('tar', ['-xzf', filename], { cwd: folder });
  execFileSync('mv', ['package', 'node_modules/waft'], { cwd: folder });
  symlinkSync(join(root, 'node_modules/esbuild'), join(modules, 'esbuild'));
  symlinkSync('../waft/bin/waft.mjs', join(modules, '.bin/waft'));
  symlinkSync(join(root, 'node_modules/esbuild/bin/esbuild'), join(modules, '.bin/esbuild'));
  // As `npm init` writes it.
  writeFileSync(join(folder, 'package.json'), '{ "name": "start", "version": "1.0.0", "type": "commonjs" }');
  return folder;
}

/** What a command of the folder's server prints as its address, once it does; it ends with the test. */
async function addressOf(t, cwd, command) {
  // It ends with its standard input, as in a terminal.
  const child = spawn('sh', ['-c', command], { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  t.after(() => {
    child.stdin.end();
    return ended;
  });
  let printed = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        printed += data;
        const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed) ?? [];
        if (address) resolve(address);
      });
    }
    ended.then((code) => reject(new Error(`${command} ended with ${code}: ${printed}`)));
  });
}

test('from an empty folder to a page that decides, line by line', async (t) => {
  const folder = installed(t);
  const blocks = [...START.matchAll(/(?:^`([\w./]+)`[^\n]*:\n\n)?^```(\w+)\n(.*?)^```$/gms)];
  assert.deepEqual(
    blocks.map(([, file, language]) => file ?? language),
    ['sh', 'trust.cjs', 'page.js', 'public/index.html', 'sh'],
  );
  let serve;
  for (const [, file, , text] of blocks) {
    if (file) writeFileSync(join(folder, file), text);
    else {
      serve ??= SERVE.exec(text)?.[0];
      execFileSync('sh', ['-ec', text.replace(INSTALL, '').replace(SERVE, '')], { cwd: folder, stdio: 'pipe' });
    }
  }
  assert.ok(blocks[0][3].startsWith(INSTALL));
  const address = await addressOf(t, folder, serve);

  const seen = new Set();
  for (let visitor = 0; visitor < 40 && seen.size < 2; visitor++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const wrong = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.text().startsWith('waft') && wrong.push(message.text()));
    await page.goto(address);
    await page.waitForFunction(() => document.querySelector('button').onclick);
    // Where this machine has no time for the page, rules come later than it waits, and it stays as it is.
    if (await page.isVisible('p')) seen.add(await page.textContent('h1'));
    await page.getByRole('button').click();
    assert.deepEqual(
      wrong.filter((text) => !text.includes('UNREACHABLE')),
      [],
    );
    const [cookie] = await context.cookies();
    assert.match(cookie.value, /^[\w-]{22}$/);
    await context.close();
  }
  assert.deepEqual([...seen].sort(), ['Good to see you!', 'Welcome']);
});
