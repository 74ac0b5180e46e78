// `npx waft` beside the native program: the same command lines in equal folders print the same, end with the same exit code and write
// the same files. What is random (keys, names of temporary files) is made once, for both. tools/test.mjs also runs the native program's
// tests of files with `npx waft`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lines, NATIVE, own, PACKAGED, root, same, shell, start } from './npx.mjs';
import { LINES } from './npx-lines.mjs';

const TARBALL = 3_400_000; // bytes: most of it is the wasm of the commands, which no page loads

const COMMANDS = [
  'init',
  'keygen',
  'lint',
  'test',
  'build',
  'codegen',
  'refs',
  'sign',
  'token',
  'verify',
  'inspect',
  'eval',
  'explain',
  'diff',
  'promote',
  'layer',
  'layer allocate',
  'ramp',
  'ramp status',
  'ramp pause',
  'ramp resume',
  'ramp advance',
  'trust',
  'trust init',
  'trust add-key',
  'trust remove-key',
  'trust rotate',
  'trust show',
  'trust verify',
  'kill',
  'unkill',
  'head',
  'head refresh',
  'head show',
  'release',
  'release propose',
  'release approve',
  'release reject',
  'release publish',
  'release run',
  'release unblock',
  'release rollback',
  'release trust',
  'release status',
  'release history',
  'release verify',
];
const BUILD = 'waft build rules --environment production --version 8';
const EVAL = 'waft eval s.waft --trust trust.json --now 2026-12-01T08:00Z';
const EXPLAIN = 'waft explain public/shop.waft --trust shop.json --now 2026-12-01T08:00Z';

lines('help and what is misspelt', {
  0: ['waft --version', ...COMMANDS.map((command) => `waft ${command} --help`), 'waft lint -h'],
  2: [
    'waft layer',
    'waft lint',
    'waft lnt',
    'waft lint rules --formt json',
    'waft lint rules --format xml',
    'waft keygen',
    "waft lint $'\\e[31m' x",
  ],
});

for (const [name, table] of Object.entries(LINES)) lines(name, table);

// What is signed has the time in it, so that two runs are alike only in what they refuse.
lines('heads', {
  0: ['waft head show s.waft'],
  1: [
    'waft kill new --head head.waft --trust trust.json --key key.pem',
    'waft kill new --head s.waft --trust trust.json --key key.pem',
    'waft unkill new --head missing/head.waft --trust trust.json --key key.pem',
    'waft head refresh --head head.waft --snapshot s.waft --trust trust.json --key key.pem --expires 2000-01-01',
    'waft head show missing',
    'waft head show trust.json',
  ],
  2: ['waft kill', 'waft kill new', 'waft head', 'waft head refresh --head head.waft'],
});

lines('codegen', {
  0: [
    'waft codegen rules',
    'waft codegen shop --out src/flags.d.ts && waft codegen shop --out src/flags.d.ts --check',
    'waft codegen shop --out /dev/stdout',
  ],
  1: ['waft codegen shop --check', 'waft codegen bad.yaml', 'waft codegen absent', 'waft codegen rules --out empty'],
});

const SRC = 'mkdir -p src/sub/dist; echo dist/ > src/.gitignore; echo "useFlag(\'none\')" | tee src/a.js src/sub/b.ts > src/sub/dist/c.js';

lines('refs', {
  0: [
    `${SRC}; waft refs src --rules rules --list`,
    `${SRC}; waft refs src/a.js src --rules shop --format json`,
    `${SRC}; waft refs src --rules rules --format github`,
    `${SRC}; cd src/sub; waft refs . ../ --rules ../../rules --list`,
    `${SRC}; waft refs src --rules rules --against s.waft --pattern '"(\\w+)"' --also json`,
    `${SRC}; ln -s . src/self; ln -s nowhere src/b.js; ln -s ../s.waft src/c.js; mkfifo src/pipe.js; waft refs src --rules rules --list`,
    `${SRC}; mkdir -p src/h/.gitignore; waft refs src --rules rules`,
    `${SRC}; printf '\\xff\\xfe' > src/d.ts; printf 'a\\0' > src/e.ts; truncate -s 1T src/f.js; waft refs src --rules rules --list`,
  ],
  1: [
    `${SRC}; waft refs src --rules rules --fail-on missing`,
    `${SRC}; waft refs src --rules rules --fail-on unused`,
    `${SRC}; touch "$(printf 'src/\\xe4.js')"; mkdir src/g.js "$(printf 'src/\\xe4')"; waft refs src --rules rules`,
    'waft refs missing --rules rules',
    'waft refs binary/x --rules rules',
    'waft refs rules --rules bad.yaml',
    'waft refs rules --rules empty',
    "waft refs rules --rules rules --pattern '('",
    'waft refs rules --rules rules --against cut.waft',
    'waft refs rules --rules rules --against public/shop.waft',
  ],
  2: ['waft refs', 'waft refs src', 'waft refs src --rules rules --fail-on all'],
});

