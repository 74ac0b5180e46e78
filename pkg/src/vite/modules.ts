/** The text of `virtual:waft`: what a page gets when it imports its rules. `pkg/virtual.d.ts` has its types. */

import type { LocalRules } from '../rules/local.js';
import type { Trust } from '../types.js';

/** The element that holds an inlined snapshot. */
export const ELEMENT = 'waft-snapshot';

/** The event of a new snapshot. */
export const CHANGED = 'waft:changed';

const text = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
const fromBase64 = (code: string): string => `Uint8Array.from(atob(${code}), (character) => character.charCodeAt(0))`;

/** In development: the snapshot by its URL, or its bytes where nobody could fetch it; `reload` extends a client, so that it adopts each new one. */
export function developmentModule({ snapshot, trust }: LocalRules, url: string, isFetched: boolean): string {
  const source = isFetched ? text(url) : fromBase64(text(Buffer.from(snapshot).toString('base64')));
  return `
const clients = new Set();
export default {
  snapshot: ${source},
  trust: ${text(trust)},
  reload: {
    kind: 'reload',
    open({ client }) {
      clients.add(client);
      return { close: () => clients.delete(client) };
    },
  },
};
import.meta.hot?.on(${text(CHANGED)}, () => clients.forEach((client) => client.load(${text(url)})));
`;
}

/** In production: the snapshot by its URL, or out of the page. */
export function productionModule(trust: Trust, url: string, isInline: boolean): string {
  const inline = `document.getElementById(${text(ELEMENT)})?.textContent`;
  const source = isInline
    ? `((inlined) => inlined ? ${fromBase64('inlined')} : ${text(url)})(globalThis.document && ${inline})`
    : text(url);
  return `export default { snapshot: ${source}, trust: ${text(trust)} };\n`;
}
