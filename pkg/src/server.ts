/** `waft/server`: what a server decides, and hands to a page. An entry of its own, which shares types alone with `waft`. */

export type { FlagNeeds } from './served.js';
export { contexts, withContext } from './server/contexts.js';
export { type Decided, type DecideOptions, decide } from './server/decide.js';
export { handOver } from './server/handover.js';
export { type HeadOptions, headTags } from './server/head.js';
export type { Plug } from './types.js';
