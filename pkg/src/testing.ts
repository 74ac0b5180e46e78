/** `waft/testing`: a client in memory, for tests and component catalogues. It has no engine, and verifies nothing. */

export { testClient } from './testing/client.js';
export type { FlagOptions, TestClient, TestOptions, Tracked } from './testing/client.js';
