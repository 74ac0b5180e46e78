// Writes the first screen into the page when it is built: its HTML, its styles, and the script that sets the theme. It is read once the page has come,
// before any other file; the script takes it over as it is.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { alias } from './preact.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const EMPTY = '<div id="studio"></div>';
const THEME = '<script src="./theme.js"></script>';
const SCRIPTS = "script-src 'self'";

/** Replaces a text that must be there; no `$` in the other means anything. */
function replace(page, from, to) {
  if (!page.includes(from)) throw new Error(`index.html has no ${from}`);
  return page.replace(from, () => to);
}

/** The HTML, as the page's own components make it. */
async function rendered() {
  const quiet = { middlewareMode: true, hmr: false, ws: false };
  const server = await createServer({ root, configFile: false, resolve: { alias }, appType: 'custom', logLevel: 'error', server: quiet });
  try {
    return (await server.ssrLoadModule('/src/shell/static.tsx')).html();
  } finally {
    await server.close();
  }
}

export const firstScreen = () => ({
  name: 'first-screen',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    async handler(page, { bundle }) {
      let whole = replace(page, EMPTY, `<div id="studio">${await rendered()}</div>`);
      whole = whole.replace(/<link rel="stylesheet"[^>]*href="\.\/([^"]+)">/g, (_, name) => `<style>${bundle[name].source}</style>`);
      const theme = readFileSync(`${root}/public/theme.js`, 'utf8')
        .replace(/^\/\/.*\n/gm, '')
        .trim();
      whole = replace(whole, THEME, `<script>${theme}</script>`);
      // The policy knows it by its hash, and no other script that stands in the page.
      const hash = createHash('sha256').update(theme).digest('base64');
      return replace(whole, SCRIPTS, `${SCRIPTS} 'sha256-${hash}'`);
    },
  },
});
