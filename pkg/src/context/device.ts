/** Attributes of the device. */

import { attempt } from '../platform/attempt.js';
import type { DeviceAttributes } from '../types.js';

/**
 * Language, class and time zone of the device, as the browser tells them. Where it tells none, as on a server, the attribute is absent.
 *
 * @example
 * const context = { visitorId: cookie(), ...deviceAttributes() }; // { visitorId: ..., language: 'de-DE', device: 'phone', timeZone: 'Europe/Berlin' }
 */
export function deviceAttributes(): DeviceAttributes {
  // Node has a `navigator`, too, which knows nothing of whoever asks.
  if (!globalThis.document) return {};
  const { language, userAgent = '', maxTouchPoints = 0 } = attempt(() => globalThis.navigator) ?? ({} as Partial<Navigator>);
  const timeZone = attempt(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  return {
    ...(language && { language }),
    device: classOf(userAgent, maxTouchPoints),
    ...(timeZone && { timeZone }),
  };
}

/** Tablets with Android do not say `Mobile`; an iPad says that it is a Mac, which has no touch screen. */
function classOf(userAgent: string, touchPoints: number): 'phone' | 'tablet' | 'desktop' {
  const isTablet = /ipad|tablet|kindle|silk|playbook/i.test(userAgent) || (/macintosh/i.test(userAgent) && touchPoints > 1);
  if (isTablet || (/android/i.test(userAgent) && !/mobi/i.test(userAgent))) return 'tablet';
  return /mobi|iphone|ipod/i.test(userAgent) ? 'phone' : 'desktop';
}
