/** The `data-` attributes of a script element, as a client's options. */

import type { Host, Opened } from '../client/host.js';
import { cookie, deviceAttributes, urlAttributes } from '../context.js';
import * as documents from '../documents.js';
import { recorder } from '../exposures.js';
import { head } from '../head.js';
import { loadEngine } from '../index.js';
import { inTime } from '../platform/deadline.js';
import { request } from '../platform/http.js';
import { preview } from '../preview.js';
import type { ClientEvents, Consent, Context, Options, Trust } from '../types.js';
import { LONGEST } from './hide.js';

/** The most that is read of a trust or a context, in bytes. */
const JSON_BYTES = 65_536;
/** How long they are waited for, in milliseconds: as long as a client waits for rules. */
const TIMEOUT = 2_000;

/** What JSON was found, and what is told if none was. */
interface Found {
  readonly value?: object;
  readonly error?: ClientEvents['error'];
}

/** The options that attributes ask for. It does not reject: what cannot be read is an option that is told as `INVALID_OPTION`. */
export async function optionsOf(data: DOMStringMap): Promise<Options> {
  // While trust is on its way.
  void loadEngine();
  const [trust, context] = await Promise.all([found('data-trust', data.trust), found('data-context', data.context)]);
  const consent = data.consent ? { consent: data.consent as Consent } : {};
  const hidden = Number(data.antiflickerMax);
  const kinds = data.attributes?.trim().split(/\s+/);
  return {
    snapshot: data.snapshot as string,
    trust: trust.value as Trust,
    context: {
      ...(kinds?.includes('url') && urlAttributes()),
      ...(kinds?.includes('device') && deviceAttributes()),
      ...(data.visitor && { [data.visitor]: visitor(data, consent) }),
      ...context.value,
    } as Context,
    head: head({ documents }),
    ...(data.endpoint && { exposures: recorder({ endpoint: data.endpoint, ...consent }) }),
    ...(data.preview && { preview: preview(new URL(location.href).searchParams.get(data.preview)) }),
    ...(Number(data.timeout) > 0 && { timeout: Number(data.timeout) }),
    ...refused(trust),
    ...refused(context),
    ...refused(checked('data-timeout', !data.timeout || Number(data.timeout) > 0)),
    ...refused(checked('data-antiflicker-max', !data.antiflickerMax || (hidden > 0 && hidden <= LONGEST))),
    ...refused(checked('data-attributes', !data.attributes || !!kinds?.every((kind) => kind === 'url' || kind === 'device'))),
  };
}

function visitor({ cookie: name, cookieDomain: domain }: DOMStringMap, consent: { consent?: Consent }): string | undefined {
  return cookie({ ...consent, ...(name && { name }), ...(domain && { domain }) });
}

/** JSON of an attribute: itself, where it starts with a brace; of the element that `#id` names; or at a URL. */
async function found(name: string, text: string | undefined): Promise<Found> {
  if (!text) return {};
  const isUrl = !/^\s*[{#]/.test(text);
  const source = isUrl ? { url: text } : {};
  try {
    const json = isUrl ? await fetched(text) : text.startsWith('#') ? document.getElementById(text.slice(1))?.textContent : text;
    const value: unknown = JSON.parse(json ?? '');
    if (typeof value !== 'object' || !value) throw new TypeError(`${value}`);
    return { value };
  } catch (cause) {
    return checked(name, false, { cause, ...source });
  }
}

async function fetched(url: string): Promise<string> {
  const { status, bytes } = await inTime(request(url, {}, JSON_BYTES), TIMEOUT);
  if (status < 200 || status > 299) throw new Error(`HTTP ${status}`);
  return new TextDecoder().decode(bytes);
}

/** An error of an attribute, unless it says what it may. */
function checked(name: string, isRight: boolean, more?: Partial<ClientEvents['error']>): Found {
  const code = 'INVALID_OPTION';
  return isRight ? {} : { error: { ...more, code, message: `${code}: ${name}` } };
}

/** An error of an attribute, as an option that does nothing else: the client tells it as it does its own. */
function refused({ error }: Found): object | undefined {
  if (!error) return undefined;
  const open = ({ events }: Host): Opened => {
    events.emit('error', error);
    return { error };
  };
  return { [error.message]: { open } };
}
