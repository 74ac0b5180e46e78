// Writes the first screen into the page when it is built: it can be read before any script has come. The script takes it over as it is.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const EMPTY = '<div id="studio"></div>';

export const firstScreen = () => ({
  name: 'first-screen',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    async handler(page) {
      if (!page.includes(EMPTY)) throw new Error(`index.html has no ${EMPTY}`);
      const server = await createServer({
        root,
        configFile: false,
        appType: 'custom',
        logLevel: 'error',
        server: { middlewareMode: true, hmr: false, ws: false },
      });
      try {
        const { html } = await server.ssrLoadModule('/src/shell/static.tsx');
        return page.replace(EMPTY, () => `<div id="studio">${html()}</div>`);
      } finally {
        await server.close();
      }
    },
  },
});
