// Where a command writes: whole or not at all, and never in the place of what is not a regular file. The same rules, in the same order, as
// crates/cli/src/destination.rs.
//
// - A file appears under its name once it is complete: until then it is written beside it, under a random name.
// - Through a link, the file that it leads to is replaced, and the link stays.
// - A device, a pipe, a socket or an open descriptor (`/dev/stdout`, `/dev/fd/3`) is written into.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { constants } from 'node:os';
import { writeWhole } from './descriptor.mjs';
import { failure } from './failure.mjs';
import { isFolder } from './folder.mjs';
import { folderOf, fromText, isWithin, join, nameOf, toBytes, toText } from './paths.mjs';

/** How many links may lead to each other, as in Linux. */
const LINKS = 40;
const EVERYBODY = 0o666; // less what the umask takes off
const OWNER = 0o600;

/** Copies stdin to a socket, which Node can only do while it waits for events; an error is told as JSON. */
const TO_SOCKET = `
const socket = require('node:net').connect(process.argv[1]);
socket.on('error', ({ code, errno }) => {
  process.stdout.write(JSON.stringify({ code, errno }));
  process.exit(1);
});
process.stdin.pipe(socket);`;

/** Writes a file as a whole. Folders that are missing are made, but not for the target of a link. */
export function write(name, bytes) {
  const path = fromText(name);
  if (!fs.existsSync(toBytes(folderOf(path)))) makeFolders(folderOf(path));
  if (path.endsWith('/')) throw failure('EISDIR', 'names a folder, not a file');
  const { descriptor, special, target } = resolve(path);
  if (descriptor !== undefined) return writeInto(descriptor, bytes);
  if (special !== undefined) return writeInPlace(special, bytes);
  const old = lookAt(target);
  if (old === null || old.isFile()) replace(target, old, bytes);
  else if (old.isDirectory()) throw failure('EISDIR', 'is a folder');
  else if (old.isSocket()) writeToSocket(target, bytes);
  else writeInPlace(target, bytes);
}

/** Whether `write` makes or replaces a file. */
export function isFile(name) {
  const path = fromText(name);
  try {
    if (resolve(path).target === undefined) return false;
  } catch {
    return false;
  }
  try {
    return fs.statSync(toBytes(path)).isFile();
  } catch {
    return true;
  }
}

/**
 * Makes a file that must not exist yet, not even as a link; only its owner may read a secret. It appears whole: nothing is left under its name
 * of one that could not be written, or whose writer was killed.
 */
export function create(name, bytes, isSecret) {
  const path = fromText(name);
  if (!isSecret) makeFolders(folderOf(path));
  if (lookAt(path) !== null) throw Object.assign(failure('EEXIST', 'File exists'), { errno: -constants.errno.EEXIST });
  const beside = unique(folderOf(path));
  fill(beside, isSecret ? OWNER : EVERYBODY, (descriptor) => {
    writeWhole(descriptor, bytes);
    fs.fsyncSync(descriptor);
    // Unlike a renamed file, a link never replaces one.
    fs.linkSync(toBytes(beside), toBytes(path));
  });
  fs.rmSync(toBytes(beside), { force: true });
}

/** Makes a new file and fills it; if that fails, the file is gone. */
function fill(path, mode, work) {
  const descriptor = fs.openSync(toBytes(path), 'wx', mode);
  try {
    work(descriptor);
  } catch (error) {
    fs.rmSync(toBytes(path), { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** In a folder, a name that nobody can guess, and that nothing has. */
const unique = (folder) => join(folder, `.waft-${randomBytes(12).toString('hex')}.tmp`);

/** Puts a complete file under a name. One that it replaces leaves it its owner and mode. */
function replace(target, old, bytes) {
  const beside = unique(folderOf(target));
  fill(beside, old === null ? EVERYBODY : OWNER, (descriptor) => {
    if (old !== null) keep(old, descriptor);
    writeWhole(descriptor, bytes);
    fs.fsyncSync(descriptor);
    // Somebody may have put something there meanwhile.
    if (!(lookAt(target)?.isFile() ?? true)) throw failure('EEXIST', 'is no longer a regular file');
    fs.renameSync(toBytes(beside), toBytes(target));
  });
}

/** Gives a new file the old one's owner and mode, as far as we may. */
function keep(old, descriptor) {
  const made = fs.fstatSync(descriptor);
  const may = (change) => {
    try {
      change();
      return true;
    } catch {
      return false;
    }
  };
  const isSame = made.uid === old.uid && made.gid === old.gid;
  const isKept = isSame || may(() => fs.fchownSync(descriptor, old.uid, old.gid));
  // Its group may read it, if we are in it.
  if (!isKept) may(() => fs.fchownSync(descriptor, made.uid, old.gid));
  // Somebody else's program must not become ours.
  fs.fchmodSync(descriptor, old.mode & (isKept ? 0o7777 : 0o777));
}

/** What is under a name itself, link or not; null if nothing is. */
function lookAt(path) {
  return fs.lstatSync(toBytes(path), { throwIfNoEntry: false }) ?? null;
}

/** What a path leads to: `descriptor` of this program, `special`, a link that only the kernel can follow, or `target`, the end of all links. */
function resolve(name) {
  let path = name;
  for (let links = 0; links <= LINKS; links++) {
    let found = null;
    try {
      found = lookAt(path);
    } catch {
      // Whoever opens it is told why.
    }
    if (!found?.isSymbolicLink()) return { target: path };
    const folder = folderOf(path);
    const real = fs.realpathSync.native(toBytes(folder), 'latin1');
    if (isWithin(real, '/proc') && nameOf(real) === 'fd') {
      const isOwn = isWithin(real, `/proc/${process.pid}`) && /^\d+$/.test(nameOf(path));
      return isOwn ? { descriptor: Number(nameOf(path)) } : { special: path };
    }
    path = join(folder, fs.readlinkSync(toBytes(path), 'latin1'));
  }
  throw failure('ELOOP', 'links that lead to each other');
}

/** What was redirected stays open, where it is. */
function writeInto(descriptor, bytes) {
  writeWhole(descriptor, bytes);
  // Nothing but files and disks can be synced.
  if (fs.fstatSync(descriptor).isFile()) fs.fsyncSync(descriptor);
}

function writeInPlace(path, bytes) {
  const descriptor = fs.openSync(toBytes(path), fs.constants.O_WRONLY);
  try {
    writeInto(descriptor, bytes);
  } finally {
    fs.closeSync(descriptor);
  }
}

function writeToSocket(path, bytes) {
  const { error, status, stdout } = spawnSync(process.execPath, ['-e', TO_SOCKET, toText(path)], { input: bytes });
  if (error) throw error;
  if (status !== 0) throw Object.assign(new Error('the socket failed'), JSON.parse(stdout.toString() || '{}'));
}

/** Makes a folder and those that it lies in, unless they exist. */
function makeFolders(path) {
  try {
    return fs.mkdirSync(toBytes(path));
  } catch (error) {
    if (isFolder(path)) return;
    if (error.code !== 'ENOENT' || folderOf(path) === path) throw error;
  }
  makeFolders(folderOf(path));
  try {
    fs.mkdirSync(toBytes(path));
  } catch (error) {
    if (!isFolder(path)) throw error;
  }
}
