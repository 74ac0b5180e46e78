// The world of the commands: Node's file system, clock and terminal. `Host` in crates/studio/src/host.rs says what each method promises.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { readWhole, writeWhole } from './descriptor.mjs';
import { create, isFile, write } from './destination.mjs';
import { telling } from './failure.mjs';
import { fetched } from './fetched.mjs';
import { entries, list, real, readAsset } from './folder.mjs';
import { ask } from './terminal.mjs';

const DESCRIPTORS = { out: 1, err: 2 };

function readAtMost(path, most) {
  const descriptor = fs.openSync(path, 'r');
  try {
    return readWhole(descriptor, most);
  } finally {
    fs.closeSync(descriptor);
  }
}

function isOpenToOthers(path) {
  if (process.platform === 'win32') return false;
  try {
    const found = fs.statSync(path);
    return found.isFile() && (found.mode & 0o077) !== 0;
  } catch {
    return false;
  }
}

function print(stream, line) {
  try {
    writeWhole(DESCRIPTORS[stream], Buffer.from(`${line}\n`));
  } catch {
    // A reader that went away (`waft inspect | head`) is no reason to stop.
  }
}

export const host = {
  read: telling((path) => fs.readFileSync(path)),
  readAtMost: telling(readAtMost),
  fetch: telling(fetched),
  input: telling(() => readWhole(0)),
  readAsset: telling(readAsset),
  write: telling(write),
  isFile,
  create: telling(create),
  list: telling(list),
  entries: telling(entries),
  real: telling(real),
  isOpenToOthers,
  now: () => Date.now(),
  random: telling(() => randomBytes(32)),
  variable: (name) => process.env[name],
  ask: telling(ask),
  print,
};