// What is written has the time in it, to the second, so that the two are alike only in what they refuse, print, or date as they are told.
lines('ramp', {
  0: [
    'waft ramp status shop',
    'waft ramp status shop express-pay --json --units 6000 --safe js-error --safe revenue',
    'waft ramp advance shop express-pay --force --at 2090-01-01T00:00Z && waft lint shop && cat shop/flags/checkout.yaml',
  ],
  1: [
    'waft ramp status shop absent',
    'waft ramp advance shop express-pay --harmed revenue --force',
    'waft ramp advance shop express-pay --force --at soon',
    'waft ramp pause shop gift-wrap',
    'waft ramp resume shop express-pay',
    'waft ramp pause shop express-pay --environment moon',
  ],
  2: ['waft ramp', 'waft ramp pause', 'waft ramp pause shop', 'waft ramp advance shop express-pay --units many'],
});

lines('lint', {
  0: [
    'waft lint rules',
    'waft lint shop',
    'waft lint shop --format json',
    'waft lint rules --against s.waft',
    'waft lint <(cat rules/waft.yaml)',
  ],
  1: [
    'waft lint bad.yaml',
    'waft lint bad.yaml --format json',
    'waft lint bad.yaml --format github',
    'waft lint bad.yaml --deny warnings',
    'waft lint missing',
    'waft lint empty',
    'waft lint bad.yaml/x',
    'waft lint binary',
    'waft lint .',
    'waft lint rules --root missing',
    'waft lint rules --root binary',
    'waft lint rules --against binary',
    'waft lint rules --against missing',
    `waft lint ${'x'.repeat(300)}`,
    'mkdir "$(printf "rules/\\xe4.yaml")"; touch "$(printf "rules/\\xfc.yaml")" "rules/ü.yaml"; waft lint rules',
    'ln -s ../bad.yaml rules/z.yaml; ln -s nowhere "$(printf "rules/\\xff")"; ln -s "$(printf "\\xff")" rules/q; waft lint rules/',
    'ln -s . rules/self; ln -s ../rules rules/again; ln -s b rules/a; ln -s a rules/b; mkfifo rules/p.yaml rules/p; waft lint rules',
    'mkdir -p o/p; cp bad.yaml o/p/𝒳.yaml; cp bad.yaml o/p/ﬀ.yml; ln -s ../o rules/o; waft lint rules --root o --format json',
    'echo "lists: { l: { file: ids.csv, attribute: visitorId } }" > rules/l.yaml; ln -s ../binary rules/ids.csv; waft lint rules',
    'echo "lists: { l: { file: ids.csv, attribute: visitorId } }" > rules/l.yaml; mkdir rules/ids.csv; waft lint rules',
    'echo "lists: { l: { file: ids.csv, attribute: visitorId } }" > rules/l.yaml; ln -s ids.csv rules/ids.csv; waft lint rules',
    'echo "lists: { l: { file: ids.csv, attribute: visitorId } }" > rules/l.yaml; waft lint rules',
    'truncate -s 1T rules/large.yaml; waft lint rules',
  ],
});

const PEOPLE =
  "printf 'visitorId,country,x\\nv1,DE,1\\nv2,AT,2\\n,FR,3\\n' > p.csv; sed 's/AT, CH/CH/; s/plain: 50%, bold: 50%/plain: 20%, bold: 80%/' rules/waft.yaml > next.yaml";
const STAGED =
  "sed -i 's/^  production: {}/&\\n  staging: {}/; s/^    default: plain/&\\n    in: { staging: { default: bold } } # first/' rules/waft.yaml";

