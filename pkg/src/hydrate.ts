/** `waft/hydrate`: a page starts from what its server decided, before rules and engine are there. It shares types alone with `waft`. */

export { type Create, type HydratedClient, type HydratedStatus, hydrate } from './hydrate/hydrate.js';
