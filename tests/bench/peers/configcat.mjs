// ConfigCat: its config JSON from a cache in memory, offline; a snapshot of the client decides synchronously.
import { createConsoleLogger, getClient, LogLevel, PollingMode } from '@configcat/sdk';

export const name = 'ConfigCat';

const served = (value) => ({ v: { b: value } });
const rule = (attribute, comparator, comparison, value) => ({
  c: [{ u: { a: attribute, c: comparator, ...comparison } }],
  s: served(value),
});
// ConfigCat's numbers for "equals", "is one of" and "semantic version >=".
const [EQUALS, ONE_OF, SEMVER_FROM] = [28, 0, 9];

export const ruleset = (flags) =>
  JSON.stringify({
    p: { u: 'https://localhost', r: 0, s: 'salt' },
    f: Object.fromEntries(
      flags.map(({ key, country, plans, version }) => [
        key,
        {
          t: 0,
          ...served(false),
          r: [
            rule('Country', EQUALS, { s: country }, true),
            rule('plan', ONE_OF, { l: plans }, false),
            rule('appVersion', SEMVER_FROM, { s: version }, true),
          ],
          // Hashed with the flag's key: there is no salt of one's own.
          p: [
            { p: 50, ...served(true) },
            { p: 50, ...served(false) },
          ],
        },
      ]),
    ),
  });

export const PAGE = `
import { getClient, PollingMode } from '@configcat/sdk';
const client = getClient('key', PollingMode.AutoPoll);
await client.waitForReady();
document.title = client.snapshot().getValue('headline', 'Welcome');`;

export const contextOf = ({ userId, country, ...custom }) => ({ identifier: userId, country, custom });
let clients = 0;

export async function load(bytes, user) {
  // The form of its own cache: time, ETag, config.
  const cached = `${Date.now()}\n1\n${new TextDecoder().decode(bytes)}`;
  // One client for each key is kept by the SDK, so each gets a key of its own (of the length it asks for).
  const key = `${String(clients++).padStart(22, '0')}/0000000000000000000000`;
  const client = getClient(key, PollingMode.ManualPoll, {
    cache: { get: () => cached, set() {} },
    offline: true,
    logger: createConsoleLogger(LogLevel.Off),
  });
  await client.waitForReady();
  return { client, snapshot: client.snapshot(), user };
}

export function setContext(client, user) {
  client.user = user;
}

export const decide = ({ snapshot, user }, key) => snapshot.getValue(key, false, user);
export const close = ({ client }) => client.dispose();
