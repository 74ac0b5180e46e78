/** `waft/preview`: preview tokens, in an entry of its own. It shares types alone with `waft`. */

export { preview } from './preview/token.js';
export type { Plug } from './types.js';
