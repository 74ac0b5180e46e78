// The oldest browsers that the package promises (`browserslist` in package.json), and what they are missing by MDN's data.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const DATA = JSON.parse(await readFile(require.resolve('@mdn/browser-compat-data')));
const { browserslist } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url)));

/** Browsers as browserslist names them: in MDN's data, and for esbuild, which knows no Android. */
const NAMES = {
  chrome: ['chrome', 'chrome'],
  edge: ['edge', 'edge'],
  firefox: ['firefox', 'firefox'],
  safari: ['safari', 'safari'],
  ios_saf: ['safari_ios', 'ios'],
  and_chr: ['chrome_android'],
  and_ff: ['firefox_android'],
};

/** `[name, version]` of each browser of the floor. */
export const FLOOR = browserslist.map((line) => {
  const [name, version] = line.split(' >= ');
  if (!NAMES[name] || !version) throw new Error(`browserslist: '${line}' is not 'browser >= version'`);
  return [name, version];
});

/** The floor as esbuild's `target`. */
export const TARGET = FLOOR.flatMap(([name, version]) => (NAMES[name][1] ? `${NAMES[name][1]}${version}` : []));

/** The record under a path of keys; undefined if there is none. */
export const at = (path) => path.reduce((node, key) => (Object.hasOwn(node ?? {}, key) ? node[key] : undefined), DATA);

/** The keys under a path. */
export const under = (path) => Object.keys(at(path) ?? {}).filter((key) => key !== '__compat');

/** Those browsers of the floor that have not what a path names; none where MDN tells nothing of it. */
export function missing(path) {
  const support = at(path)?.__compat?.support;
  if (!support) return [];
  return FLOOR.filter(([name, version]) => ![support[NAMES[name][0]] ?? []].flat().some((since) => has(since, version))).map(
    ([name]) => name,
  );
}

/** A part of an implementation counts: what it lacks is a record of its own, or a note. */
function has({ version_added: added, version_removed: removed, flags, prefix, alternative_name: renamed }, version) {
  if (flags || prefix || renamed || !added || added === 'preview') return false;
  return upTo(added, version) && !(removed && upTo(removed, version));
}

function upTo(one, other) {
  const [[major, minor = 0], [most, least = 0]] = [one, other].map((version) => version.replace('≤', '').split('.').map(Number));
  return major < most || (major === most && minor <= least);
}
