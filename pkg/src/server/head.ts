/** What the head of any page may have, also of one that caches keep: nothing in it is a visitor's. */

import { expectOptions, TEXT, TEXTS, type Wanted } from '../platform/options.js';

/** What {@link headTags} takes. */
export interface HeadOptions {
  /** The URL of the snapshot, as `createClient` is told it. */
  readonly snapshot: string;
  /** The URL of the head, where the page takes one by `head: head()`: `head.waft` beside the snapshot, unless that is told another. */
  readonly head?: string | undefined;
  /** The URLs of the page's modules: best the one that makes the client, and what it imports. */
  readonly modules?: readonly string[] | undefined;
}

const OPTIONS = { snapshot: TEXT, head: TEXT, modules: TEXTS } satisfies Record<keyof HeadOptions, Wanted>;

/**
 * Hints for the browser to ask for rules and scripts at once, in place of one after the other. Throws a `TypeError` for an option that there is not.
 *
 * @example
 * const head = headTags({ snapshot: '/snapshot.waft', modules: ['/page.js'] });
 */
export function headTags(options: HeadOptions): string {
  const given = { ...options, snapshot: options?.snapshot ?? (0 as never) };
  const { snapshot, head, modules = [] } = expectOptions('headTags', given, OPTIONS);
  // With another value of `crossorigin` the client would ask again.
  const preload = (href: string): string => `<link rel="preload" as="fetch" crossorigin="anonymous" href="${escaped(href)}">`;
  return (
    preload(snapshot) + (head ? preload(head) : '') + modules.map((href) => `<link rel="modulepreload" href="${escaped(href)}">`).join('')
  );
}

function escaped(url: string): string {
  return url.replace(/[&"<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
