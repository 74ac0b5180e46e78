/** `waft/openfeature`: a provider for OpenFeature's SDK for pages. It takes a client, and shares types alone with `waft`. */

export type { LinkOptions, Source } from './openfeature/link.js';
export { exposeHook, WaftProvider, type WebOptions } from './openfeature/web.js';
