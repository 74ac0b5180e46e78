/** Which files differ between two states of a folder: changed, added or taken away; in the order of their paths. */
export const changedPaths = (base: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set([...Object.keys(base), ...Object.keys(files)])].filter((path) => base[path] !== files[path]).sort();

/** @example changedFiles(1) // '1 changed file' */
export const changedFiles = (count: number): string => `${count} changed ${count === 1 ? 'file' : 'files'}`;
