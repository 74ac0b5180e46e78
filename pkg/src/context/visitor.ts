/** Ids of visitors: made once, and kept by the browser. */

import { isConsent } from '../exposures/options.js';
import { attempt, membersOf } from '../platform/attempt.js';
import { toBase64Url } from '../platform/bytes.js';
import { get, remove, set } from '../storage/local.js';
import type { CookieOptions, VisitorOptions } from '../types.js';

/** The most that browsers keep a cookie for. */
const DAYS = 400;
const NAME = 'waft-visitor';

/** Where an id is kept. Each member may throw. */
interface Shelf {
  /** What tells it from others of this page. */
  readonly key: string;
  read(): string | undefined;
  write(id: string): void;
  forget(): void;
}

/**
 * The visitor's id, kept in a cookie: the one that is there, or a new one. For experiments across subdomains, and for servers that decide,
 * too. On a server it is `undefined`: there, take the id from the request's own cookie.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context: { visitorId: cookie() } });
 * @example
 * const visitorId = cookie({ domain: 'shop.example', consent: 'pending' }); // nothing is read or kept yet
 */
export function cookie(options?: CookieOptions): string | undefined {
  const { name = NAME, consent, domain, days = DAYS, ...unread } = membersOf(options);
  const key = attempt(() => encodeURIComponent(name)) ?? NAME;
  const write = (value: string, age: number): void => {
    const secure = globalThis.location?.protocol === 'https:' ? '; Secure' : '';
    // biome-ignore lint/suspicious/noDocumentCookie: Cookie Store is younger than the oldest browsers, and cannot be read at once.
    globalThis.document.cookie = `${key}=${value}; Path=/; Max-Age=${age}; SameSite=Lax${secure}${domain ? `; Domain=${domain}` : ''}`;
  };
  const shelf: Shelf = {
    key: `cookie ${key}`,
    read: () => {
      const found = globalThis.document.cookie.split(/; */).find((pair) => pair.startsWith(`${key}=`));
      return found && decodeURIComponent(found.slice(key.length + 1));
    },
    write: (id) => write(encodeURIComponent(id), Math.round(days * 86_400)),
    forget: () => write('', 0),
  };
  return idOf(shelf, consent, Number.isFinite(days) ? unread : { days });
}

/**
 * The visitor's id, kept in `localStorage`: for one origin, and for as long as the visitor keeps it. On a server and in workers it is
 * `undefined`.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context: { visitorId: storage() } });
 */
export function storage(options?: VisitorOptions): string | undefined {
  const { name = NAME, consent, ...unread } = membersOf(options);
  const key = attempt(() => String(name)) ?? NAME;
  // Written only if it is another: other tabs would hear of it each time.
  const write = (id: string): unknown => get(key) === id || set(key, id);
  return idOf({ key: `localStorage ${key}`, read: () => get(key), write, forget: () => remove(key) }, consent, unread);
}

/**
 * The id of a shelf. Without consent, and where the browser keeps nothing, it is that of this page view. So it is where options cannot be read: a
 * misspelt `consent` would keep it for whom nobody has asked.
 */
function idOf(shelf: Shelf, answer: unknown = 'granted', unread: object): string | undefined {
  // A server has many visitors, and must not give them one id.
  if (!globalThis.document) return undefined;
  const ids = pageIds();
  const warn = (text: string): void => {
    if (!ids.has(text)) console.warn(`waft/context: ${text}: this visitor id lasts for one page view`);
    ids.set(text, '');
  };
  const [wrong] = [...Object.keys(unread), ...(isConsent(answer) ? [] : ['consent'])];
  if (wrong) warn(`the option ${wrong} cannot be read`);
  const consent = wrong ? undefined : answer;
  const kept = (): string | undefined => {
    const id = attempt(() => shelf.read());
    // Longer ones are no units: `UNIT_BYTES` of limits.ts.
    return id && id.length <= 256 ? id : undefined;
  };
  let id = ids.get(shelf.key);
  if (consent === 'granted') {
    id = kept() ?? id ?? newId();
    attempt(() => shelf.write(id as string));
    // Another tab may have been faster.
    const now = kept();
    if (!now) warn(`the browser does not keep "${shelf.key}"`);
    id = now ?? id;
  } else if (consent === 'denied') {
    attempt(() => shelf.forget());
  }
  id ??= newId();
  ids.set(shelf.key, id);
  return id;
}

/** The ids of this page view: shared by all copies of this package, or a unit would meet an experiment twice. */
function pageIds(): Map<string, string> {
  const page = globalThis as unknown as Record<symbol, Map<string, string> | undefined>;
  return (page[Symbol.for('waft.visitors')] ??= new Map());
}

/** 16 random bytes in 22 letters: 32 hexadecimal digits would be taken for a pseudonym (SECURITY.md). */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return toBase64Url(bytes);
}
