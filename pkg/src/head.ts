/** `waft/head`: kills and freshness, in an entry of its own. It shares types alone with `waft`. */

export type { TrustDocuments } from './head/followed.js';
export { type HeadOptions, head } from './head/head.js';
export type { Plug } from './types.js';
