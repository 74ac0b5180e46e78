// The studio's Results place: a report from the sample, from a file, and from a collector that goes away; read by a person, on paper and on a phone.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AXE, findings } from './axe.mjs';
import { picture } from './pictures.mjs';
import { studio } from './studio.mjs';

const DIST = fileURLToPath(new URL('../../studio/dist', import.meta.url));
const SAMPLE = readFileSync(new URL('../../studio/src/results/sample.json', import.meta.url), 'utf8');
/** The same as if it were somebody's own. */
const OWN = SAMPLE.replace('"sample": true,', '');
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const SIZES = [1440, 1024, 390];

const home = mkdtempSync(join(tmpdir(), 'waft-results-'));
after(() => rmSync(home, { recursive: true }));
const own = studio();

/**
 * The built studio; `report` is what /api/report answers, `null` for a server that has no such route, `undefined` for one that fails; `refusal` is its
 * status, type and text in place of a report.
 */
async function serve(t, site = { report: null }) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://studio');
    if (pathname === '/api/report') {
      if (site.refusal) {
        const [status, type, text] = site.refusal;
        return response.writeHead(status, { 'content-type': type }).end(text);
      }
      if (site.report === null) return response.writeHead(404).end();
      if (site.report === undefined) return response.writeHead(502).end();
      return response.writeHead(200, { 'content-type': 'application/json' }).end(site.report);
    }
    const path = join(DIST, normalize(pathname === '/' ? '/index.html' : pathname));
    let bytes;
    try {
      bytes = readFileSync(path);
    } catch {
      return response.writeHead(404).end();
    }
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

async function open(t, url, options = {}) {
  const page = await own.tab(t, options);
  await page.goto(`${url}/#results`);
  await page.waitForSelector('.results-study');
  return page;
}

const study = async (page, key) => {
  await page.click(`.results-list [data-study="${key}"]`);
  await page.waitForFunction((name) => document.querySelector('#results-title')?.textContent.startsWith(name), key.split('/')[0]);
};

/** What axe finds, and whether anything needs sideways scrolling. */
async function judged(page, name) {
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(findings, 'main'), [], name);
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('main *')].flatMap((one) =>
      one.scrollWidth > one.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) ? [one.className] : [],
    ),
  );
  assert.deepEqual(wide, [], `${name}: scrolls sideways`);
  const [own, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(own <= shown, `${name}: ${own} px on a page of ${shown}`);
  await picture(page, `results-${name}`);
}

test('a win with a failed guardrail says so before anything else, at every size', async (t) => {
  const page = await open(t, await serve(t));
  assert.match(await page.textContent('.results-opened'), /Sample data/);
  await study(page, 'call-to-action/2');
  const conclusion = await page.textContent('.results-conclusion');
  assert.match(await page.textContent('.results-study header'), /35,360 visitors: 17,675 control, 17,685 bold/);
  const change = page.locator('.results-study header').getByRole('link', { name: 'Change the flag' });
  assert.match(await change.getAttribute('href'), /#audiences\?q=call-to-action/);
  assert.match(conclusion, /bold is better: purchase \+\d/);
  assert.match(conclusion, /but it harms js-error/);
  assert.match(conclusion, /Guardrail failed: do not roll it out/);
  assert.match(conclusion, /95 % confidence/);
  assert.match(await page.textContent('[data-guardrail="js-error"]'), /harmed/);
  assert.match(await page.textContent('.results-forest'), /Secondary exploratory/);
  for (const width of SIZES) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForSelector('.results-chart svg');
    await judged(page, `harmed-${width}`);
  }
});

