/** `waft/debug`: what is wrong and what to do, in an entry of its own. It shares types alone with `waft`. */

export { debug } from './debug/debug.js';
export type { Plug } from './types.js';