lines('diff and promote', {
  0: [
    'waft diff s.waft rules --now 2026-12-01T08:00Z --trust trust.json',
    `${PEOPLE}; waft diff s.waft next.yaml --now 2026-12-01T08:00Z --population p.csv`,
    `${PEOPLE}; cut -d, -f2 p.csv > c.csv; waft diff next.yaml s.waft --now 2026-12-01T08:00Z --population c.csv --json`,
    `${STAGED}; waft promote staging production --rules rules --now 2026-12-01T08:00Z; waft promote staging production --rules rules`,
  ],
  1: [
    'waft diff rules shop --environment production',
    'waft diff cut.waft rules; waft diff rules --live empty; waft diff damaged.waft rules --trust trust.json',
    'waft promote staging production --rules rules; waft promote staging production',
  ],
  2: ['waft diff rules; waft diff rules rules --live public', 'waft promote staging'],
});

lines('what fails where JSON was asked for', {
  1: [
    'waft diff rules nothing --json; waft lint nothing --format json; waft trust show nothing.waft --json; waft ramp status nothing --json',
    "sed -i 's/^flags:/flogs:/' rules/waft.yaml; waft promote staging production --rules rules --json; waft refs . --rules rules --format json",
    `waft explain cut.waft --trust trust.json --context '{}' --json; waft release status --trust nothing.json --json; waft release history --json`,
  ],
  2: ['waft diff rules --json', 'waft release run rules --trust nothing.json --to site --json'],
});

/** Serves the folder that it is started in: `/moved/` leads to it, `/round/` to itself, and `/flags/` is a published folder. */
const SERVER = `
  require('node:http').createServer((request, response) => {
    const [, folder, name] = request.url.split('/');
    if (folder === 'moved' || folder === 'round') {
      return response.writeHead(302, { location: folder === 'moved' ? '/flags/' + name : request.url }).end();
    }
    if (folder === 'broken') return response.writeHead(200, { 'content-length': '99' }).write('half', () => response.destroy());
    const path = name === 'snapshot.waft' ? 's.waft' : name ?? folder;
    fs.existsSync(path) ? response.end(fs.readFileSync(path)) : response.writeHead(404).end();
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

test('what a URL gives is compared as a file is', async (t) => {
  const server = spawn(process.execPath, ['-e', SERVER], { cwd: start, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill());
  const [port] = await once(server.stdout, 'data');
  const site = `http://127.0.0.1:${Number(port)}`;
  const at = '--now 2026-12-01T08:00Z';
  for (const [exit, line] of [
    [0, `waft diff ${site}/s.waft rules ${at} --trust trust.json`],
    [0, `waft diff ${site}/flags/ rules ${at}; waft diff rules --live ${site}/flags ${at} --json`],
    [0, `waft diff ${site}/moved/snapshot.waft rules ${at}`],
    [1, `waft diff ${site}/missing.waft rules`],
    [1, `waft diff ${site}/round/snapshot.waft rules`],
    [1, `waft diff ${site}/binary rules`],
  ]) {
    const done = same(line);
    assert.equal(done.exit, exit, `${line}\n${done.err}`);
  }
  const told = (url) => shell(PACKAGED, start, `waft diff ${url} rules`);
  const broken = told(`${site}/broken/snapshot.waft`);
  assert.match(broken.err, /^waft: http:\S*snapshot\.waft: .*(terminated|closed)/);
  assert.equal(broken.exit, 1);
  server.kill();
  await once(server, 'exit');
  assert.match(told(`${site}/s.waft`).err, /^waft: http:\S*s\.waft: cannot connect, .*ECONNREFUSED/);
  assert.match(told('https://shop.invalid/s.waft').err, /^waft: https:\S*s\.waft: cannot connect, .*shop\.invalid/);
});