test('all intervals of a variant stand on one axis: each bar and dot where its figures say', async (t) => {
  const page = await open(t, await serve(t));
  const { studies } = JSON.parse(SAMPLE);
  let [compared, within, verdicts] = [0, 0, 0];
  for (const [name, phase] of [
    ['call-to-action', 2],
    ['checkout', 1],
  ]) {
    await study(page, `${name}/${phase}`);
    const { metrics } = studies.find((one) => one.name === name && one.phase === phase);
    for (const width of SIZES) {
      await page.setViewportSize({ width, height: 900 });
      const { ends, bars } = await page.evaluate(() => {
        const box = (element) =>
          element && (({ left, right }) => ({ left, right, middle: (left + right) / 2 }))(element.getBoundingClientRect());
        return {
          // Of the axis, as it is written: from -12 % to +12 %.
          ends: document
            .querySelector('.results-axis')
            .textContent.match(/[−+][\d.]+/g)
            .map((end) => Number(end.replace('−', '-')) / 100),
          bars: [...document.querySelectorAll('.results-forest tr[data-metric]')].map((row) => ({
            metric: row.dataset.metric,
            verdict: row.dataset.verdict,
            axis: box(row.querySelector('.results-interval')),
            bar: box(row.querySelector('.results-bar')),
            dot: box(row.querySelector('.results-dot')),
            beyond: [...row.querySelectorAll('.results-beyond')].map(({ dataset }) => dataset.end),
          })),
        };
      });
      const [low, high] = ends;
      assert.equal(low, -high);
      assert.equal(bars.length, metrics.length);
      for (const { metric, verdict, axis, bar, dot, beyond } of bars) {
        const told = metrics.find((one) => one.metric === metric);
        // As a share of the control's value, which the first arm has.
        const [from, value, to] = ['low', 'value', 'high'].map((end) => told.comparisons[0].difference[end] / told.arms[0].mean);
        const at = (share) => axis.left + ((Math.min(high, Math.max(low, share)) - low) / (high - low)) * (axis.right - axis.left);
        const what = `${metric} at ${width}: ${JSON.stringify({ from, value, to, ends, axis, bar, dot })}`;
        // To a pixel and a half: the ends are written with few digits, and a border takes one.
        const near = (shown, share) => assert.ok(Math.abs(shown - at(share)) <= 1.5, what);
        near(bar.left, from);
        near(bar.right, to);
        assert.deepEqual(beyond, [...(from < low ? ['low'] : []), ...(to > high ? ['high'] : [])], what);
        if (Math.abs(value) <= high) {
          near(dot.middle, value);
          within += 1;
        }
        if (verdict === 'better' || verdict === 'worse') {
          assert.ok(bar.left >= axis.middle || bar.right <= axis.middle, what);
          verdicts += 1;
        }
        compared += 1;
      }
    }
  }
  assert.ok(compared === 24 && within >= 18 && verdicts === 6, `${compared} bars, ${within} dots, ${verdicts} verdicts`);
});

test('a sample ratio mismatch shows its cause and no figure; no conclusion is never "no effect"', async (t) => {
  const page = await open(t, await serve(t));
  await study(page, 'search/1');
  const whole = await page.textContent('.results-study');
  assert.match(whole, /Do not read these results: sample ratio mismatch \(SRM\)/);
  assert.match(whole, /browser Safari \(suggestions has \d+ % there, planned 50 %\)/);
  assert.equal(await page.$('.results-forest'), null);
  await judged(page, 'srm-1440');
  await page.setViewportSize({ width: 390, height: 844 });
  await judged(page, 'srm-390');
  await study(page, 'checkout/1');
  const open_ = await page.textContent('.results-conclusion');
  assert.match(open_, /no conclusion yet/);
  assert.match(open_, /Not significant is not “no effect”/);
  assert.match(open_, /Power so far: /);
  assert.doesNotMatch(await page.textContent('.results-study'), /no difference|has no effect/);
  await judged(page, 'unknown-390');
});

test('parts by segment explain, with a warning of many looks', async (t) => {
  const page = await open(t, await serve(t));
  const report = JSON.parse(SAMPLE);
  const [own] = report.studies;
  const [{ metric, arms, comparisons }] = own.metrics;
  const part = (value, is, verdict, refusal = null) => ({
    is,
    value,
    units: [600, 620],
    p: 0.6,
    alarm: refusal === 'sampleRatio',
    metrics: [{ metric, arms, comparisons: [{ ...comparisons[0], verdict, refusal, ...(refusal && { difference: null, lift: null }) }] }],
  });
  own.looks = 44;
  own.breakdowns = [
    {
      by: 'country',
      segment: false,
      more: 7,
      values: [
        part('DE', 'value', 'better'),
        part('AT', 'value', 'unknown'),
        part('', 'other', 'withheld', 'sampleRatio'),
        part('', 'unknown', 'withheld', 'fewUnits'),
      ],
    },
    { by: 'eu-pro', segment: true, more: 0, values: [part('in', 'value', 'better'), part('out', 'value', 'unknown')] },
  ];
  writeFileSync(join(home, 'parts.json'), JSON.stringify(report));
  await page.setInputFiles('input[type=file]', join(home, 'parts.json'));
  // The sample, which is shown until the file is read, has segments, too.
  await page.getByText('44 comparisons here').waitFor();
  const section = await page.textContent('section[aria-labelledby=results-segments]');
  assert.match(section, /44 comparisons here: about 2 may look better or worse by chance/);
  assert.match(section, /other \(7 values\)/);
  assert.match(section, /not known/);
  assert.match(section, /In segment eu-pro/);
  for (const width of SIZES) {
    await page.setViewportSize({ width, height: 900 });
    await judged(page, `segments-${width}`);
  }
});

