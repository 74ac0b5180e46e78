/** `waft/server`: what a server hands to a page. An entry of its own, which shares types alone with `waft`. */

export { type Decided, type DecideOptions, decide } from './server/decide.js';
export { type HeadOptions, headTags } from './server/head.js';
