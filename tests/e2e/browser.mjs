// Headless Chromium, as tools/prepare.sh found it.
import { chromium } from 'playwright-core';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // As its name is where a window is shown: HeadlessChrome is a robot, which is never counted.
  '--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
];

/** Starts the browser; another way `by` a function that takes the options. */
export const launch = (options = {}, by = (all) => chromium.launch(all)) =>
  by({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: SWITCHES, ...options });

/** Waits until the page shows its first decisions. */
export const ready = (page) => page.waitForSelector('body[data-ready="true"]');

/** Every flag as the page's table shows it. */
export const shown = (page) =>
  page.$$eval('[data-flag]', (rows) =>
    Object.fromEntries(
      rows.map(({ dataset }) => [
        dataset.flag,
        { value: JSON.parse(dataset.value ?? 'null'), variant: dataset.variant, reason: dataset.reason },
      ]),
    ),
  );

/** The context that the page decides for. */
export const contextOf = (page) => page.$eval('[data-context]', ({ dataset }) => JSON.parse(dataset.context ?? '{}'));
