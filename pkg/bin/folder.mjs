// The ruleset files of a folder. Only what lies in it is read, or where its links may lead: each file once, and nothing is waited for. The
// same rules, in the same order, as crates/cli/src/folder.rs.
import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import { failure, inWords } from './failure.mjs';
import { endingOf, folderOf, fromText, isWithin, join, toBytes, toText } from './paths.mjs';

/** Folders that other tools fill, beside those whose names begin with a dot. */
const FOREIGN = new Set(['node_modules', 'target']);
/** The endings of ruleset files. */
const ENDINGS = new Set(['yaml', 'yml', 'json']);

const CIRCLE = 'a link that leads back to itself';

const followed = (path) => fs.realpathSync.native(toBytes(path), 'latin1');
const isRuleset = (path) => ENDINGS.has(endingOf(path));
const compare = (left, right) => (left < right ? -1 : Number(left > right));

/** Whether a path leads to a folder. */
export function isFolder(path) {
  try {
    return fs.statSync(toBytes(path)).isDirectory();
  } catch {
    return false;
  }
}

/** What is said of a link that leads too far. */
const outside = (path) => `a link to ${toText(path)}, outside of the ruleset's folder; \`--root DIR\` allows links into DIR`;

/** What something is that is neither a file nor, here, a folder. */
function kindOf(found) {
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  if (found.isBlockDevice() || found.isCharacterDevice()) return 'a device';
  return found.isDirectory() ? 'a folder' : 'something else';
}

/** The folders whose files may be read, with all links followed: of a ruleset, its folder or the file's, and others that were allowed. */
function rootsOf(path, allowed) {
  const roots = [followed(isFolder(path) ? path : folderOf(path))];
  for (const root of allowed) {
    const named = (problem) => failure('EINVAL', `--root ${root}: ${problem}`);
    let found;
    try {
      found = followed(fromText(root));
    } catch (error) {
      throw named(inWords(error).message);
    }
    if (!isFolder(found)) throw named('is not a folder');
    roots.push(found);
  }
  return roots;
}

/** The bytes of a regular file below one of a ruleset's roots, with all links followed. */
export function readAsset(ruleset, name, allowed) {
  const roots = rootsOf(fromText(ruleset), allowed);
  let path;
  try {
    path = followed(fromText(name));
  } catch (error) {
    throw error.code === 'ELOOP' ? failure('ELOOP', CIRCLE) : error;
  }
  if (!roots.some((root) => isWithin(path, root))) throw failure('EACCES', outside(path));
  const found = fs.statSync(toBytes(path));
  if (!found.isFile()) throw failure('EINVAL', `${kindOf(found)}, not a file`);
  return fs.readFileSync(toBytes(path));
}

/** The ruleset files under a path, sorted: the path itself if it is not a folder. */
export function list(name, allowed) {
  const path = fromText(name);
  if (!fs.statSync(toBytes(path)).isDirectory()) return { files: [name], findings: [] };
  const walk = new Walk(rootsOf(path, allowed));
  const root = followed(path);
  // First what lies there under its own name, then what links add to it.
  walk.enter(path, root);
  for (let at = 0; at < walk.links.length; at++) walk.follow(walk.links[at]);
  walk.tellCircles(root);
  const findings = walk.findings.sort((left, right) => compare(left.file, right.file) || compare(left.code, right.code));
  return {
    files: walk.shown.sort().map(toText),
    findings: findings.map((finding) => ({ ...finding, file: toText(finding.file) })),
  };
}

/** What is in a folder, whatever it is. */
export function entries(name) {
  return Array.from(entriesOf(fromText(name)), (entry) => {
    const kind = !isUtf8(entry.name) ? 'not-utf8' : entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
    return { name: entry.name.toString(), kind };
  });
}

/** A path from the root of the file system on, with all links followed. */
export const real = (name) => toText(followed(fromText(name)));

class Walk {
  shown = [];
  findings = [];
  /** Links, each with its path as it is shown, and the folder that it lies in, with all links followed. */
  links = [];
  /** Files that are read, with all links followed. */
  #files = new Set();
  /** Folders that are read, with all links followed, and the folders below each: by a link, or not. */
  #folders = new Map();
  #roots;

  constructor(roots) {
    this.#roots = roots;
  }

