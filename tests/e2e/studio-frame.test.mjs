// The studio's frame: read before any script, used by keyboard alone, at every width and in both themes, and bound to its own origin.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { transform } from 'esbuild';
import { AXE, findings } from './axe.mjs';
import { picture } from './pictures.mjs';
import { assemble, decide } from './site.mjs';
import { serveStatic } from './static.mjs';
import { SIZES, studio } from './studio.mjs';

const PLACES = ['preview', 'audiences', 'releases', 'results'];

/** People of the sample: www/src/personas.ts, whose types Node of today's oldest does not take away. */
const { code } = await transform(readFileSync(new URL('../../www/src/personas.ts', import.meta.url)), { loader: 'ts' });
const { PERSONAS } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const own = studio(serveStatic);

/** A page of a new browser; what its policy refused is in `errors`. */
async function open(t, address = '', options = {}) {
  const page = await own.tab(t, options);
  const errors = [];
  page.on('console', (message) => {
    // Nothing is behind a static site: that /api is not there is no fault.
    if (message.type() === 'error' && !message.location().url.includes('/api/')) errors.push(message.text());
  });
  await page.goto(own.url + address);
  return { page, errors };
}

const heading = (page, name) => page.waitForFunction((name) => document.querySelector('h1')?.textContent === name, name);

/** Opens the sample and waits until the place is there. */
async function sample(page) {
  await page.click('text=Try the sample');
  await page.waitForSelector('.place', { state: 'attached' });
}

test('the first screen can be read without any script, and says what is of the sample', async (t) => {
  const { page } = await open(t, '', { javaScriptEnabled: false });
  assert.equal(await page.textContent('h1'), 'Audiences and flags');
  assert.match(await page.textContent('.figure'), /Sample data/);
  assert.equal(await page.locator('main >> text=Try the sample').count(), 1);
  assert.equal(await page.locator('nav[aria-label="Places"] a').count(), PLACES.length);
});

test('the page asks its own origin alone, runs no script but its own, and says so in a policy', async (t) => {
  const { page, errors } = await open(t);
  const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
  assert.match(policy, /default-src 'self'/);
  assert.match(policy, /connect-src 'self'(;|$)/);
  assert.match(policy, /script-src 'self' 'sha256-[\w+/]{43}=' 'wasm-unsafe-eval'(;|$)/);
  await sample(page);
  assert.deepEqual(errors, []);
  const other = await serveStatic();
  const refused = await page.evaluate(async (url) => {
    const said = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => said.push(effectiveDirective));
    const attempts = [fetch(url), navigator.sendBeacon(url) || Promise.reject()];
    const results = await Promise.allSettled(attempts);
    new Image().src = `${url}cell=Anke`;
    new WebSocket(url.replace('http', 'ws')).onerror = () => {};
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.src = url;
    const script = document.body.appendChild(document.createElement('script'));
    script.textContent = 'globalThis.ran = true';
    const form = document.body.appendChild(document.createElement('form'));
    form.action = url;
    form.submit();
    // Each is refused in its own time.
    while (said.length < 6 || !said.includes('form-action')) await new Promise((resolve) => setTimeout(resolve, 20));
    return { fetched: results[0].status, said, ran: globalThis.ran === true };
  }, other.url);
  assert.equal(refused.fetched, 'rejected');
  assert.equal(refused.ran, false);
  for (const directive of ['connect-src', 'img-src', 'script-src-elem', 'frame-src', 'form-action']) {
    assert.ok(refused.said.includes(directive), `${directive} was not refused: ${refused.said}`);
  }
  assert.deepEqual(other.asked, []);
  await other.stop();
});

