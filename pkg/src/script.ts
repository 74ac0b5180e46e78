/**
 * `waft.iife.js`: the global `waft` of a page that has no build, by one script element. What it exports are members of `waft`. With
 * `data-snapshot` it starts a client, by the `data-` attributes of its own element; without, it does nothing.
 *
 * @example
 * (self.waft ??= []).push((client) => (document.title = client.getStringValue('headline', 'Welcome')));
 */

import { begin, type Script } from './script/begin.js';

export { cookie, deviceAttributes, storage, urlAttributes } from './context.js';
export { recorder } from './exposures.js';
export { createClient, loadEngine } from './index.js';
export { preview } from './preview.js';
export type { Started, Work } from './script/begin.js';

const page = globalThis as { document?: Document; waft?: unknown };

export const { client, push } = begin(page.document?.currentScript as Script | null | undefined, page.waft);
