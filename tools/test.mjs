// Runs every test of the repository: node tools/test.mjs [RUNNER...], no argument = all.
//
// Each runner's output is in target/test-logs/RUNNER.log; when it fails, the tests that failed are shown, and its end. At least
// every 30 seconds a line says what is running and for how long. The last line of stdout is `N passed, N failed`. A runner that
// exits non-zero, runs out of time, or ran no test has failed at least once.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How the closing lines of a kind of runner are summed: text -> { passed, failed }. */
const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
const cargo = (text) => ({
  passed: sum(text, /^test result: \w+\. (\d+) passed/gm),
  failed: sum(text, /^test result: \w+\. \d+ passed; (\d+) failed/gm),
});
const node = (text) => ({
  passed: sum(text, /^(?:#|ℹ) pass (\d+)/gm),
  failed: sum(text, /^(?:#|ℹ) (?:fail|cancelled) (\d+)/gm),
});
const pytest = (text) => ({
  passed: sum(text, /^(?:.*, )?(\d+) passed.* in [\d.]+s/gm),
  failed: sum(text, /^(?:.*, )?(\d+) failed.* in [\d.]+s/gm) + sum(text, /^(?:.*, )?(\d+) errors? in [\d.]+s/gm),
});
const lines = (text, pattern) => [...text.matchAll(pattern)].length;
const targets = (text) => ({ passed: lines(text, /^fuzz: \w+ ok$/gm), failed: lines(text, /^fuzz: \w+ FAILED$/gm) });
const schedules = (text) => ({ passed: lines(text, / ok$/gm), failed: lines(text, / FAILED$/gm) });
/** `N of M passed`. */
const rows = (text) => {
  const [, passed = 0, all = 0] = /^(\d+) of (\d+) passed$/m.exec(text) ?? [];
  return { passed: Number(passed), failed: all - passed };
};
/** What a log says of each test that failed, in the words of cargo, node, pytest and of runners with a line for each. */
const FAILURES = [
  /^ *not ok \d.*\n(?: *---\n(?:.*\n)*? *\.\.\.$)?/gm,
  /^---- \S+ stdout ----\n[\s\S]*?(?=^---- |^failures:)/gm,
  /^(?:FAILED|ERROR) .+$/gm,
  /^.+ FAILED$/gm,
];
/** The test files with a failed test, by the place that node names; where that is a module of theirs, the ones that import it. */
const failedFiles = (text) => {
  const places = [...text.matchAll(/^ *not ok .*\n *---\n(?:.*\n)*? *location: '(.+):\d+:\d+'$/gm)].map(([, file]) => file);
  const files = [...new Set(places)].flatMap((file) => {
    if (file.includes('.test.')) return [file];
    const beside = readdirSync(dirname(file)).filter((name) => name.includes('.test.'));
    return beside.map((name) => join(dirname(file), name)).filter((path) => readFileSync(path, 'utf8').includes(`/${basename(file)}'`));
  });
  return [...new Set(files)];
};
const whole = (_text, ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });

// The fuzz targets are no members of the workspace, so this check is what keeps them up with the core. The variable names a
// libFuzzer built before, so that none is built: checking links nothing.
const FUZZ = 'CUSTOM_LIBFUZZER_PATH=/dev/null cargo clippy --manifest-path tests/fuzz/Cargo.toml -- -D warnings';
// All but the stores of `waft publish`, which clippy compiles, `make stores` tests and releases have.
const FEATURES = '--no-default-features';
// The studio is empty but for wasm, with one of its features.
const STUDIO =
  'for part in page workbench node; do cargo clippy -p waft-studio --all-targets --target wasm32-unknown-unknown --features $part -- -D warnings || exit 1; done';
const TYPES =
  'for part in pkg www studio tests/e2e; do [ ! -f $part/tsconfig.json ] || tsc -p $part --noEmit || exit 1; done; tsc -p pkg/tsconfig.node.json --noEmit';

/**
 * `heavy`: compiles Rust, so it never runs beside another that does, but for `build`, which links with one core for half its time; nor would both
 * wait for the same folder. `needs`: must have passed before.
 * `when`: a command that says whether this machine can run it at all. `again`: three browsers on a machine that others share: the
 * files in which up to AGAIN tests failed are run once more by themselves, and a line tells which tests they were. In order: first what is heavy, so that the other core takes the rest.
 */
const RUNNERS = [
  { name: 'build', command: `make build FEATURES=${FEATURES}`, count: whole, minutes: 40 },
  { name: 'format', command: 'cargo fmt --all --check', count: whole, minutes: 2 },
  { name: 'lint', command: 'tools/env.sh biome check --error-on-warnings', count: whole, minutes: 2 },
  { name: 'rust', command: `cargo test --workspace ${FEATURES} --no-fail-fast`, count: cargo, heavy: true, minutes: 45 },
  { name: 'types', command: `tools/env.sh sh -c '${TYPES}'`, count: whole, needs: 'build', minutes: 5 },
  { name: 'compilers', command: 'node tests/types/check.mjs', count: schedules, needs: 'build', minutes: 15 },
  {
    name: 'npx',
    // Of the whole workspace, as `rust` is: for one crate, cargo would compile its dependencies anew, with fewer features.
    command: `WAFT_PROGRAM="node $PWD/pkg/bin/waft.mjs" cargo test --workspace ${FEATURES} --test files`,
    count: cargo,
    heavy: true,
    needs: 'build',
    minutes: 15,
  },
  { name: 'wasm', command: 'tools/env.sh tools/wasm-test.sh', count: cargo, heavy: true, minutes: 15 },
  { name: 'no-std', command: 'tools/env.sh node tools/no-std.mjs', count: whole, heavy: true, minutes: 10 },
  {
    name: 'fuzz',
    command: 'FUZZ_SECONDS=15 tools/fuzz.sh',
    count: targets,
    heavy: true,
    when: 'test -f target/env/fuzz.sh',
    minutes: 15,
  },
  {
    name: 'clippy',
    command: `cargo clippy --workspace --all-targets -- -D warnings && ${FUZZ}`,
    count: whole,
    heavy: true,
    when: 'cargo clippy --version',
    minutes: 20,
  },
  {
    name: 'clippy-wasm',
    command: `tools/env.sh sh -c '${STUDIO}'`,
    count: whole,
    heavy: true,
    when: 'tools/env.sh cargo clippy --version',
    minutes: 10,
  },
  { name: 'package', command: 'npm test -w pkg', count: node, needs: 'build', minutes: 20 },
  { name: 'studio', command: 'npm test -w studio', count: node, needs: 'build', minutes: 10 },
  {
    name: 'browser',
    command: 'rm -rf target/pictures; tools/env.sh npm test -w tests/e2e',
    count: node,
    needs: 'build',
    minutes: 30,
    again: (files) => `tools/env.sh node --test --test-concurrency=1 ${files.map((file) => `'${file}'`).join(' ')}`,
  },
  { name: 'faults', command: 'tools/env.sh node tests/faults/faults.mjs --short', count: schedules, needs: 'build', minutes: 10 },
  {
    name: 'oracles',
    command: `tools/env.sh sh -c '"\${ORACLES_PYTHON:?run tools/prepare.sh python}" -m pytest tests/oracles'`,
    count: pytest,
    needs: 'build',
    when: 'test -f target/env/python.sh',
    minutes: 15,
  },
  // A third of the rows, another with each commit, and the example among them: `make matrix` runs all.
  {
    name: 'matrix',
    command: `tools/env.sh sh -c 'MATRIX_PART=$(($(git rev-list --count HEAD) % 3 + 1))/3 exec node tests/matrix/matrix.mjs'`,
    count: rows,
    needs: 'build',
    minutes: 20,
  },
  { name: 'size', command: 'node tools/size.mjs', count: whole, needs: 'build', minutes: 2 },
];

const AT_ONCE = 2;
const QUIET = 30_000; // milliseconds that stdout may stay silent
const TAIL = 60; // lines of a failed runner's log
const SHOWN = 25; // lines that are shown of a failed test, of the first ten
const AGAIN = 3; // failed tests whose files may be run a second time
const LOGS = 'target/test-logs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
mkdirSync(LOGS, { recursive: true });
// States that browser tests go through, for people to look at.
process.env.WAFT_PICTURES ??= `${process.cwd()}/target/pictures`;

const wanted = chosen(process.argv.slice(2));
const results = new Map(); // name -> { passed, failed }
const running = new Map(); // name -> { runner, child, start }
let alarm = null;

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const { child } of running.values()) stop(child);
    process.exit(130);
  });
}

