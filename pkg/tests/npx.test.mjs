// `npx waft` beside the native program: the same command lines in equal folders print the same, end with the same exit code and write
// the same files. What is random (keys, names of temporary files) is made once, for both. tools/test.mjs also runs the native program's
// tests of files with `npx waft`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const NATIVE = process.env.WAFT ?? join(root, 'target/release/waft');
/** When snapshots are made, in seconds since 1970: the start of 2025, before any machine's present. */
const EPOCH = '1735689600';
const TARBALL = 2_400_000; // bytes: 0.2 MB of it read .gitignore and patterns for `waft refs`, and are in no page
const LARGE = 1_000_000; // bytes; what is larger is not read
const PACKAGED = join(root, 'pkg/bin/waft.mjs');

const own = mkdtempSync(join(tmpdir(), 'waft-npx-'));
after(() => rmSync(own, { recursive: true, force: true }));

/** Runs a line of shell in a folder: `waft` is the program. */
function shell(program, folder, line) {
  const env = { ...process.env, PROGRAM: program, SOURCE_DATE_EPOCH: EPOCH, TZ: 'UTC' };
  const script = `umask 022; waft() { "$PROGRAM" "$@"; }; ${line}`;
  const { status, stdout, stderr } = spawnSync('timeout', ['30', 'bash', '-c', script], { cwd: folder, env, encoding: 'latin1' });
  return { exit: status, out: stdout, err: stderr };
}

/** What is in a folder: path -> mode, size and digest, or where a link leads. Names may be of any bytes. */
function contents(folder, within = '', told = {}) {
  for (const name of readdirSync(Buffer.from(folder + within, 'latin1'), 'latin1').sort()) {
    const path = `${within}/${name}`;
    const bytes = Buffer.from(folder + path, 'latin1');
    const found = lstatSync(bytes);
    told[path] = found.mode.toString(8);
    if (found.isDirectory()) contents(folder, path, told);
    if (found.isSymbolicLink()) told[path] += ` to ${readlinkSync(bytes, 'latin1')}`;
    if (found.isFile()) told[path] += ` ${found.size}`;
    if (found.isFile() && found.size <= LARGE) told[path] += ` ${createHash('sha256').update(readFileSync(bytes)).digest('hex')}`;
  }
  return told;
}

/** The folder in which each line starts: a ruleset, a signed snapshot with its trust, a key, files that are none of these. */
const start = join(own, 'start');
before(() => {
  assert.ok(existsSync(NATIVE), `${NATIVE}: make it with \`make waft\`, or set WAFT`);
  cpSync(join(root, 'examples/shop'), join(start, 'shop'), { recursive: true });
  const made = shell(
    NATIVE,
    start,
    `set -e
     waft init rules; waft keygen --out key.pem > key.json; waft keygen --out other.pem > other.json
     openssl pkcs8 -topk8 -in key.pem -passout pass:right -out encrypted.pem
     waft build rules --environment production --version 7 --expires 2090-01-01T00:00Z --out s.waft
     waft sign s.waft --key key.pem --role publisher; cp s.waft damaged.waft; printf x >> damaged.waft; head -c 99 s.waft > cut.waft
     waft build shop --environment production --version 1 --expires 2090-01-01T00:00Z --out public/shop.waft; waft sign public/shop.waft --key key.pem --role publisher
     echo 'flags: []' > bad.yaml; printf '\\xff\\xfe' > binary; mkdir empty; echo '{"visitorId":"v1"}' > context.json`,
  );
  assert.equal(made.exit, 0, made.err);
  const keys = ['key', 'other'].map((name) => JSON.parse(readFileSync(join(start, `${name}.json`), 'utf8')));
  for (const [file, folder] of [
    ['trust.json', 'rules/waft.yaml'],
    ['shop.json', 'shop/waft.yaml'],
  ]) {
    const project = /^project: (\S*)/m.exec(readFileSync(join(start, folder), 'utf8'))[1];
    const [publisher, preview] = keys;
    const trust = {
      project,
      environment: 'production',
      keys: { [publisher.kid]: publisher.publicKey, [preview.kid]: preview.publicKey },
      require: [
        { role: 'publisher', keys: [publisher.kid] },
        { role: 'preview', keys: [preview.kid] },
      ],
    };
    writeFileSync(join(start, file), JSON.stringify(trust));
  }
});

/** Checks that both do the same; returns what they did. */
function same(line) {
  const [native, packaged] = [NATIVE, PACKAGED].map((program) => {
    // One after the other in the same, so that whole paths are equal, too.
    const folder = join(own, 'run');
    rmSync(folder, { recursive: true, force: true });
    // Not cpSync: it makes links absolute.
    spawnSync('cp', ['-a', start, folder]);
    const { exit, out, err } = shell(program, folder, line);
    // A temporary file that cannot be made is named by the native program.
    return { exit, out, err: err.replace(/ at path ".*\.waft-\w+\.tmp"/, ''), files: contents(folder) };
  });
  assert.deepEqual(packaged, native, line);
  return native;
}

/** Lines by the exit code that they end with. */
function lines(name, table) {
  test(name, async (context) => {
    for (const [exit, line] of Object.entries(table).flatMap(([exit, all]) => all.map((line) => [Number(exit), line]))) {
      await context.test(line, () => {
        const done = same(line);
        assert.equal(done.exit, exit, done.err);
      });
    }
  });
}

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
  'layer',
  'layer allocate',
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

