// A visitor on a phone: a page's first and second view in a browser without memory, under Fast 3G and a CPU four times as slow.

/** Chromium's developer tools call it Fast 3G: milliseconds, and bytes a second. */
const FAST_3G = { offline: false, latency: 562, downloadThroughput: 180_000, uploadThroughput: 84_375 };
const CPU = 4;
/** How long a visitor stays after the flag of the first view, in milliseconds: what is kept for the next view is written meanwhile. */
const STAY = 400;
const DEADLINE = 30_000;

/** What a page does once it has its flag, as `globalThis.flag`. */
export const TELL = `console.debug('flag');`;

/** Once a page has told so. Whoever asks it, as `waitForFunction` does, has its thread parse a script of 340 kB first: 40 ms of a slow CPU. */
export const told = (page) => {
  const told = page.waitForEvent('console', { predicate: (message) => message.text() === 'flag', timeout: DEADLINE });
  // Where the page cannot be opened, nobody waits for it.
  told.catch(() => {});
  return told;
};

/** In the page: its flag, and what came over the network before it. Chromium counts 300 bytes of headers for each response. */
async function readFlag() {
  const { value, at, exposed } = globalThis.flag;
  const loads = performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'));
  const before = loads.filter(({ responseEnd, transferSize }) => responseEnd <= at && transferSize);
  const bytes = before.reduce((sum, { transferSize }) => sum + transferSize - 300, 0);
  return { value, at, exposed: await exposed(), requests: before.length, bytes };
}

/** Two views of a page: `{ first, second }`, each with milliseconds from navigation to flag, requests, bytes. Throws if the flag is not as decided. */
export async function view(browser, origin, id) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.stack));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${origin.url}/`)) problems.push(`asks for ${request.url()}`);
    });
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', FAST_3G);
    await session.send('Emulation.setCPUThrottlingRate', { rate: CPU });
    const exposures = [];
    const once = async (stay = 0) => {
      const there = told(page);
      await page.goto(`${origin.url}/${id}/page/`, { waitUntil: 'commit', timeout: DEADLINE });
      await there.catch((error) => problems.push(error.message));
      await page.waitForTimeout(stay);
      const flag = await page.evaluate(readFlag).catch((error) => problems.push(error.message));
      if (problems.length) throw new Error(`${id}: ${problems.join('\n')}`);
      if (flag.value !== true) throw new Error(`${id} decides ${flag.value}`);
      exposures.push(flag.exposed ?? 1);
      return { ms: flag.at, requests: flag.requests, bytes: flag.bytes };
    };
    const first = await once(STAY);
    await page.goto('about:blank');
    const second = await once();
    // The second view may also count what the first one left to send.
    if (exposures[0] !== 1 || exposures[1] < 1) throw new Error(`${id} made ${exposures.join(' and ')} exposures`);
    return { first, second };
  } finally {
    await context.close();
  }
}
