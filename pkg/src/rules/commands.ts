/** The commands of `npx waft` in this process. What they write under {@link MEMORY} stays in memory: keys above all. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { host as disk } from '../../bin/host.mjs';
import { type Host, initSync, run } from '../../node/node.js';

/** Where files are that exist in memory only. */
export const MEMORY = 'memory:/';

/** Beside this file once it is bundled. Not a `URL`: that of jsdom is none of Node's. */
const WASM = join(dirname(fileURLToPath(import.meta.url)), '../node/node_bg.wasm');

/** A command that failed; the message is what it said. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
}

/** Commands that share files in memory. */
export class Commands {
  readonly files = new Map<string, Uint8Array>();
  readonly #host: Host;
  #out: string[] = [];
  #err: string[] = [];

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    const { files } = this;
    const isOurs = (path: string): boolean => path.startsWith(MEMORY);
    const found = (path: string): Uint8Array => {
      const bytes = files.get(path);
      if (bytes) return bytes;
      throw Object.assign(new Error('No such file'), { code: 'ENOENT' });
    };
    const keep = (path: string, bytes: Uint8Array): void => {
      if (!isOurs(path)) throw new Error('only files in memory are written');
      files.set(path, bytes);
    };
    this.#host = {
      ...disk,
      read: (path) => (isOurs(path) ? found(path) : disk.read(path)),
      readAtMost: (path, most) => (isOurs(path) ? found(path).subarray(0, most) : disk.readAtMost(path, most)),
      write: keep,
      create: keep,
      isFile: () => true,
      isOpenToOthers: () => false,
      now,
      // SOURCE_DATE_EPOCH is for releases.
      variable: () => undefined,
      ask: () => undefined,
      print: (stream, line) => void (stream === 'out' ? this.#out : this.#err).push(line),
    };
  }

  /** Runs a command and returns what it printed, whatever its exit code: lint has findings at 1. */
  attempt(...line: string[]): { readonly exit: number; readonly out: string; readonly err: string } {
    initSync({ module: readFileSync(WASM) });
    this.#out = [];
    this.#err = [];
    const exit = run(line, this.#host);
    return { exit, out: this.#out.join('\n'), err: this.#err.join('\n') };
  }

  /** Runs a command that must succeed, and returns what it printed. */
  run(...line: string[]): string {
    const { exit, out, err } = this.attempt(...line);
    if (exit !== 0) throw new CommandFailure(err || out);
    return out;
  }

  /** The same of a command that prints JSON. */
  json<T>(...line: string[]): T {
    return JSON.parse(this.run(...line)) as T;
  }
}
