// Patches and merges of the studio, beside git: what `git apply` makes of a patch is the draft, byte by byte, at the top of a repository and in a
// folder of it; and where nobody has to choose, three texts merge as `git merge-file` merges them.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
let studio;

/** The studio's own modules, as node can load them. */
async function load(...names) {
  const out = join(root, 'target/studio-tests');
  const input = Object.fromEntries(names.map((name) => [name, join(root, `studio/src/files/${name}.ts`)]));
  await build({
    root: join(root, 'studio'),
    configFile: false,
    logLevel: 'error',
    build: { ssr: true, outDir: out, emptyOutDir: true, rollupOptions: { input, output: { entryFileNames: '[name].mjs' } } },
  });
  const all = await Promise.all(names.map((name) => import(join(out, `${name}.mjs`))));
  return Object.assign({}, ...all);
}

before(async () => {
  studio = await load('patch', 'merge');
});

function write(folder, files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const git = (folder, ...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });

/** Applies a patch to `base`, in `below` of a new repository, and compares. */
function applied(t, base, files, below = '.') {
  const top = mkdtempSync(join(tmpdir(), 'waft-patch-'));
  t.after(() => rmSync(top, { recursive: true, force: true }));
  const folder = join(top, below);
  git(top, 'init', '-q');
  write(folder, base);
  writeFileSync(join(top, '.git/waft.patch'), studio.patchOf(base, files));
  git(folder, 'apply', '--whitespace=nowarn', join(top, '.git/waft.patch'));
  for (const path of new Set([...Object.keys(base), ...Object.keys(files)])) {
    assert.equal(existsSync(join(folder, path)), path in files, path);
    if (path in files) assert.equal(readFileSync(join(folder, path), 'utf8'), files[path], path);
  }
}

const many = (from, to) => Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');

test('git apply makes the draft of what was opened', (t) => {
  const cases = {
    'flags/changed.yaml': [many(0, 40), many(0, 40).replace('line 7\n', 'seven\n').replace('line 30\n', '')],
    'flags/near.yaml': [many(0, 20), many(0, 20).replace('line 4\n', '4\n').replace('line 11\n', '11\n')],
    'flags/new.yaml': [undefined, 'flags:\n  new: {}\n'],
    'flags/gone.yaml': ['flags:\n  gone: {}\n', undefined],
    'no-end.yaml': ['a: 1\nb: 2', 'a: 1\nb: 3'],
    'end-comes.yaml': ['a: 1\nb: 2', 'a: 1\nb: 2\n'],
    'end-goes.yaml': ['a: 1\nb: 2\n', 'a: 1\nb: 2'],
    'new-no-end.yaml': [undefined, 'a: 1'],
    'crlf.yaml': ['a: 1\r\nb: 2\r\nc: 3\r\n', 'a: 1\r\nb: 22\r\nc: 3\r\nd: 4\r\n'],
    'to-crlf.yaml': ['a: 1\nb: 2\n', 'a: 1\r\nb: 2\r\n'],
    'bom.yaml': ['\ufeffa: 1\n', '\ufeffa: 2\n'],
    'with space.yaml': ['a: 1\n', 'a: 2\n'],
    'quote"d.yaml': ['a: 1\n', 'a: 2\n'],
    'größe.yaml': ['größe: 1\n', 'größe: 2\n'],
    'dashes.yaml': ['-- a\n++ b\n', '--- a\n+++ b\n'],
    'emptied.yaml': ['a: 1\n', ''],
    'filled.yaml': ['', 'a: 1\n'],
    'blank.yaml': ['\n\n\n', '\n\n'],
    'return.yaml': ['a\rb\n', 'a\rc\n'],
    'same.yaml': ['a: 1\n', 'a: 1\n'],
  };
  const side = (at) =>
    Object.fromEntries(Object.entries(cases).flatMap(([path, texts]) => (texts[at] === undefined ? [] : [[path, texts[at]]])));
  for (const below of ['.', 'config/rules']) applied(t, side(0), side(1), below);
  // Each alone, so that none leans on another. Empty files are told from the top of a repository alone.
  for (const [path, [from, to]] of Object.entries({ ...cases, 'empty.yaml': [undefined, ''], 'gone-empty.yaml': ['', undefined] })) {
    if (from === to) continue;
    applied(t, from === undefined ? {} : { [path]: from }, to === undefined ? {} : { [path]: to });
  }
  assert.equal(studio.patchOf({ a: '1' }, { a: '1' }), '');
});