lines('build', {
  0: [
    `${BUILD} --out new.waft`,
    `${BUILD} --out a/b//c/./new.waft`,
    `${BUILD} --out s.waft --trust trust.json`,
    `${BUILD} --out new.waft --issued 2025-11-01T00:00Z --not-before 2026-12-01T00:00Z --expires 2027-01-01T00:00Z`,
    `ln -s a link; ln -s public/new.waft a; ${BUILD} --out link`,
    `ln -s ../s.waft rules/link; ln -s rules/link link; chmod 640 s.waft; ln s.waft kept; ${BUILD} --out link`,
    `umask 027; ${BUILD} --out new.waft`,
    `${BUILD} --out /dev/null`,
    `(echo first; ${BUILD} --out /dev/stdout; echo last) > mixed`,
    `${BUILD} --out /dev/fd/7 7> seven`,
    `mkfifo pipe; cat pipe & ${BUILD} --out pipe; wait`,
    'waft build shop --environment production --version 2 --out public/shop.waft',
    'seq 9000 > rules/ids.csv; printf "lists: { l: { file: rules/../rules/ids.csv, attribute: visitorId } }\\n" > rules/l.yaml; waft lint rules; true',
  ],
  1: [
    `${BUILD} --out empty`,
    `${BUILD} --out new/`,
    `${BUILD} --out new/.`,
    `${BUILD} --out binary/x`,
    `${BUILD} --out binary/x/y`,
    `ln -s link link; ${BUILD} --out link`,
    `ln -s no/where link; ${BUILD} --out link`,
    `${BUILD} --out ${'y'.repeat(300)}`,
    `${BUILD} --out /proc/x/y`,
    `${BUILD} --out new.waft --issued yesterday`,
    `SOURCE_DATE_EPOCH=soon; export SOURCE_DATE_EPOCH; ${BUILD} --out new.waft`,
    `${BUILD} --out new.waft --expect-project other`,
    'waft build rules --environment staging --version 1 --out new.waft',
    'waft build rules --environment production --version 0 --out new.waft',
    'waft build bad.yaml --environment production --version 1 --out new.waft',
  ],
  2: ['waft build rules --environment production --version x --out new.waft', 'waft build rules'],
});

lines('keys and signatures', {
  0: [
    'waft sign s.waft --key key.pem --role publisher',
    'chmod 644 key.pem; waft sign s.waft --key key.pem --role publisher',
    'waft sign s.waft --key <(cat other.pem) --role approver --expect-project my-project --expect-version 7 || waft inspect s.waft',
    'umask 0; waft keygen --out new.pem > /dev/null; stat -c %a new.pem; rm new.pem',
    'waft verify s.waft --trust trust.json --now 2026-12-01T08:00Z',
    'waft verify - --trust trust.json < s.waft || waft verify /dev/stdin --trust trust.json --now 2026-12-01T08:00Z < s.waft',
  ],
  1: [
    'waft keygen --out key.pem',
    'waft keygen --out missing/key.pem',
    'waft keygen --out empty',
    'ln -s nowhere link; waft keygen --out link',
    'waft sign s.waft --key other.pem --role Publisher',
    'waft sign s.waft --key key.pem --role approver',
    'waft sign s.waft --key binary --role publisher',
    'waft sign s.waft --key missing --role publisher',
    'waft sign cut.waft --key key.pem --role publisher',
    'waft sign missing --key key.pem --role publisher',
    'waft sign empty --key key.pem --role publisher',
    'waft verify damaged.waft --trust trust.json --now 2026-12-01T08:00Z',
    'waft verify cut.waft --trust trust.json',
    'waft verify s.waft --trust shop.json',
    'waft verify s.waft --trust bad.yaml',
    'waft verify s.waft --trust trust.json --seen-version 9 --now 2026-12-01T08:00Z',
    'waft verify s.waft --trust trust.json --now 2096-12-01T08:00Z',
  ],
});

lines('what a snapshot decides', {
  0: [
    'waft inspect s.waft',
    'waft inspect public/shop.waft',
    'waft inspect public/shop.waft | head -1',
    `${EVAL} --context '{"visitorId":"v1","country":"DE"}'`,
    `${EVAL} --context context.json --trace`,
    `${EVAL} --context - < context.json`,
    `cat context.json | ${EVAL} --context -`,
    `${EXPLAIN} --context '{"visitorId":"v1","country":"DE"}'`,
    `${EXPLAIN} --context '{"visitorId":"v1","country":"DE"}' --json`,
  ],
  1: [
    'waft inspect binary',
    'waft inspect empty',
    'waft inspect missing',
    `${EVAL} --context '{'`,
    `${EVAL} --context missing`,
    `${EVAL} --context - < /dev/null`,
    `${EVAL} --context '{}' --flag missing`,
    `${EVAL} --context '{}' --preview x`,
    'waft layer allocate shop --layer missing --share 5%',
    'waft layer allocate rules --layer checkout --share x',
  ],
});