test('by keyboard alone: the places, the sample, the search, and the way back', async (t) => {
  const { page, errors } = await open(t);
  // The first stop is past everything that is the same on each page.
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.files-bar');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Open…');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Try the sample');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.place', { state: 'attached' });

  // A flag is a few letters away.
  await page.keyboard.press('Control+k');
  await page.waitForSelector('[role=dialog][aria-label=Search] [role=option]');
  await page.keyboard.type('free ship');
  await page.waitForFunction(() => document.querySelectorAll('[role=option]').length === 1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash === '#audiences?flag=free-shipping-from');
  assert.equal(await page.locator('[role=dialog]').count(), 0);

  // Another place keeps which flag is looked at; Back goes back.
  for (const [at, name] of ['Preview', 'Audiences and flags', 'Releases', 'Results'].entries()) {
    await page.focus(`nav[aria-label="Places"] a:nth-child(${at + 1})`);
    await page.keyboard.press('Enter');
    await heading(page, name);
    assert.match(page.url(), /flag=free-shipping-from/);
    assert.equal(await page.title(), `${name} · Waft studio`);
    assert.equal(await page.getAttribute(`nav a:nth-child(${at + 1})`, 'aria-current'), 'page');
  }
  await page.goBack();
  await heading(page, 'Releases');
  assert.deepEqual(errors, []);
});

test('figures of the sample on the first screen are those that the engine counts', async (t) => {
  const { page, errors } = await open(t);
  const told = await page.textContent('.figure');
  await page.evaluate(() => (location.hash = 'preview'));
  await heading(page, 'Preview');
  const flags = await page.textContent('.figure');
  await page.evaluate(() => (location.hash = 'audiences'));
  await heading(page, 'Audiences and flags');
  await sample(page);
  await page.waitForFunction(() => /7,910/.test(document.querySelector('main').textContent), undefined, { timeout: 30_000 });
  assert.match(told, /^7,910 /);
  await page.evaluate(() => (location.hash = 'preview'));
  await page.waitForSelector('[data-key=banner]');
  assert.match(flags, /^16 /);
  assert.match(await page.textContent('.figure'), /^\d+ of 16/);
  assert.deepEqual(errors, []);
});

test('a change is undone and done again, by button and by keys; the draft survives a reload', async (t) => {
  const { page, errors } = await open(t);
  await sample(page);
  const segment = (state) => page.waitForSelector('[data-segment="not-ours"]', { state });
  const has = (named) =>
    page.waitForFunction((named) => (localStorage.getItem('waft-studio.draft') ?? '').includes('not-ours') === named, named);
  const disabled = (name) => page.locator(`button[aria-label=${name}]`).isDisabled();
  await page.waitForFunction(() => localStorage.getItem('waft-studio.draft') !== null);
  assert.ok((await disabled('Undo')) && (await disabled('Redo')));
  await page.click('text=New segment');
  await page.keyboard.type('Not ours');
  await page.keyboard.press('Enter');
  await segment('attached');
  await has(true);
  await page.click('button[aria-label=Undo]');
  await segment('detached');
  await has(false);
  assert.ok((await disabled('Undo')) && !(await disabled('Redo')));
  await page.click('button[aria-label=Redo]');
  await segment('attached');
  await page.click('h1');
  await page.keyboard.press('Control+z');
  await segment('detached');
  await page.keyboard.press('Control+Shift+z');
  await segment('attached');
  await has(true);
  assert.ok(!(await disabled('Undo')) && (await disabled('Redo')));
  await page.reload();
  await segment('attached');
  assert.ok((await disabled('Undo')) && (await disabled('Redo')), 'the way back begins anew');
  assert.deepEqual(errors, []);
});

test('rules that are open survive a reload, and closing them can be taken back', async (t) => {
  const { page, errors } = await open(t);
  await sample(page);
  // As a place would: through the session, whose module the page has loaded.
  const kept = () => page.evaluate(() => JSON.parse(localStorage.getItem('waft-studio.draft') ?? 'null'));
  await page.waitForFunction(() => localStorage.getItem('waft-studio.draft') !== null);
  const { source, files } = await kept();
  assert.deepEqual(source, { kind: 'sample' });
  assert.match(files['waft.yaml'], /project: shop/);
  assert.ok(files['lists/press.csv']);
  await page.reload();
  await page.waitForSelector('.place', { state: 'attached' });
  assert.equal(await page.locator('text=Try the sample').count(), 0);
  await page.click('button[aria-label=More]');
  await page.click('[role=menuitem] >> text=Close the rules');
  await page.waitForSelector('text=Try the sample');
  await page.click('.toast >> text=Open again');
  await page.waitForSelector('.place', { state: 'attached' });
  assert.deepEqual(errors, []);
});

