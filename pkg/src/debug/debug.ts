/** Says in the console what is wrong and what to do, and which flags were decided how. */

import { TYPES } from '../client/getters.js';
import type { Host, Opened } from '../client/host.js';
import { headRoles, rolesOf } from '../head/roles.js';
import { membersOf } from '../platform/attempt.js';
import type { Client, ClientEvents, Details, Plug } from '../types.js';
import { wrongOptions } from './options.js';
import { remedyOf } from './remedies.js';
import { unreadFields, wrongField } from './trust.js';

/**
 * Shows the remedy of each error, and each decision that a getter returns when it is another than the last of its flag. For development.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, debug: location.hostname === 'localhost' && debug() });
 */
export function debug(): Plug<'debug'> {
  return { kind: 'debug', open };
}

function open({ client, events, options, loading }: Host): Opened {
  const tell = (error: ClientEvents['error']): void => {
    const field = error.code === 'INVALID_TRUST' ? wrongField(options.trust) : undefined;
    console.info(`waft: ${error.code}: ${field ? `trust.${field} cannot be read: ` : ''}${remedyOf(error)}`);
  };
  // What was opened before has told already.
  events.on('error', tell, loading.error);
  for (const wrong of wrongOptions(options)) console.info(`waft: ${wrong}`);
  for (const field of unreadFields(options.trust)) console.info(`waft: trust.${field} is no field of a trust, and is not read`);
  for (const [name, plug] of Object.entries(options)) {
    const { kind, open: opens, unread = {} } = membersOf(plug as Plug<string>);
    // Attributes of a context may be called so, too.
    for (const option of opens && kind === name ? Object.keys(unread) : []) {
      console.info(`waft: ${name}: ${option} is no option of what was passed there, and is not read`);
    }
  }
  const roles = rolesOf(options.trust);
  const documents = roles.includes('root') ? "{ documents: () => import('waft/documents') }" : '';
  const unread = headRoles(options.trust);
  if (unread.length && !options.head) {
    console.info(
      `waft: the trust has the role ${unread.join(' and ')}, which this page ignores: pass head: head(${documents}) of waft/head`,
    );
  }
  if (roles.includes('root') && !roles.includes('freshness')) {
    console.info(
      'waft: the trust has the role root, and no role freshness: no pointer asks this page for trust documents, so it takes none',
    );
  }
  const last = new Map<string, string>();
  const log = ({ flagKey, value, variant, reason, errorCode, errorMessage, flagMetadata }: Details<unknown>): void => {
    const told = [reason, variant, errorMessage, flagMetadata.version, flagMetadata.ruleIndex].join();
    if (last.get(flagKey) === told) return;
    last.set(flagKey, told);
    console.info(`waft: ${flagKey}`, { value, variant, reason, errorCode, errorMessage, ...flagMetadata });
  };
  const members = client as unknown as Record<string, (key: string, fallback: unknown) => unknown>;
  for (const type of TYPES) {
    const [value, details] = [`get${type}Value`, `get${type}Details`].map((name) => members[name]) as [Read, Read];
    const detailed = (key: string, fallback: unknown): Details<unknown> => {
      const found = details(key, fallback) as Details<unknown>;
      log(found);
      return found;
    };
    Object.assign(client, { [`get${type}Details`]: detailed });
    Object.assign(client, {
      [`get${type}Value`](key: string, fallback: unknown) {
        const found = value(key, fallback);
        log(client.peek(key, fallback));
        return found;
      },
    } satisfies Partial<Record<string, unknown>> as Partial<Client>);
  }
  return {};
}

type Read = (key: string, fallback: unknown) => unknown;
