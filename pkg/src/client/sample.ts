/** A snapshot of one flag and the trust that takes it: decided once, so that the browser has compiled what decides. */

import type { Trust } from '../types.js';

/** Flag `a` of no project, version 0, in base64: what tests/oracles/test_sample.py makes. */
export const SNAPSHOT =
  '2GKEWDWiA3gdYXBwbGljYXRpb24vdm5kLndhZnQuc25hcHNob3QPpQFgA2AEGvSGVwAGADoAAQABAKBYMKQBAQIZAQEDGgABAAAEWCCk0omBGAWNal3PcBjm' +
  'efcPQTeV9W8wjWIHOKbmQiiHmIGDWBujAScEUAAAAAAAAAAAAAAAAAAAAAA6AAEAAGCgWEABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIGhbFnH' +
  'hB6kr6neYM/mUVSBQALJLcV7tqIN4GD8llYHCQAAAAMACABwAAAAAQAAAAQACAB4AAAAAQAAAAUAFACAAAAAAQAAAAYACACUAAAAAgAAAAcABACkAAAABwAA' +
  'AAkAFADAAAAAAQAAAAoACADUAAAAAQAAAAsACADcAAAAAgAAAAEAAQDsAAAAFQAAAAEAAAABAAAAAQAAAAAAAAABAAAAAAAAAAAAAAABAgEBAAAAAAMAAAAH' +
  'AAAADQAAABAAAAAHUAIAAQAAAAAAAAAAAAAAAAEAABAAAAADAAEAAQAAAAAAAAD//////////wAAAAAAAAAAAgAAAAAAAIAAAAAA/////wEAAAAAAWEDb2Zm' +
  'BWZhbHNlAm9uBHRydWU';

/** All zeros. */
const KID = 'AAAAAAAAAAAAAAAAAAAAAA';

/**
 * The key is that of the secret scalar 1: it takes little room, and anybody can sign with it. No other trust lists it, and this one accepts
 * what belongs to no project and nothing else.
 */
export const TRUST: Trust = {
  project: '',
  environment: '',
  keys: { [KID]: 'WGZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY' },
  require: [{ role: '', keys: [KID] }],
};