  /** Takes the files of a folder and all below it. */
  enter(path, real) {
    const waiting = [{ path, real }];
    while (waiting.length > 0) {
      const folder = waiting.pop();
      if (this.#folders.has(folder.real)) continue;
      const below = [];
      try {
        for (const entry of entriesOf(folder.path)) {
          const name = entry.name.toString('latin1');
          const found = { path: join(folder.path, name), real: join(folder.real, name) };
          if (!this.#take(found, entry, folder.real)) continue;
          below.push({ real: found.real, by: null });
          waiting.push(found);
        }
      } catch (error) {
        this.#tellUnreadable(folder.path, error);
      }
      this.#folders.set(folder.real, below);
    }
  }

  /** Takes an entry of a folder; whether it is a folder to enter. */
  #take({ path, real }, entry, within) {
    const name = entry.name.toString('latin1');
    if (name.startsWith('.') || (!entry.isFile() && FOREIGN.has(name))) return false;
    if (entry.isFile() && !isRuleset(name)) return false;
    if (!isUtf8(entry.name)) {
      if (entry.isDirectory() || isRuleset(name)) this.#tell(path, 'PATH_NAME', 'a name that is not UTF-8', 'rename it');
      return false;
    }
    if (entry.isSymbolicLink()) this.links.push({ path, within });
    else if (entry.isFile()) this.#add(path, real);
    else if (!entry.isDirectory()) this.#tellSpecial(path, entry);
    return entry.isDirectory();
  }

  #add(path, real) {
    if (this.#files.has(real)) return;
    this.#files.add(real);
    this.shown.push(path);
  }

  follow({ path, within }) {
    let found;
    let to;
    try {
      found = fs.statSync(toBytes(path));
      to = followed(path);
    } catch (error) {
      return this.#tellLink(path, error);
    }
    if (!found.isDirectory() && !found.isFile()) return this.#tellSpecial(path, found);
    if (found.isFile() && !isRuleset(path)) return;
    if (!this.#roots.some((root) => isWithin(to, root))) {
      return this.#tell(path, 'LINK_OUTSIDE', outside(to), 'put a copy in its place, or allow its folder with `--root`');
    }
    if (found.isFile()) return this.#add(path, to);
    this.#folders.get(within)?.push({ real: to, by: path });
    this.enter(path, to);
  }

  /** Links by which a folder lies in itself. No file is read twice for them, and whoever made one meant something else. */
  tellCircles(root) {
    // Depth first: which folders we are in, by which link, and how much of each has been looked at.
    const done = new Set();
    const circles = new Set();
    const open = [{ folder: root, by: null, at: 0 }];
    while (open.length > 0) {
      const here = open.at(-1);
      const next = this.#folders.get(here.folder)?.[here.at++];
      if (next === undefined) {
        done.add(here.folder);
        open.pop();
        continue;
      }
      const by = next.by ?? here.by;
      if (open.some(({ folder }) => folder === next.real)) {
        if (by !== null) circles.add(by);
      } else if (!done.has(next.real)) {
        open.push({ folder: next.real, by, at: 0 });
      }
    }
    for (const link of circles) this.#tellCircle(link);
  }

  #tellLink(path, error) {
    if (error.code === 'ELOOP') return this.#tellCircle(path);
    if (error.code !== 'ENOENT') return this.#tellUnreadable(path, error);
    let to = '';
    try {
      to = toText(fs.readlinkSync(toBytes(path), 'latin1'));
    } catch {
      // It has just been removed.
    }
    this.#tell(path, 'LINK_BROKEN', `a link to ${to}, which does not exist`, 'remove it, or correct its target');
  }

  #tellCircle(path) {
    this.#tell(path, 'LINK_CIRCLE', CIRCLE, 'remove it');
  }

  #tellSpecial(path, found) {
    this.#tell(path, 'NOT_A_FILE', `${kindOf(found)}, not a file`, 'remove it: only files are read');
    // What has another ending is none of our business, and odd enough to be told.
    this.findings.at(-1).isWarning = !isRuleset(path);
  }

  #tellUnreadable(path, error) {
    this.#tell(path, 'FILE_UNREADABLE', inWords(error).message, 'make it readable, or remove it');
  }

  #tell(file, code, message, remedy) {
    this.findings.push({ code, file, message, remedy });
  }
}

/** What is in a folder, in the file system's own order, which decides which of two links to a file is shown. */
function* entriesOf(path) {
  const folder = fs.opendirSync(toBytes(path), { encoding: 'buffer' });
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry;
  } finally {
    folder.closeSync();
  }
}