/** The same numbers each time (mulberry32). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const lines = (next, most, of = 8) => Array.from({ length: next(most) }, () => `${'abcdefgh'[next(of)]}${next(9) === 0 ? '\r' : ''}\n`);

/** Some lines are taken out, put in, or changed. */
function edited(next, all) {
  const out = [...all];
  for (let edits = next(4); edits > 0; edits--) out.splice(next(out.length + 1), next(3), ...lines(next, 3));
  return out;
}

const joined = (next, all) => (next(3) === 0 ? all.join('').replace(/\n$/, '') : all.join(''));

test('git apply makes the draft of 400 random texts', (t) => {
  const next = numbers(18);
  const [base, files] = [{}, {}];
  for (let index = 0; index < 400; index++) {
    const all = lines(next, 40);
    [base[`f/${index}`], files[`f/${index}`]] = [joined(next, all) || 'x\n', joined(next, edited(next, all)) || 'y\n'];
  }
  applied(t, base, files);
});

test('where nobody has to choose, texts merge as git merges them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waft-merge-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const next = numbers(6);
  let [clean, conflicts] = [0, 0];
  for (let index = 0; index < 150; index++) {
    // Lines that occur once: of repeated ones, each tool says in its own way which has gone.
    const all = Array.from({ length: 4 + next(24) }, (_, at) => `${at}\n`);
    const change = (mark) =>
      all.flatMap((line) => (next(9) === 0 ? [[], [`${mark}${line}`], [line, `${mark}new ${line}`]][next(3)] : [line]));
    const [base, mine, theirs] = [all, change('m'), change('t')].map((one) => one.join(''));
    write(folder, { base, mine, theirs });
    const { status, stdout } = spawnSync('git', ['merge-file', '-p', 'mine', 'base', 'theirs'], { cwd: folder, encoding: 'utf8' });
    const [file] = studio.mergedFiles({ f: base }, { f: mine }, { f: theirs });
    if (!file) continue;
    // Lines beside each other are a conflict of this page's; git may find one where two put in the same.
    if (file.isClean && status === 0) {
      clean += 1;
      assert.equal(
        studio.textOf(file, () => assert.fail('asked')),
        stdout,
      );
    } else {
      conflicts += 1;
    }
    if (status > 0) assert.ok(!file.isClean, `git found a conflict:\n${stdout}`);
    // Whichever is chosen for all is there, and each part is told once.
    assert.equal(file.parts.map((part) => part.base).join(''), base);
    assert.equal(file.parts.map((part) => part.mine).join(''), mine);
    assert.equal(file.parts.map((part) => part.theirs).join(''), theirs);
  }
  assert.ok(clean > 20 && conflicts > 20, `${clean} clean, ${conflicts} conflicts`);
});

test('a file that one removed and another changed is chosen as a whole', () => {
  const [file] = studio.mergedFiles({ f: 'a\n' }, {}, { f: 'b\n' });
  assert.equal(file.isClean, false);
  assert.equal(
    studio.textOf(file, () => 'mine'),
    undefined,
  );
  assert.equal(
    studio.textOf(file, () => 'theirs'),
    'b\n',
  );
  const [gone] = studio.mergedFiles({ f: 'a\n' }, { f: 'a\n' }, {});
  assert.equal(gone.isClean, true);
  assert.equal(
    studio.textOf(gone, () => assert.fail('asked')),
    undefined,
  );
});
