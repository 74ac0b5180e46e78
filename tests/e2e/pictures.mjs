// Pictures of the states that tests go through, for people to look at: `make test` keeps those of its last run in target/pictures, and another run
// where WAFT_PICTURES says, such as WAFT_PICTURES=/tmp/pictures node --test flags.test.mjs.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const { WAFT_PICTURES } = process.env;
if (WAFT_PICTURES) mkdirSync(WAFT_PICTURES, { recursive: true });

/** Keeps the page as it is, by a name that says place, state, width and theme: what is in view, or all of it, as from its top. Over a page that a dialog
 * covers, what is in view. */
export async function picture(page, name, { fullPage = true } = {}) {
  if (!WAFT_PICTURES) return;
  const path = join(WAFT_PICTURES, `${name}.png`);
  if (!fullPage || (await page.locator('.veil').count()) > 0) return page.screenshot({ path });
  const at = await page.evaluate(() => [scrollX, scrollY]);
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
  await page.screenshot({ path, fullPage });
  await page.evaluate(([left, top]) => scrollTo({ left, top, behavior: 'instant' }), at);
}
