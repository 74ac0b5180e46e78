/** `waft/exposures`: what records, in an entry of its own, so that only pages that record have it. It shares types alone with `waft`. */

export { recorder } from './exposures/recorder.js';
export type { Consent, ExposureOptions, Exposures } from './types.js';
