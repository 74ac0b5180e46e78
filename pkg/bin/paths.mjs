// Paths as the file system has them: bytes, of any encoding. A path here is a string with one character per byte, which sorts, compares
// and splits as its bytes do.
import { dirname, sep } from 'node:path';

const IS_WINDOWS = process.platform === 'win32';

/** From text, as arguments and rulesets have it. */
export const fromText = (text) => Buffer.from(text).toString('latin1');

/** As text for people: what is not UTF-8 becomes U+FFFD. */
export const toText = (path) => toBytes(path).toString();

/** As the functions of `node:fs` take it. */
export const toBytes = (path) => Buffer.from(path, 'latin1');

const isSeparator = (character) => character === '/' || (IS_WINDOWS && character === '\\');

export function join(folder, name) {
  if (isSeparator(name[0])) return name;
  return folder === '' || isSeparator(folder.at(-1)) ? folder + name : folder + sep + name;
}

/** Whether a path without links is a folder or lies in it. */
export const isWithin = (path, folder) => path === folder || path.startsWith(isSeparator(folder.at(-1)) ? folder : folder + sep);

/** The folder that a path lies in: `.` for a mere name. A root lies in itself. */
export function folderOf(path) {
  if (IS_WINDOWS) return dirname(path);
  const own = trimmed(path);
  let end = own.length;
  while (end > 0 && !isSeparator(own[end - 1])) end--;
  if (end === 0) return path !== '' && own === '' ? '/' : '.';
  return trimmed(own.slice(0, end)) || own.slice(0, 1);
}

/** The last name of a path. */
export function nameOf(path) {
  const own = trimmed(path);
  let start = own.length;
  while (start > 0 && !isSeparator(own[start - 1])) start--;
  return own.slice(start);
}

/** Without separators at its end, and without `.` after one. */
function trimmed(path) {
  let end = path.length;
  for (;;) {
    if (end > 0 && isSeparator(path[end - 1])) end--;
    else if (end > 1 && path[end - 1] === '.' && isSeparator(path[end - 2])) end -= 2;
    else return path.slice(0, end);
  }
}

/** The ending of a name, without its dot; of a hidden file, none. */
export function endingOf(path) {
  const name = nameOf(path);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1) : '';
}