const FIRST = 'waft trust init --project shop --environment production --add root:alice=key.json --add publisher:ci=other.json';

lines('trust', {
  0: [
    FIRST,
    `${FIRST} --dry-run`,
    `${FIRST} --key key.pem && waft trust show trust-0001.waft && waft trust show trust-0001.waft --json && waft trust verify trust-0001.waft trust-0001.waft`,
    `${FIRST} && waft sign trust-0001.waft --role root --key key.pem && waft trust rotate trust-0001.waft --min-version 5 --key key.pem && waft trust verify trust-0001.waft trust-0002.waft`,
    'waft trust show trust.json',
    'umask 077; echo right > p; waft sign s.waft --role publisher --key encrypted.pem --passphrase-file p',
    'waft sign s.waft --role approver --external other.pem --to-sign message',
  ],
  1: [
    `${FIRST} && ${FIRST}`,
    `${FIRST} --threshold root=2`,
    `${FIRST} && waft trust verify trust.json trust-0001.waft`,
    `${FIRST} && waft trust remove-key trust-0001.waft ci`,
    'waft trust show s.waft',
    'waft trust show missing',
    'waft keygen --out e.pem --encrypt',
    'waft sign s.waft --role publisher --key encrypted.pem',
    'WAFT_PASSPHRASE=wrong waft sign s.waft --role publisher --key encrypted.pem',
    'waft trust verify trust.json s.waft',
    'waft sign s.waft --role root --key key.pem',
    'waft sign s.waft --role approver --external other.pem',
    'waft sign s.waft --role approver --external other.pem --signature key.pem',
    'waft sign s.waft --role approver --external binary --to-sign message',
  ],
  2: [
    'waft trust',
    'waft trust init',
    'waft sign s.waft --role approver',
    'waft sign s.waft --role approver --key key.pem --external other.pem --to-sign m',
  ],
});

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

const RECORD = 'waft test shop --record shop/people.csv --environment production --at 2026-12-01T08:00Z';

lines('test', {
  0: [
    'waft test shop',
    'waft test shop --format json',
    'waft test shop --format junit',
    'waft test shop shop/flags --environment staging',
    `${RECORD} > shop/recorded.test.yaml && waft test shop`,
    'cp shop/people.csv people.csv; cp shop/shop.test.yaml moved.test.yaml; waft test shop moved.test.yaml',
  ],
  1: [
    "sed -i 's/lt: 3.2.0/lt: 3.1.0/' shop/flags/checkout.yaml; waft test shop",
    "sed -i 's/lt: 3.2.0/lt: 3.1.0/' shop/flags/checkout.yaml; waft test shop --format junit",
    "sed -i 's/pay-later/pay-latter/' shop/flags/checkout.test.yaml; waft test shop",
    'rm shop/people.csv; waft test shop',
    'rm shop/people.csv; ln -s ../binary shop/people.csv; waft test shop',
    'waft test rules',
    'waft test bad.yaml',
    'waft test shop missing',
    'waft test shop --environment prod',
    'waft test shop --record missing --environment production',
    'waft test shop --record binary --environment production',
  ],
  2: ['waft test', 'waft test shop --record shop/people.csv', 'waft test shop --format xml', `${RECORD} --format json`],
});

const PEOPLE = "printf 'visitorId,country,x\\nv1,DE,1\\nv2,AT,2\\n,FR,3\\n' > people.csv";

lines('diff', {
  0: [
    'waft diff rules rules --now 2026-12-01T08:00Z',
    'waft diff s.waft rules --now 2026-12-01T08:00Z --trust trust.json',
    `${PEOPLE}; sed 's/AT, CH/CH/' rules/waft.yaml > next.yaml; waft diff s.waft next.yaml --now 2026-12-01T08:00Z --population people.csv`,
    `${PEOPLE}; sed 's/AT, CH/CH/; s/50%/20%/' rules/waft.yaml > next.yaml; sed -i 's/bold: 20%/bold: 80%/' next.yaml; cut -d, -f2 people.csv > c.csv; waft diff next.yaml s.waft --now 2026-12-01T08:00Z --population c.csv --json`,
    'mkdir live; cp s.waft live/snapshot.waft; waft diff rules --live live --now 2026-12-01T08:00Z',
  ],
  1: [
    'waft diff rules shop --environment production',
    'waft diff rules bad.yaml',
    'waft diff rules missing',
    'waft diff binary rules',
    'waft diff cut.waft rules',
    'waft diff rules --live empty',
    'waft diff damaged.waft rules --trust trust.json',
    'waft diff rules rules --population binary',
    'waft diff rules rules --environment prod',
  ],
  2: ['waft diff', 'waft diff rules', 'waft diff rules rules --live public'],
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
  const line = `npm install --offline --no-audit --no-fund --silent ./${filename} && npx --offline waft init rules && npx --offline waft lint rules`;
  const { exit, out, err } = shell(NATIVE, folder, line);
  assert.deepEqual([exit, out], [0, 'rules/waft.yaml\n'], err);
  assert.match(err, /rules: 0 errors, 0 warnings\n$/);
  assert.ok(size < TARBALL, `the tarball has ${size} bytes`);
});
