/** Preview tokens: variants that whoever has a signed link is shown. */

import type { Host, Opened } from '../client/host.js';
import { type Code, textOf } from '../codes.js';
import { PREVIEW } from '../engine/engine.js';
import { attempt } from '../platform/attempt.js';
import { fromBase64 } from '../platform/bytes.js';
import type { Plug } from '../types.js';

/**
 * Shows what a preview token says (`waft token`), if trust accepts its signature: the flags that it names evaluate to its variants, and
 * expose nothing. `status().preview` is until when, in milliseconds since 1970, or why it shows nothing.
 *
 * @example
 * const token = new URL(location.href).searchParams.get('preview');
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, preview: preview(token) });
 */
export function preview(token: string | null | undefined): Plug<'preview'> {
  return { kind: 'preview', open: (host: Host) => shown(token, host) };
}

function shown(token: string | null | undefined, { decisions, events }: Host): Opened {
  if (!token) return {};
  const bytes = attempt(() => fromBase64(token)) ?? new Uint8Array();
  let state: number | Code | undefined;
  const notice = (): Opened['notice'] => (typeof state === 'string' ? { code: state, message: `preview ${textOf(state)}` } : undefined);
  const before = decisions.onAdopted;
  decisions.onAdopted = (engine, now) => {
    before?.(engine, now);
    const last = state;
    state = engine.adopt(bytes, now, PREVIEW) ?? engine.validUntil();
    const told = state !== last && notice();
    // Nothing is active yet.
    if (told) queueMicrotask(() => events.emit('error', told));
  };
  return {
    get notice() {
      return notice();
    },
    facts: () => (state ? { preview: state } : {}),
  };
}
