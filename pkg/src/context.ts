/** `waft/context`: what a page can say of its visitor, as plain data for `context`. An entry of its own, which shares types alone with `waft`. */

export { deviceAttributes } from './context/device.js';
export { urlAttributes } from './context/url.js';
export { cookie, storage } from './context/visitor.js';
export type { Consent, CookieOptions, DeviceAttributes, UrlAttributes, VisitorOptions } from './types.js';
