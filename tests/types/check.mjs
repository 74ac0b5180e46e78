// The package's types under the compilers that it promises, with and without what `waft codegen` writes: node tests/types/check.mjs.
// Each compiles the fixtures, in which `@ts-expect-error` marks what must not compile. The last line is `N passed, N failed`.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(here, 'node_modules');
const installed = join(modules, '.package-lock.json');
const OPTIONS = { noEmit: true, strict: true, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [] };
const RESOLUTIONS = [
  { module: 'esnext', moduleResolution: 'bundler' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
];

const isOld = () => statSync(installed).mtimeMs < statSync(join(here, 'package-lock.json')).mtimeMs;
if (!existsSync(installed) || isOld()) execFileSync('npm', ['ci', '--no-workspaces'], { cwd: here, stdio: 'inherit' });
const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

let passed = 0;
let failed = 0;
mkdirSync(join(root, 'target'), { recursive: true });
const folder = mkdtempSync(join(root, 'target/types-'));
try {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'pkg'), join(folder, 'node_modules/waft'));
  execFileSync(process.execPath, [
    join(root, 'pkg/bin/waft.mjs'),
    'codegen',
    join(root, 'examples/shop'),
    '--out',
    join(folder, 'waft.d.ts'),
  ]);
  for (const compiler of Object.keys(dependencies)) {
    for (const resolution of RESOLUTIONS) {
      check(compiler, resolution, ['untyped.ts']);
      check(compiler, resolution, ['typed.ts', 'waft.d.ts']);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);

function check(compiler, resolution, files) {
  for (const file of files) {
    const fixture = join(here, 'fixtures', file);
    if (existsSync(fixture)) writeFileSync(join(folder, file), readFileSync(fixture));
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...OPTIONS, ...resolution }, files }));
  const line = [join(modules, compiler, 'bin/tsc'), '-p', folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { cwd: folder, encoding: 'utf8' });
  const name = `${compiler}, ${resolution.moduleResolution}: ${files[0]}`;
  if (status === 0) passed++;
  else failed++;
  console.log(status === 0 ? `${name} ok` : `${name} FAILED\n${stdout}${stderr}`);
}