awaken();
const waiting = [...wanted];
await new Promise((resolve) => {
  const next = () => {
    for (const runner of [...waiting]) {
      if (running.size >= AT_ONCE) break;
      if (!may(runner)) continue;
      waiting.splice(waiting.indexOf(runner), 1);
      run(runner).then((result) => {
        running.delete(runner.name);
        results.set(runner.name, result);
        next();
      });
    }
    if (running.size === 0 && waiting.length === 0) resolve();
  };
  next();
});

clearTimeout(alarm);
const total = (key) => [...results.values()].reduce((count, result) => count + result[key], 0);
process.exitCode = total('failed') > 0 ? 1 : 0;
console.log(`${total('passed')} passed, ${total('failed')} failed`);

/** The runners named, with what they need; all, if none is. */
function chosen(names) {
  const unknown = names.find((name) => !RUNNERS.some((runner) => runner.name === name));
  if (unknown) {
    console.error(`there is no runner '${unknown}': ${RUNNERS.map(({ name }) => name).join(' ')}`);
    process.exit(2);
  }
  const all = new Set(names.flatMap((name) => [name, RUNNERS.find((runner) => runner.name === name).needs]));
  return RUNNERS.filter(({ name }) => names.length === 0 || all.has(name));
}

/** Whether a runner may start now. */
function may({ heavy, needs }) {
  if (heavy && [...running.values()].some(({ runner }) => runner.heavy)) return false;
  return !needs || results.has(needs);
}

