/** Which files differ between two states of a folder: changed, added or taken away; in the order of their paths. */
export const changedPaths = (base: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set([...Object.keys(base), ...Object.keys(files)])].filter((path) => base[path] !== files[path]).sort();
