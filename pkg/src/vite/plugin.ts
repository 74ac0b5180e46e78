/** The plugin: in development it compiles, serves and reloads rules; in a build it hands over those that were released. */

import { relative, resolve, sep } from 'node:path';
import type { HtmlTagDescriptor, Plugin, ResolvedConfig, ViteDevServer } from 'vite';
import { expectOptions, oneOf, TEXT, TEXTS, type Wanted } from '../platform/options.js';
import { Development, PREFIX, SNAPSHOT, type Source, writeTypes } from './development.js';
import { CHANGED, developmentModule, ELEMENT, productionModule } from './modules.js';
import { sentence } from './problem.js';
import { type Release, readRelease } from './release.js';

/** Paths are of the project's root. */
export interface PluginOptions {
  /** The ruleset's file or folder. */
  readonly ruleset: string;
  /** The environment that development is like. Default `production`. */
  readonly environment?: string | undefined;
  /** Other folders that links in the ruleset may lead to. */
  readonly roots?: readonly string[] | undefined;
  /** Where `waft codegen`'s types are written, or `false`. Default `waft.d.ts`. */
  readonly types?: string | false | undefined;
  /** For a build: TRUST.json, the keys that pages accept. */
  readonly trust?: string | undefined;
  /** For a build: the released snapshot's file. The build fails unless the trust accepts it. */
  readonly snapshot?: string | undefined;
  /** For a build: where pages fetch the snapshot. Default `snapshot.waft`, beside the page. */
  readonly url?: string | undefined;
  /** For a build: `preload`, the default, makes pages fetch the snapshot at once; `inline` puts it into them; `false` does neither. */
  readonly html?: 'preload' | 'inline' | false | undefined;
}

const OPTIONS = {
  ruleset: TEXT,
  environment: TEXT,
  roots: TEXTS,
  types: ['a file, or false', (types) => typeof types === 'string' || types === false],
  trust: TEXT,
  snapshot: TEXT,
  url: TEXT,
  html: oneOf('preload', 'inline', false),
} satisfies Record<keyof PluginOptions, Wanted>;

const NAME = 'virtual:waft';
const RESOLVED = `\0${NAME}`;
/** Editors write a file in several steps. */
const PAUSE = 30; // milliseconds

/**
 * Makes `virtual:waft` the rules of the project. Throws a `TypeError` for an option that there is not, and without a ruleset.
 *
 * @example
 * // vite.config.js
 * export default { plugins: [waft({ ruleset: 'ruleset', trust: 'trust.json', snapshot: 'public/snapshot.waft' })] };
 * // The page
 * import rules from 'virtual:waft';
 * const client = await createClient({ ...rules, context });
 */
export function waft(given: PluginOptions): Plugin {
  const options = expectOptions('waft/vite', { ...given, ruleset: given?.ruleset ?? (0 as never) }, OPTIONS);
  let config: ResolvedConfig;
  let source: Source;
  let development: Development | undefined;
  let release: Release | undefined;
  const path = (name: string | undefined): string | undefined => (name === undefined ? undefined : resolve(config.root, name));
  const url = (): string => options.url ?? `${config.base}${SNAPSHOT}`;
  return {
    name: 'waft',
    configResolved(resolved) {
      config = resolved;
      const { ruleset, environment = 'production', roots = [], types = 'waft.d.ts' } = options;
      const [folder, file] = [resolve(config.root, ruleset), types === false ? undefined : path(types)];
      source = { ruleset: folder, environment, roots: roots.map((root) => resolve(config.root, root)), types: file };
    },
    buildStart() {
      if (config.command === 'serve') return;
      release = readRelease(path(options.trust), path(options.snapshot));
      writeTypes(source);
    },
    configureServer(server) {
      development = new Development(source);
      tellWarnings(development, config);
      serve(server, development, source);
    },
    resolveId: (id) => (id === NAME ? RESOLVED : undefined),
    load(id, { ssr } = {}) {
      if (id !== RESOLVED) return undefined;
      if (release) return productionModule(release.trust, url(), options.html === 'inline' && release.snapshot !== undefined);
      if (development?.problem) this.error(development.problem);
      const rules = development?.rules;
      // Tests have no server to fetch from.
      return rules && developmentModule(rules, `${config.base}${PREFIX}${SNAPSHOT}`, !ssr && !process.env.VITEST);
    },
    transformIndexHtml: () => (release ? tags(release, options.html ?? 'preload', url()) : []),
  };
}

/** What a page for production has in its head. */
function tags({ snapshot }: Release, html: 'preload' | 'inline' | false, href: string): HtmlTagDescriptor[] {
  if (html === false) return [];
  if (html === 'preload' || !snapshot) {
    return [{ tag: 'link', attrs: { rel: 'preload', as: 'fetch', href, crossorigin: 'anonymous' }, injectTo: 'head-prepend' }];
  }
  const children = Buffer.from(snapshot).toString('base64');
  return [{ tag: 'script', attrs: { type: 'application/octet-stream;base64', id: ELEMENT }, children, injectTo: 'head' }];
}

/** Serves what development compiled, and compiles it when a file of the ruleset changes. */
function serve(server: ViteDevServer, development: Development, { ruleset, roots }: Source): void {
  server.middlewares.use((request, response, next) => {
    const [address = ''] = (request.url ?? '').split('?');
    const at = address.indexOf(`/${PREFIX}`);
    const bytes = at < 0 ? undefined : development.file(address.slice(at + PREFIX.length + 1));
    if (!bytes) return next();
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('cache-control', 'no-store');
    response.end(bytes);
  });
  const folders = [ruleset, ...roots];
  server.watcher.add(folders);
  let timer: NodeJS.Timeout | undefined;
  server.watcher.on('all', (_, file) => {
    if (!folders.some((folder) => isWithin(file, folder))) return;
    clearTimeout(timer);
    timer = setTimeout(() => renew(server, development), PAUSE);
  });
}

function renew(server: ViteDevServer, development: Development): void {
  const wasBroken = !development.rules;
  const module = server.moduleGraph.getModuleById(RESOLVED);
  if (module) server.moduleGraph.invalidateModule(module);
  tellWarnings(development, server.config);
  const { problem } = development;
  if (problem) return server.ws.send({ type: 'error', err: problem });
  // A page that could not be shown is loaded anew; others adopt the rules, and lose the overlay.
  if (wasBroken) return server.ws.send({ type: 'full-reload' });
  server.ws.send({ type: 'update', updates: [] });
  server.ws.send({ type: 'custom', event: CHANGED });
}

/** Compiles, and writes warnings and problems to the terminal. */
function tellWarnings(development: Development, { logger }: ResolvedConfig): void {
  for (const finding of development.compile()) logger.warn(sentence(finding));
  if (development.problem) logger.error(development.problem.message);
}

function isWithin(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`));
}
