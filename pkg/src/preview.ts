/** `waft/preview`: preview tokens and overrides, in an entry of its own. It shares types alone with `waft`. */

export { type Choice, type Fixed, type Keep, type Overrides, overrides } from './preview/overrides.js';
export { preview } from './preview/token.js';
export type { Plug } from './types.js';
