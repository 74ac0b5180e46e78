/** `waft/updates`: newer rules while a page is open, in an entry of its own. It shares types alone with `waft`. */

export { pin, poll, stream } from './updates/policy.js';
export type { PinOptions, Plug, PollOptions, StreamOptions } from './types.js';
