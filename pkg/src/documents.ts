/** `waft/documents`: follows trust documents for `head` of `waft/head`, in an entry of its own, as most page views have none to follow. */

export { follow } from './head/follow.js';
export type { TrustDocuments } from './head/followed.js';