test('the preview shows what the native engine decides, for people of the sample and for whoever is typed', async (t) => {
  const shop = assemble();
  t.after(() => shop.remove());
  const { page, errors } = await open(t, '#preview');
  await sample(page);
  const shown = () =>
    page.$$eval('[data-key]', (rows) => Object.fromEntries(rows.map((row) => [row.dataset.key, row.children[1].lastChild.textContent])));
  const agrees = async (who) => {
    const wanted = Object.fromEntries(Object.entries(decide(shop, who)).map(([flag, { variant }]) => [flag, variant]));
    await page.waitForFunction(
      (wanted) =>
        Object.entries(wanted).every(
          ([flag, variant]) => document.querySelector(`[data-key="${flag}"]`)?.children[1].lastChild.textContent === variant,
        ),
      wanted,
    );
    assert.deepEqual(await shown(), wanted);
  };
  await page.waitForSelector('[data-key=banner]');
  for (const { name, context: who } of PERSONAS) {
    await page.click(`.person:has-text("${name}")`);
    await agrees(who);
  }
  // Typing changes an attribute; an empty field takes it away.
  await page.click('.person:has-text("Anke")');
  await page.click('.attributes summary');
  await page.getByLabel('plan', { exact: true }).selectOption('guest');
  await page.getByLabel('country', { exact: true }).fill('');
  const { country: _, ...rest } = PERSONAS[0].context;
  await agrees({ ...rest, plan: 'guest' });
  // A click on a flag opens its trace in view.
  await page.click('[data-key=checkout] .open');
  await page.waitForFunction(() => location.hash.includes('flag=checkout'));
  const box = page.locator('.why');
  assert.match(await box.textContent(), /Why checkout is steps/);
  await page.waitForFunction(() => document.querySelector('.why').getBoundingClientRect().top < innerHeight - 100);
  assert.deepEqual(errors, []);
});

test('the preview says how many people get what the visitor gets, as Audiences does', async (t) => {
  const { page, errors } = await open(t, '#preview');
  await sample(page);
  const row = page.locator('[data-key=theme]', { hasText: /day.*\d,\d{3}/s });
  await row.waitFor();
  const [, people] = /People([\d,]+)/.exec(await row.textContent());
  await page.evaluate(() => (location.hash = 'audiences'));
  await page.locator('[data-flag=theme] .num', { hasText: `${people} day` }).waitFor();
  assert.deepEqual(errors, []);
});

for (const [name, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`every place, at ${name} and ${colorScheme}: nobody is kept out, and nothing needs sideways scrolling`, async (t) => {
      const { page, errors } = await open(t, '', { viewport, colorScheme, hasTouch: name === '390' });
      await page.evaluate(AXE);
      const look = async (state, part = 'html') => {
        // Its fonts and its place are there, and what the place waits for.
        await page.waitForLoadState('networkidle');
        await page.waitForFunction(
          () =>
            document.querySelector('main .start, main .place > *') &&
            !document.querySelector('main [role=progressbar], main [data-releases=asking]'),
        );
        assert.deepEqual(await page.evaluate(findings, part), [], `${state} at ${name}, ${colorScheme}`);
        const [wide, all] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= all, `${state} is ${wide} pixels wide of ${all}`);
        await picture(page, `studio-${state}-${viewport.width}-${colorScheme}`);
      };
      for (const place of PLACES) {
        await page.evaluate((place) => (location.hash = place), place);
        await page.waitForSelector(`nav a[href^="#${place}"][aria-current=page]`);
        await look(`${place}-first`);
      }
      await page.evaluate(() => (location.hash = 'audiences'));
      await sample(page);
      for (const place of PLACES) {
        await page.evaluate((place) => (location.hash = place), place);
        await page.waitForSelector(`nav a[href^="#${place}"][aria-current=page]`);
        await look(place);
      }
      await page.keyboard.press('Control+k');
      await page.waitForSelector('[role=dialog] [role=option]');
      await look('search', '[role=dialog]');
      // A phone has no Esc.
      if (name === '390') await page.getByRole('button', { name: 'Close' }).tap();
      else await page.keyboard.press('Escape');
      await page.waitForSelector('[role=dialog]', { state: 'detached' });
      assert.deepEqual(errors, []);
    });
  }
}
