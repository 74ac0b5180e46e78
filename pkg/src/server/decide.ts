/** Decisions of a server, for the page that it answers with. */

import type { Served } from '../served.js';
import type { Client, Context } from '../types.js';

/** What {@link decide} takes. */
export interface DecideOptions {
  /** Who is asking. The client has this context from now on. */
  readonly context: Context;
  /**
   * Names of attributes that the page must have with the same values, or it ignores the decisions: units above all. They are written into the
   * HTML; no other attribute is.
   */
  readonly same: readonly string[];
  /**
   * The flags that the page is told of. Default all. Leave out those of sticky trials, and those that need attributes which only the page
   * knows.
   */
  readonly flags?: readonly string[];
  /** For how long a page may start from them, in milliseconds. Default 5 minutes. */
  readonly maxAge?: number;
  /** The nonce of the page's policy. */
  readonly nonce?: string;
}

/** What {@link decide} returns. */
export interface Decided {
  /** What `hydrate` reads: for a script element, in which nothing of it ends the element. */
  readonly json: string;
  /** The script element. */
  readonly html: string;
  /** Of the response, which is for this visitor alone. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Decides flags for a page, and exposes nothing: the page does, when it shows them. It is synchronous, so one client serves many requests.
 *
 * @example
 * const { html, headers } = decide(client, { context: { visitorId, country }, same: ['visitorId'] });
 */
export function decide(client: Client, { context, same, flags, maxAge = 300_000, nonce }: DecideOptions): Decided {
  client.setContext(context);
  const { snapshot } = client;
  const all = snapshot ? client.all() : {};
  const told = Object.entries(all).filter(([key, { errorCode }]) => !errorCode && (flags?.includes(key) ?? true));
  const served: Served = {
    snapshot,
    latest: Date.now() + maxAge,
    context: same.map((name) => [name, context[name] ?? null]),
    flags: Object.fromEntries(told.map(([key, { value, variant, reason }]) => [key, { value, variant, reason }])),
  };
  const json = JSON.stringify(served).replace(/[<\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const attribute = nonce === undefined ? '' : ` nonce="${nonce.replace(/[^\w+/=-]/g, '')}"`;
  return {
    json,
    html: `<script type="application/json" id="waft-decided"${attribute}>${json}</script>`,
    headers: { 'Cache-Control': 'private, no-store' },
  };
}