test('layers and preview tokens', () => {
  assert.equal(same('waft layer allocate shop --layer search --share 1%').exit, 0);
  assert.equal(same('waft layer allocate shop --layer checkout --share 99%').exit, 1);
  const { flags } = JSON.parse(same('waft inspect s.waft').out);
  const [key, { variants }] = Object.entries(flags)[0];
  const token = `waft token s.waft ${key}=${Object.keys(variants)[0]} --trust trust.json --key other.pem --now 2025-01-02T08:00Z`;
  assert.equal(same(token).exit, 0);
  const early = EVAL.replace('2026-12-01', '2025-01-03');
  assert.equal(same(`${early} --context '{"visitorId":"v1"}' --preview "$(${token})"`).exit, 0);
  assert.equal(same(token.replace('other.pem', 'key.pem')).exit, 1);
});

test('a ruleset becomes a snapshot that both verify', () => {
  const line = (maker, checker) => `
    PROGRAM=${maker}; waft keygen --out new.pem > new.json && ${BUILD} --expires 2090-01-01T00:00Z --out new.waft && waft sign new.waft --key new.pem --role publisher
    node -e 'const { kid, publicKey } = JSON.parse(fs.readFileSync("new.json")); const trust = JSON.parse(fs.readFileSync("trust.json"));
      fs.writeFileSync("new-trust.json", JSON.stringify({ ...trust, keys: { [kid]: publicKey }, require: [{ role: "publisher", keys: [kid] }] }))'
    PROGRAM=${checker}; waft verify new.waft --trust new-trust.json --now 2026-12-01T08:00Z`;
  for (const [maker, checker] of [
    [NATIVE, PACKAGED],
    [PACKAGED, NATIVE],
  ]) {
    const folder = join(own, 'both');
    rmSync(folder, { recursive: true, force: true });
    cpSync(start, folder, { recursive: true });
    const done = shell(maker, folder, line(maker, checker));
    assert.deepEqual([done.exit, JSON.parse(done.out).version], [0, 8], done.err);
  }
});

test('what needs a server names the native program', () => {
  for (const line of [
    'waft serve --dir public',
    'waft serve --help',
    'waft report',
    'waft report rules --db waft.db',
    'waft publish 1.waft --to site',
    'waft guard rules --db waft.db',
  ]) {
    const { exit, out, err } = shell(PACKAGED, start, line);
    assert.deepEqual([exit, out], [2, ''], line);
    assert.match(err, /^waft: `waft (serve|publish|report|guard)` needs .* native program.*cargo build --release --bin waft.*\n$/, line);
  }
  // Its help has the native program's lines, but for those four.
  const [packaged, native] = [PACKAGED, NATIVE].map((program) => shell(program, start, 'waft --help').out);
  const shared = (help) => help.split('\n').filter((line) => !/^ {2}(serve|publish|report|guard) /.test(line));
  assert.deepEqual(shared(packaged), shared(native));
  assert.equal(packaged.match(/needs the native program/g)?.length, 4);
});

test('the packed package has the command', () => {
  const folder = join(own, 'installed');
  mkdirSync(folder);
  // Its scripts would build the package again, and nothing is asked of a registry.
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: join(root, 'pkg'),
    encoding: 'utf8',
  });
  assert.equal(packed.status, 0, packed.stderr);
  const [{ filename, size }] = JSON.parse(packed.stdout);
  const line = `npm install --offline --no-audit --no-fund --silent ./${filename} && npx --offline waft init rules && npx --offline waft lint rules && npx --offline waft test rules`;
  const { exit, out, err } = shell(NATIVE, folder, line);
  assert.deepEqual([exit, out], [0, 'rules/waft.yaml\nrules/waft.test.yaml\n'], err);
  assert.match(err, /rules: 0 errors, 0 warnings\nrules: 5 passed, 0 failed\n$/);
  assert.ok(size < TARBALL, `the tarball has ${size} bytes`);
  // What CI does with it on macOS and Windows, too.
  const used = spawnSync(process.execPath, [join(root, 'tools/packed.mjs'), join(folder, filename)], { encoding: 'utf8' });
  assert.deepEqual([used.status, used.stdout.split('\n').length], [0, 3], used.stderr);
});
