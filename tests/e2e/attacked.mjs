// A shop under attack by its server: rules of version 1 with their head, and what a visitor has of them. For attacks.test.mjs and replays.test.mjs.
import { Party } from './party.mjs';
import { startShop, visit } from './suite.mjs';

export const CONTEXT = { visitorId: 'v1', country: 'DE' };
export const ROLES = ['publisher', 'freshness', 'kill'];

/** The shop with rules of version 1 and their head. */
export async function start(t, roles = ROLES) {
  const origin = await startShop(t);
  const shop = new Party().init(roles);
  t.after(() => shop.remove());
  origin.files['/trust.json'] = JSON.stringify(shop.trust);
  const first = shop.release(1, 'Ours');
  origin.serve = (files) => Object.assign(origin.files, files);
  origin.serve({ '/snapshot.waft': first, '/head.waft': shop.refresh(first) });
  /** Of which files nothing comes as it should. */
  origin.hold = (how, ...paths) => {
    origin.held = (url) => (paths.includes(url) ? how : undefined);
  };
  return { origin, shop, first };
}

/** A tab with the page, and its client: the code that it starts with. */
export async function begin(t, engine, origin, options) {
  const tab = await visit(t, engine, origin.url);
  await tab.show();
  const code = await tab.evaluate((options) => globalThis.begin(options), { hasHead: true, context: CONTEXT, ...options });
  return [tab, code ?? 'fine'];
}

/** What a visitor sees, why, and whose rules it is. */
export const seen = (tab) =>
  tab.evaluate(() => {
    const { client } = globalThis;
    const { value, reason } = client.peek('headline', 'default');
    return [value, reason, client.snapshot?.version ?? 0];
  });
export const DEFAULT = ['default', 'ERROR', 0];
export const OURS = ['Ours', 'TARGETING_MATCH', 1];

/** What the page is told of the file that is wrong. */
export const told = (tab) =>
  tab.evaluate(() => {
    const { code, url = '', message } = globalThis.client.status();
    return [code, url.replace(/.*\//, '/'), message !== code && message?.startsWith(code)];
  });
