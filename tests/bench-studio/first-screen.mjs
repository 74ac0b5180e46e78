// The studio's site on a slow phone: when its first screen can be read, and when it can be used, from navigation on.
import { serveStatic } from '../e2e/static.mjs';

/** As Chromium's developer tools have it. */
const FAST_3G = { offline: false, latency: 562.5, downloadThroughput: 188_744, uploadThroughput: 84_375 };
const SLOWER = 4;

/** Both in milliseconds. */
export async function firstScreen(browser) {
  const site = await serveStatic();
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', FAST_3G);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.addInitScript(() => {
    // The frame says so when its buttons do something.
    new MutationObserver(() => {
      if (document.body?.dataset.ready && !globalThis.usable) globalThis.usable = performance.now();
    }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
  });
  await page.goto(site.url, { waitUntil: 'commit' });
  await page.waitForFunction(() => globalThis.usable, undefined, { polling: 100 });
  const told = await page.evaluate(() => ({
    readable: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
    usable: globalThis.usable,
  }));
  await page.close();
  await site.stop();
  return told;
}
