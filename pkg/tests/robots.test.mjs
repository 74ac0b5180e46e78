// Who is a robot, by other people's lists of robots and of browsers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { isRobot } from '../build/exposures/robots.js';

const require = createRequire(import.meta.url);
const PATTERNS = require('crawler-user-agents');
/** Ten thousand page views of 2026, by how often each occurs. */
const VIEWS = JSON.parse(readFileSync(require.resolve('user-agents').replace(/[^/]*$/, 'user-agents.json')));
const INAPP = readFileSync(new URL('browsers/inapp.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'));

/** What that list counts among robots, and people look at. */
const PEOPLE = [
  ['Instagram', 'its app, which opens links'],
  ['MetaIAB Facebook', "Facebook's app, which opens links"],
  ['Code/1', "Visual Studio Code's window"],
  ['Trae/', "an editor's window"],
  ['Fluid', 'a browser for single sites on macOS'],
];

test('of robots that call themselves a browser, 98 % are known', () => {
  const people = (agent) => PEOPLE.some(([name]) => agent.includes(name));
  const samples = [...new Set(PATTERNS.flatMap(({ instances }) => instances ?? []))].filter(
    (agent) => agent.startsWith('Mozilla/5.0') && /Chrome|Safari|Firefox|Gecko/.test(agent) && !people(agent),
  );
  const missed = samples.filter((agent) => !isRobot(agent));
  assert.ok(samples.length > 250, String(samples.length));
  assert.ok(missed.length <= 0.02 * samples.length, `${missed.length} of ${samples.length}:\n${missed.join('\n')}`);
  for (const [name] of PEOPLE)
    assert.ok(
      PATTERNS.some(({ instances }) => instances?.some((agent) => agent.includes(name))),
      `nothing to leave out: ${name}`,
    );
});

test('no browser of people is one, in apps neither', () => {
  const agents = [...new Set(VIEWS.map(({ userAgent }) => userAgent))];
  assert.ok(agents.length >= 160 && INAPP.length >= 40);
  assert.deepEqual([...agents, ...INAPP].filter(isRobot), []);
  for (const app of [/Instagram/, /FBAN|FB_IAB/, /musical_ly/, /; wv\)/, /CUBOT/])
    assert.ok(
      INAPP.some((agent) => app.test(agent)),
      String(app),
    );
});

test('robots in words, names and addresses', () => {
  for (const robot of [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36',
    'Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; compatible; SomeBotnet/1.0) Chrome/140.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 probe@example.org',
    'robot',
    'Some_bot/1.0',
    'Luminator-robots/2.0',
    'ubot',
    'abut-bot',
  ])
    assert.ok(isRobot(robot), robot);
  for (const person of [
    'Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36',
    'CUBOT',
    'Cubot_Note',
    '',
    'Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)',
    'Mozilla/5.0 (compatible; Konqueror/4.4; Linux) KHTML/4.4.5 (like Gecko) Kubuntu',
    'Mozilla/5.0 (X11; U; Linux; hu-HU) AppleWebKit/523.15 (KHTML, like Gecko, Safari/419.3) Arora/0.4',
    'Mozilla/5.0 (iPad; CPU OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 YJApp-IOS jp.co.yahoo.ipn.appli/4.131.0',
    'Mozilla/5.0 (Linux; Android 13; SH-M20; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/132.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBPN/com.facebook.katana;]',
  ])
    assert.ok(!isRobot(person), person);
});
