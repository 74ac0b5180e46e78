/** `waft/openfeature-server`: a provider for OpenFeature's SDK for servers. It takes a client, and shares types alone with `waft`. */

export type { LinkOptions, Source } from './openfeature/link.js';
export { WaftProvider } from './openfeature/server.js';
