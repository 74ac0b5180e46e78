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

/** When a request is given up, in milliseconds. */
export const DEADLINE = 10_000;
/** How long these pages wait, and their requests with them: a busy machine may take longer for all bytes up to a cap than a request may. */
const PATIENCE = 50_000;

function patient(deadline, patience) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work, delay, ...args) => setTimeout(work, delay === deadline ? patience : delay, ...args);
}

/** A tab with the page, and its client: the code that it starts with. */
export async function begin(t, engine, origin, options) {
  const tab = await visit(t, engine, origin.url);
  await tab.show();
  await tab.evaluate(patient, DEADLINE, PATIENCE);
  const all = { hasHead: true, context: CONTEXT, timeout: PATIENCE, ...options };
  const code = await tab.evaluate((options) => globalThis.begin(options), all);
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