test('a file is opened by hand, by its figures; another is refused with a remedy, and the one before stays', async (t) => {
  const page = await open(t, await serve(t));
  const report = JSON.parse(SAMPLE);
  const [metric] = report.studies[0].metrics;
  metric.comparisons[0].fixed = { low: 0.001, high: 0.02, p: 0.004 };
  report.set = 'mine/production';
  const file = (name, text) => {
    writeFileSync(join(home, name), text);
    return join(home, name);
  };
  await page.setInputFiles('input[type=file]', file('mine.json', JSON.stringify(report)));
  await page.waitForFunction(() => /From mine\.json/.test(document.querySelector('.results-opened')?.textContent ?? ''));
  assert.match(await page.textContent('.results-conclusion'), /Fixed-horizon 95 % CI at the planned size, for one look/);
  for (const [name, text, code] of [
    ['none.json', '', 'EMPTY'],
    ['page.html', '<!doctype html><p>report</p>', 'HTML'],
    ['half.json', SAMPLE.slice(0, 5_000), 'NOT_JSON'],
    ['rules.json', '{"project": "shop"}', 'NOT_A_REPORT'],
    ['old.json', '{"set": "a/b", "asOf": "2026-01-01T00:00:00Z", "studies": [{"name": "x"}]}', 'NOT_A_REPORT'],
  ]) {
    await page.setInputFiles('input[type=file]', file(name, text));
    await page.waitForSelector(`.error-note:has-text("${code}")`);
    assert.match(await page.textContent('.error-note'), /waft report RULES .*The report before it stays/);
    assert.match(await page.textContent('.results-opened'), /From mine\.json/);
  }
  await judged(page, 'refused-1440');
});

test('the collector is read live, and its last report stays when it is away', async (t) => {
  const site = { report: OWN };
  const url = await serve(t, site);
  const page = await open(t, url);
  await page.waitForFunction(() => /Live from the collector.*As of 20/.test(document.querySelector('.results-opened')?.textContent ?? ''));
  site.report = undefined;
  await page.reload();
  await page.waitForFunction(() =>
    /does not answer.*last report.*As of 20/.test(document.querySelector('.results-opened')?.textContent ?? ''),
  );
  await judged(page, 'away-1440');
  site.report = SAMPLE;
  await page.reload();
  await page.waitForFunction(() => /Live from the collector/.test(document.querySelector('.results-opened')?.textContent ?? ''));
});

test('a collector that refuses, or answers something else, is told as that, and is not taken for none', async (t) => {
  const site = { report: OWN };
  const url = await serve(t, site);
  const page = await open(t, url);
  await page.waitForFunction(() => /Live from the collector/.test(document.querySelector('.results-opened')?.textContent ?? ''));
  for (const [name, refusal, said] of [
    [
      'text',
      [429, 'text/plain; charset=utf-8', 'too many requests from this address\n'],
      /429.*too many requests from this address.*Its last report stays/,
    ],
    ['code', [403, 'application/json', '{"code":"token","error":"a token is needed"}'], /token.*a token is needed/],
    [
      'other',
      [200, 'application/json', '{"set":"a/b","asOf":"2026-01-01T00:00:00Z","studies":[{"name":"x"}]}'],
      /NOT_A_REPORT.*another version of waft.*same version/,
    ],
  ]) {
    site.refusal = refusal;
    await page.reload();
    await page.waitForSelector('.error-note:has-text("The collector’s report cannot be shown.")');
    assert.match(await page.textContent('.error-note'), said);
    assert.match(await page.textContent('.results-opened'), /The collector’s last report\. As of 20/);
    assert.doesNotMatch(await page.textContent('.results-opened'), /Sample data/);
    await page.waitForSelector('.results-chart svg');
    if (name === 'text') await judged(page, 'collector-refuses-1440');
  }
  // Nothing was collected before: nothing is shown in its place.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.waitForSelector('.error-note:has-text("The collector’s report cannot be shown.")');
  assert.equal(await page.$('.results-study'), null);
  await judged(page, 'collector-refuses-first-1440');
  delete site.refusal;
  await page.reload();
  await page.waitForFunction(() => /Live from the collector/.test(document.querySelector('.results-opened')?.textContent ?? ''));
});