/** Runs one, prints how it went in one line, and returns { passed, failed }. */
async function run(runner) {
  const { name, command, count, needs, when, minutes, again } = runner;
  if (needs && results.get(needs).failed > 0) return tell(name, { passed: 0, failed: 1 }, `not run: ${needs} failed`);
  if (when && spawnSync(when, { shell: true }).status !== 0) {
    return tell(name, { passed: 0, failed: 0 }, `left out: '${when}' fails here`);
  }

  const start = performance.now();
  const file = `${LOGS}/${name}.log`;
  let { text, status, late } = await attempt(runner, command, start, file);
  const result = count(text, status === 0 && !late);
  const files = again && !late && result.failed <= AGAIN ? failedFiles(text) : [];
  let flaky = [];
  if (files.length > 0) {
    flaky = text.match(/^ *not ok .+$/gm).map((line) => line.trim());
    const second = await attempt(runner, again(files), start, `${LOGS}/${name}-again.log`);
    if (second.status === 0 && !second.late && count(second.text, true).passed > 0) {
      result.passed += result.failed;
      result.failed = 0;
      status = 0;
    } else {
      text += `\nagain:\n${second.text}`;
    }
  }
  const ok = status === 0 && !late;
  const none = result.passed + result.failed === 0;
  if ((!ok || none) && result.failed === 0) result.failed = 1;

  const why = late ? `ended after ${minutes} minutes` : none ? 'ran no test' : ok ? '' : `exit code ${status}`;
  tell(name, result, `${((performance.now() - start) / 1_000).toFixed(1)} s  ${why}`);
  if (result.failed > 0) {
    const indented = (lines) => lines.map((line) => `      | ${line}`).join('\n');
    for (const failure of FAILURES.flatMap((pattern) => text.match(pattern) ?? []).slice(0, 10)) {
      console.log(`${indented(failure.split('\n').slice(0, SHOWN))}\n`);
    }
    console.log(`${indented(text.trimEnd().split('\n').slice(-TAIL))}\n      (all of it: ${file})`);
  } else {
    for (const line of flaky) console.log(`      | flaky, passed the second time: ${line}\n      (the first: ${file})`);
  }
  return result;
}

/** Runs a command for a runner, whose output goes to a file as well: its text, its status, and whether its time was over. */
async function attempt(runner, command, start, file) {
  const log = createWriteStream(file);
  // A group of its own, so that a time limit ends the browsers and compilers it started, too.
  const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.set(runner.name, { runner, child, start });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  let late = false;
  const limit = setTimeout(
    () => {
      late = true;
      stop(child);
    },
    start + runner.minutes * 60_000 - performance.now(),
  );
  const status = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(limit);
  await new Promise((resolve) => log.end(resolve));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return { text: readFileSync(file, 'utf8').replace(/\x1b\[[\d;]*m/g, ''), status, late };
}

/** Says what is running after each 30 seconds in which nothing else was said. */
function awaken() {
  clearTimeout(alarm);
  alarm = setTimeout(() => {
    const seconds = (start) => `${((performance.now() - start) / 1_000).toFixed(0)} s`;
    console.log(`...   ${[...running].map(([name, { start }]) => `${name} ${seconds(start)}`).join(', ')}`);
    awaken();
  }, QUIET);
}

function tell(name, result, words) {
  const counts = `${result.passed} passed${result.failed ? `, ${result.failed} failed` : ''}`;
  console.log(`${result.failed ? 'FAIL' : 'ok  '}  ${name.padEnd(8)}  ${counts.padEnd(12)}  ${words}`.trimEnd());
  awaken();
  return result;
}

function stop(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
