/** Attributes of the page's address. */

import { attempt } from '../platform/attempt.js';
import type { UrlAttributes } from '../types.js';

/** An attribute by the parameter that it is read from. */
const CAMPAIGN = {
  utm_source: 'utmSource',
  utm_medium: 'utmMedium',
  utm_campaign: 'utmCampaign',
  utm_term: 'utmTerm',
  utm_content: 'utmContent',
} as const;

/**
 * Path, query and campaign of an address, by default the page's, and the page that linked to it. What an address does not have is absent.
 *
 * @example
 * const context = { visitorId: cookie(), ...urlAttributes() }; // { visitorId: ..., path: '/cart', query: 'utm_source=news', utmSource: 'news' }
 * @example
 * const context = { visitorId, ...urlAttributes(request.url) }; // on a server: `/cart?utm_source=news`, as node:http has it, is enough
 * @example
 * client.setContext({ ...context, ...urlAttributes(location.href) }); // after a navigation without a reload
 */
export function urlAttributes(
  url: string | URL | undefined = globalThis.location?.href,
  referrer: string | undefined = globalThis.document?.referrer,
): UrlAttributes {
  const page = globalThis.location?.href;
  // A server's requests have a path alone, in which `//` is before no host.
  const address = !page && typeof url === 'string' && url[0] === '/' ? `http://localhost${url}` : url;
  // Of what is no address, nothing is known.
  const { pathname, search = '', searchParams } = attempt(() => new URL(address as string, page)) ?? ({} as Partial<URL>);
  const campaign = Object.entries(CAMPAIGN).map(([parameter, name]) => [name, searchParams?.get(parameter)]);
  const attributes = [['path', pathname], ['query', search.slice(1)], ['referrer', referrer], ...campaign];
  return Object.fromEntries(attributes.filter(([, value]) => typeof value === 'string' && value));
}
