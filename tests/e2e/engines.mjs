// The engines that the package's core suite runs in, each started once and driven alike: Chromium by Playwright, Firefox by Puppeteer
// (WebDriver BiDi), WebKit by its own WebDriver, of which six commands are enough. tools/prepare.sh finds or installs the browsers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { launch } from './browser.mjs';
import { until } from './origin.mjs';

const { FIREFOX, WEBKIT_DRIVER, MINIBROWSER } = process.env;

/** By name: how to start it, and whether this machine has it. */
export const ENGINES = {
  Chromium: { start: startChromium, has: true },
  Firefox: { start: startFirefox, has: FIREFOX },
  WebKit: { start: startWebkit, has: WEBKIT_DRIVER },
};

/** Runs cases, by what each shows, in each engine that is here: `run(t, engine, name)`. ONLY=WebKit for one of them. */
export function inEngines(cases) {
  const { ONLY } = process.env;
  for (const [name, { start, has }] of Object.entries(ENGINES)) {
    const why = ONLY && ONLY !== name ? 'left out' : !has && `tools/prepare.sh found no ${name}`;
    describe(name, { skip: why }, () => {
      let engine;
      before(async () => (engine = await start()));
      after(() => engine?.close());
      for (const [what, run] of Object.entries(cases)) test(what, { timeout: 60_000 }, (t) => run(t, engine, name));
    });
  }
}

/** A call as a text, which all three evaluate: to a promise of JSON. */
function textOf(work, args) {
  const given = args.map((arg) => JSON.stringify(arg) ?? 'undefined').join(', ');
  return `Promise.resolve((${work})(${given})).then((value) => JSON.stringify(value))`;
}

/**
 * One tab. `evaluate(work, ...args)` runs a function there and resolves to what its promise holds, as JSON has it. `until` repeats it until
 * that is something. `goto` waits until the page is loaded, `show` brings the tab to the front. All tabs of an engine share one profile.
 */
function tabOf({ evaluate, ...rest }) {
  const tab = {
    evaluate: async (work, ...args) => JSON.parse((await evaluate(textOf(work, args))) ?? null) ?? undefined,
    async until(work, ...args) {
      let found;
      await until(async () => (found = await tab.evaluate(work, ...args).catch(() => undefined)));
      return found;
    },
    ...rest,
  };
  return tab;
}

async function startChromium() {
  // Playwright switches the back/forward cache off, which the other two have.
  const browser = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  const context = await browser.newContext();
  return { open: async () => fromPage(await context.newPage()), close: () => browser.close() };
}

async function startFirefox() {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
  return { open: async () => fromPage(await browser.newPage()), close: () => browser.close() };
}

const fromPage = (page) =>
  tabOf({
    evaluate: (text) => page.evaluate(text),
    goto: (url) => page.goto(url),
    show: () => page.bringToFront(),
    close: () => page.close(),
  });

/** Windows, as each is visible: tabs that WebDriver opens stay hidden. */
async function startWebkit() {
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [display] = await once(createInterface(xvfb.stdio[3]), 'line');
  const port = await freePort();
  const env = { ...process.env, DISPLAY: `:${display}`, WEBKIT_DISABLE_COMPOSITING_MODE: '1' };
  const driver = spawn(WEBKIT_DRIVER, [`--port=${port}`], { env, stdio: 'ignore' });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  await until(() => call('GET', '/status').catch(() => false));
  const options = { binary: MINIBROWSER, args: ['--automation'] };
  const alwaysMatch = { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options };
  const { sessionId } = await call('POST', '/session', { capabilities: { alwaysMatch } });
  const session = (method, path, body) => call(method, `/session/${sessionId}${path}`, body);
  // Commands are for the session's tab at the time: one after the other.
  let last = Promise.resolve();
  const commandIn = (handle) => (method, path, body) => {
    last = last
      .catch(() => {})
      .then(() => session('POST', '/window', { handle }))
      .then(() => session(method, path, body));
    return last;
  };
  const first = commandIn(await session('GET', '/window'));
  return {
    open: async () => fromWindow(commandIn((await first('POST', '/window/new', { type: 'window' })).handle)),
    async close() {
      await session('DELETE', '').catch(() => {});
      driver.kill();
      xvfb.kill();
    },
  };
}

const fromWindow = (command) =>
  tabOf({
    async evaluate(text) {
      const script = `const done = arguments[arguments.length - 1];
        Promise.resolve().then(() => ${text}).then((value) => done({ value }), (error) => done({ error: String(error) + error?.stack }));`;
      const { value, error } = await command('POST', '/execute/async', { script, args: [] });
      if (error) throw new Error(error);
      return value;
    },
    goto: (url) => command('POST', '/url', { url }),
    show: () => command('GET', '/title'),
    close: () => command('DELETE', '/window'),
  });

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
