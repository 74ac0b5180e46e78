/** Registers a client for the developer panel, and puts the panel on the page if it is the first. */

import type { Host, Opened } from '../client/host.js';
import { attempt, membersOf } from '../platform/attempt.js';
import { type Overrides, overrides } from '../preview/overrides.js';
import type { Studio } from '../studio/types.js';
import type { ClientEvents, Exposure, Plug } from '../types.js';
import { openPanel } from './panel.js';
import { type Registered, registry } from './registry.js';

/** What {@link devtools} takes. */
export interface DevtoolsOptions {
  /** `() => import('waft/studio')`: explains decisions rule by rule, and is called only when somebody asks. */
  readonly studio?: (() => Promise<{ loadStudio(): Promise<Studio> }>) | undefined;
}

/** How many exposures are shown. */
const EXPOSURES = 500;

/**
 * Shows the client in a panel: flags and why they have their values, overrides, context, exposures, snapshot and signatures. For
 * development. All clients of a page share one panel. What it reads is exposed to nobody. Where the page passes no `overrides`, those of
 * the panel last until the tab is closed. Outside of windows it does nothing.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, devtools: location.hostname === 'localhost' && devtools() });
 */
export function devtools(options?: DevtoolsOptions): Plug<'devtools'> {
  const { studio, ...unread } = membersOf(options);
  return { kind: 'devtools', unread, open: (host: Host) => register(host, studio) };
}

function register(host: Host, studio: Registered['studio']): Opened {
  if (!globalThis.document) return {};
  const { project, environment, client, decisions, events, loading, options } = host;
  const given = options.overrides as Partial<Overrides> | undefined;
  const own = given && typeof given.set === 'function' ? undefined : overrides();
  const opened: Opened = own ? (own.open as (host: Host) => Opened)(host) : {};
  const exposed: (Exposure & { readonly time: number })[] = [];
  let error: ClientEvents['error'] | undefined;
  const page = registry();
  const registered: Registered = {
    client,
    name: `${project} / ${environment}`,
    get trust() {
      return loading.head?.trust ?? options.trust;
    },
    overrides: own ?? (given as Overrides),
    context: () => decisions.context,
    attributes: () => attributesOf(host),
    snapshotBytes: bytesOf(host),
    exposed,
    error: () => error,
    studio,
  };
  events.on('exposure', (exposure) => {
    exposed.push({ ...exposure, time: Date.now() });
    if (exposed.length > EXPOSURES) exposed.shift();
  });
  events.on('error', (told) => (error = told));
  for (const event of ['ready', 'configurationChanged'] as const) events.on(event, () => (error = undefined));
  page.clients.push(registered);
  // A panel that cannot be made costs nobody their flags.
  if (!page.changed) attempt(() => openPanel(page));
  page.changed?.();
  return Object.assign(opened, {
    close() {
      const at = page.clients.indexOf(registered);
      // It was closed before: the last one is another's.
      if (at < 0) return;
      page.clients.splice(at, 1);
      page.changed?.();
    },
  });
}

/** The bytes that were adopted last, if they are those of the active snapshot: a damaged one may have been left again. */
function bytesOf({ decisions }: Host): Registered['snapshotBytes'] {
  let last: { readonly bytes: Uint8Array; readonly digest: string | undefined } | undefined;
  const { adopt } = decisions;
  decisions.adopt = (bytes, seen, isOwn) => {
    const code = adopt.call(decisions, bytes, seen, isOwn);
    if (!code) last = { bytes, digest: decisions.snapshot?.digest };
    return code;
  };
  return () => (last?.digest === decisions.snapshot?.digest ? last?.bytes : undefined);
}

function attributesOf({ decisions }: Host): { readonly name: string; readonly unit: string | undefined }[] {
  const { attributes = [], units = [] } = decisions.rules ?? {};
  return attributes.map((name, slot) => {
    const at = units.findIndex((found, index) => index % 2 === 1 && Number(found) === slot);
    return { name, unit: at < 0 ? undefined : units[at - 1] };
  });
}
