// What a fresh reader is shown for ten seconds: each place of the studio as `make demo` opens it, the first screen of a wide page, and of a phone what a thumb
// scrolls through in that time.
//
//   tools/env.sh node tests/e2e/ten-seconds.mjs [FOLDER]
//
// FOLDER is docs/ten-seconds. The questions, and what readers said, are beside the pictures.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';
import { assemble } from './site.mjs';
import { SIZES, serveStudio, visit } from './studio.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'docs/ten-seconds');
const REPORT = join(root, 'studio/src/results/sample.json');

/** Each place, and what is there once it is drawn. */
const PLACES = {
  preview: (page) => page.locator('[data-key="theme"]', { hasText: /day.*\d,\d{3}/s }),
  audiences: (page) => page.locator('[data-flag="help"] .num'),
  releases: (page) => page.locator('[data-list="effect"]'),
  results: (page) => page.locator('.results-chart svg').first(),
};

mkdirSync(folder, { recursive: true });
const site = assemble();
const browser = await launch();
try {
  const server = await serveStudio(site, site.studio);
  for (const width of [1440, 390]) {
    const { height } = SIZES[width];
    const viewport = { width, height: width === 390 ? 2 * height : height };
    const context = await browser.newContext({ viewport, colorScheme: 'light', deviceScaleFactor: 1 });
    const page = await context.newPage();
    for (const [place, drawn] of Object.entries(PLACES)) {
      await visit(page, server, place, 'h1');
      // What experiments found takes six weeks: those of the sample's report.
      if (place === 'results') await page.setInputFiles('input[aria-label="Open a report"]', REPORT);
      await drawn(page).waitFor({ state: 'attached', timeout: 60_000 });
      if (place === 'preview') await page.frameLocator('iframe').locator('.shelf').waitFor();
      await page.screenshot({ path: join(folder, `${place}-${width}.jpg`), type: 'jpeg', quality: 78, animations: 'disabled' });
    }
    await context.close();
  }
  await server.stop();
} finally {
  await browser.close();
  site.remove();
}
console.log(`8 pictures are in ${folder}`);