test('studies are reached by keyboard, and by a link', async (t) => {
  const url = await serve(t);
  const page = await open(t, url);
  const title = () => page.textContent('#results-title');
  const before = await title();
  const [first] = await page.$$('.results-list a');
  await first.focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForFunction((before) => document.querySelector('#results-title').textContent !== before, before);
  const chosen = await title();
  assert.match(await page.evaluate(() => location.hash), /experiment=/);
  await page.reload();
  await page.waitForFunction((chosen) => document.querySelector('#results-title')?.textContent === chosen, chosen);
});

test('the sample is marked as such, opened as a file too; and of two phases each says which it is, and of when', async (t) => {
  const page = await open(t, await serve(t));
  assert.match(await page.textContent('#results-title'), /call-to-action, phase 2.*Sample data/);
  const card = (phase) => page.textContent(`.results-list [data-study="call-to-action/${phase}"]`);
  assert.match(await card(2), /call-to-action, phase 2.*Experiment, since 2026-10-20/);
  assert.match(await card(1), /call-to-action, phase 1.*Experiment, 2026-10-01 to 2026-10-20/);
  const file = (name, text) =>
    page.setInputFiles('input[aria-label="Open a report"]', { name, mimeType: 'application/json', buffer: Buffer.from(text) });
  await file('sample.json', SAMPLE);
  await page.locator('.results-opened', { hasText: 'From sample.json. Of an invented shop.' }).waitFor();
  assert.match(await page.textContent('.results-opened'), /Sample data/);
  await file('own.json', OWN);
  await page.locator('.results-opened', { hasText: 'From own.json. As of' }).waitFor();
  assert.doesNotMatch(await page.textContent('main'), /Sample data/);
});

test('an axis of a few visitors has no halves of them', async (t) => {
  const report = JSON.parse(OWN);
  for (const { sampleRatio } of report.studies) {
    sampleRatio?.byDay.forEach((cell, at) => Object.assign(cell, { units: cell.units.map((_, arm) => (at + arm) % 3) }));
  }
  const page = await open(t, await serve(t, { report: JSON.stringify(report) }));
  await study(page, 'call-to-action/2');
  await page.getByText('By browser, snapshot version and day').click();
  const plot = page.locator('.results-chart', { hasText: 'New visitors by day' });
  await plot.waitFor();
  const marks = await plot.locator('svg text[text-anchor="end"]').allTextContents();
  assert.deepEqual(marks, ['0', '1', '2']);
});

test('paper has all figures, and no buttons', async (t) => {
  const page = await open(t, await serve(t));
  await study(page, 'call-to-action/2');
  // What is folded on the screen is measured by nothing before it is on paper.
  const plots = await page.$$eval('.results-chart', (charts) => charts.map((chart) => chart.querySelectorAll('svg path').length));
  assert.equal(plots.length, 2);
  assert.ok(!plots.includes(0), 'a plot that is folded is drawn, too');
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.isVisible('.results .opening button'), false);
  assert.equal(await page.$$eval('.results-study details:not([open])', (folded) => folded.length), 0);
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.waitForSelector('.results-chart svg');
  await picture(page, 'results-paper');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.ok((await page.$$eval('.results-study details:not([open])', (folded) => folded.length)) > 0);
});

test('dark, and colours that the system forces', async (t) => {
  const url = await serve(t);
  for (const [name, options] of Object.entries({ dark: { colorScheme: 'dark' }, forced: { forcedColors: 'active' } })) {
    const page = await open(t, url, options);
    await study(page, 'call-to-action/2');
    await page.waitForSelector('.results-chart svg');
    await judged(page, `${name}-1440`);
  }
});
