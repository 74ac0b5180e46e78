/** What pages with `@openfeature/react-sdk` need besides: to expose what was committed. */

import { OpenFeature, useOpenFeatureClient } from '@openfeature/react-sdk';
import { useEffect } from 'react';
import type { WaftProvider } from './web.js';

/**
 * Exposes a flag whose variant the component shows, after it was committed: a render that is thrown away, suspended, hidden or done on a
 * server exposes nothing. A unit is exposed to a variant once.
 *
 * @example
 * const bold = useBooleanFlagValue('bold-cta', false);
 * useExposure('bold-cta');
 */
export function useExposure(key: string): void {
  const { domain } = useOpenFeatureClient().metadata;
  const { client } = OpenFeature.getProvider(domain) as Partial<WaftProvider>;
  const shown = client?.peek<unknown>(key, undefined).variant;
  // After each commit, as what is shown may be another variant, or another unit's.
  useEffect(() => {
    // What has changed since is not what is shown. The commit of the change exposes it.
    if (client?.peek<unknown>(key, undefined).variant === shown) client?.expose(key);
  });
}
