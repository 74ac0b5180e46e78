/** `waft/devtools`: a developer panel, in an entry of its own. It shares types alone with `waft`. */

export { type DevtoolsOptions, devtools } from './devtools/devtools.js';
export type { Plug } from './types.js';
