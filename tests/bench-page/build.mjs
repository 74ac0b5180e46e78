// Makes the files of every page: the package as `npm pack` would publish it, rules in each peer's form, one bundle, the HTML.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { decide } from 'waft/server';
import { flags, nobody } from '../bench/ruleset.mjs';
import { head, keys, snapshot } from '../bench/snapshot.mjs';
import { bootstrap } from './pages.mjs';
import { TELL } from './view.mjs';

/** The media types of files by their extensions. */
export const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', json: 'application/json' };

/** Unpacks the package into a folder of modules that esbuild looks into, and makes keys. `folder` is made anew. */
export function prepare(root, folder) {
  rmSync(folder, { recursive: true, force: true });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: join(root, 'pkg'),
    encoding: 'utf8',
  }).trim();
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', modules]);
  execFileSync('mv', [join(modules, 'package'), join(modules, 'waft')]);
  return { modules, signing: keys(join(root, 'target/release/waft'), join(folder, 'keys')) };
}

/** What a peer's rules decide in Node: all flags by key, for nobody; and of waft what a server writes into the HTML. */
async function decidedInNode(peer, rules, count, { trust }) {
  const { contextOf = (context) => context } = peer;
  await peer.prepare?.({ trust });
  const client = await peer.load(rules, contextOf(nobody()));
  const values = Object.fromEntries(flags(count).map(({ key }) => [key, peer.decide(client, key)]));
  // The pages are made once and for hours.
  const served = peer.name === 'waft' && decide(client, { context: nobody(), same: ['userId'], maxAge: 1e8 }).html;
  peer.close(client);
  return { values, served };
}

/** Everything about a peer's rules: their bytes, a flag that its experiment turns on, where the default is off, and its context. */
export async function rulesOf(module, count, { signing }) {
  const peer = await import(`../bench/peers/${module}.mjs`);
  const { contextOf = (context) => context } = peer;
  const text = peer.ruleset(flags(count));
  const bytes = module === 'waft' ? snapshot(signing, text) : Buffer.from(text);
  const { values, served } = await decidedInNode(peer, bytes, count, signing);
  const key = Object.keys(values).find((key) => values[key]);
  // Any other flag: what is measured is not killed.
  const killed = Object.keys(values).find((other) => other !== key);
  const made = module === 'waft' && { head: head(signing, killed) };
  return { name: peer.name, bytes, values, served, key, context: contextOf(nobody()), ...made };
}

/** The files of a page by their path below it: `{ type, bytes, isFixed }`. */
export async function filesOf(page, rules, { signing, modules }, here) {
  const text = page.decided ? bootstrap(rules.values) : page.peer === 'waft' ? rules.bytes.toString('base64') : rules.bytes.toString();
  const script = await bundled(page, rules, signing, modules, here);
  const later = page.later && (await bundled({ ...page, script: page.later }, rules, signing, modules, here));
  const inlined = page.isServed
    ? rules.served
    : page.inlined
      ? `<script type="text/plain" id="rules">${text.replaceAll('<', '\\u003c')}</script>`
      : '';
  const tag = page.whole ? `<script type="module">${script}</script>` : '<script type="module" src="page.js"></script>';
  // Nothing may end it early.
  if (page.whole && /<\/script|<!--/i.test(script)) throw new Error(`${page.id} cannot be inline in HTML`);
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">${page.head ?? ''}${inlined}${tag}</head><body><h1>Shop</h1></body></html>`;
  const file = (type, bytes, isFixed = false) => ({ type: TYPES[type] ?? 'application/octet-stream', bytes: Buffer.from(bytes), isFixed });
  return {
    '': file('html', html),
    ...(!page.whole && { 'page.js': file('js', script, true) }),
    ...(later && { 'client.js': file('js', later, true) }),
    ...(page.rules && { [page.rules]: file(page.peer === 'waft' ? 'waft' : 'json', rules.bytes) }),
    ...(page.hasHead && { 'head.waft': file('waft', rules.head.bytes) }),
  };
}

/** The script of a page as a site would bundle it. */
async function bundled({ id, script, peer, hasHead }, { key, context, head }, signing, modules, here) {
  const { trust } = hasHead ? head : signing;
  const exposed = script.includes('const exposed') ? 'exposed' : '() => undefined';
  const shown = script.includes('export {') ? '' : `\nglobalThis.flag = { value, at: performance.now(), exposed: ${exposed} };\n${TELL}`;
  return bundle(script + shown, {
    folder: peer === 'waft' ? modules : join(here, '../bench'),
    name: id,
    define: { KEY: JSON.stringify(key), FALLBACK: 'false', CONTEXT: JSON.stringify(context), TRUST: JSON.stringify(trust) },
    external: ['./client.js'],
  });
}

/** A script in one file, minified, with what it imports from `folder`. */
export async function bundle(contents, { folder, name, define, external = [], alias = {} }) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, sourcefile: `${name}.js` },
    define,
    external,
    alias,
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].text;
}
