// A simulated clock for the real program and for pages: `waft` gets it from the loader (clock.c), Chromium from Playwright.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../target/release/waft', import.meta.url));

/** A clock that starts at a moment (milliseconds since 1970), for programs in a folder. It goes on by itself, and by `forward`. */
export class Clock {
  #ahead;

  constructor(home, start) {
    this.home = home;
    const library = join(home, 'clock.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, fileURLToPath(new URL('clock.c', import.meta.url))]);
    this.env = { ...process.env, LD_PRELOAD: library, WAFT_TEST_CLOCK: join(home, 'clock') };
    this.#set(Math.round((start - Date.now()) / 1_000));
  }

  now = () => Date.now() + this.#ahead * 1_000;

  forward(milliseconds) {
    this.#set(this.#ahead + Math.round(milliseconds / 1_000));
  }

  #set(ahead) {
    this.#ahead = ahead;
    writeFileSync(join(this.home, 'clock.new'), String(ahead));
    // Whole, as programs read it while they run.
    renameSync(join(this.home, 'clock.new'), join(this.home, 'clock'));
  }

  /** Runs a line of arguments: how it ended, and all that it said. Words with spaces follow. */
  ran(line, ...more) {
    const options = { cwd: this.home, env: this.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
    const { status, stdout, stderr } = spawnSync(binary, [...line.split(' '), ...more], options);
    return { status, stdout, text: stdout + stderr };
  }

  /** The same, which must succeed: what it printed. */
  waft(line, ...more) {
    const { status, stdout, text } = this.ran(line, ...more);
    if (status !== 0) throw new Error(`waft ${line}: ${status}\n${text}`);
    return stdout;
  }

  /** Starts `waft serve` on a free port: its address, and its process. */
  async serve(line) {
    const child = spawn(binary, ['serve', '--port', '0', ...line.split(' ')], {
      cwd: this.home,
      env: this.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    return { url: value.replace('listening on ', ''), child };
  }
}
