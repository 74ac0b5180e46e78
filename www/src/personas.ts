/** People to try the shop as. */

import type { Context } from 'waft';

export interface Persona {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly context: Context;
}

export const PERSONAS: readonly Persona[] = [
  {
    id: 'anke',
    name: 'Anke',
    about: 'Regular from Bremen',
    context: {
      visitorId: 'anke-7',
      accountId: 'a-1007',
      country: 'DE',
      plan: 'member',
      orders: 12,
      newsletter: true,
      signedUpAt: '2024-03-02',
      appVersion: '3.4.1',
    },
  },
  {
    id: 'luc',
    name: 'Luc',
    about: 'New member from Brest',
    context: {
      visitorId: 'luc-22',
      accountId: 'a-2210',
      country: 'FR',
      plan: 'member',
      orders: 1,
      newsletter: false,
      signedUpAt: '2026-10-18',
      appVersion: '3.2.0',
    },
  },
  {
    id: 'saoirse',
    name: 'Saoirse',
    about: 'Guest from Cork',
    context: { visitorId: 'saoirse-3', country: 'IE', plan: 'guest', appVersion: '3.4.1' },
  },
  {
    id: 'oskar',
    name: 'Oskar',
    about: 'Outdated app version',
    context: { visitorId: 'oskar-15', country: 'FI', plan: 'guest', newsletter: true, appVersion: '2.9.3' },
  },
  {
    id: 'mira',
    name: 'Mira',
    about: 'Crew',
    context: {
      visitorId: 'mira-1',
      accountId: 'a-0001',
      country: 'NL',
      plan: 'crew',
      orders: 40,
      newsletter: true,
      signedUpAt: '2022-01-01',
      appVersion: '3.5.0-beta.2',
    },
  },
];

const COUNTRIES = ['DE', 'FR', 'IE', 'NL', 'FI', 'US', 'PL'];

/** Somebody nobody has seen before. */
export function stranger(): Context {
  const [number = 0, where = 0, orders = 0] = crypto.getRandomValues(new Uint32Array(3));
  return {
    visitorId: `v-${number.toString(36)}`,
    country: COUNTRIES[where % COUNTRIES.length],
    plan: orders % 3 ? 'guest' : 'member',
    ...(orders % 3 ? {} : { orders: orders % 8, signedUpAt: '2026-06-15' }),
    appVersion: '3.4.1',
  };
}

/** The attributes of examples/shop, and how a person types them: a list with commas. */
export const ATTRIBUTES: Readonly<
  Record<
    string,
    { readonly type: 'text' | 'number' | 'date' | 'boolean' | 'list'; readonly hint?: string; readonly values?: readonly string[] }
  >
> = {
  visitorId: { type: 'text' },
  accountId: { type: 'text', hint: 'none until login' },
  country: { type: 'text', hint: 'DE' },
  plan: { type: 'text', values: ['guest', 'member', 'crew'] },
  orders: { type: 'number' },
  newsletter: { type: 'boolean' },
  signedUpAt: { type: 'date' },
  clubUntil: { type: 'date' },
  appVersion: { type: 'text', hint: '3.4.1' },
  referrer: { type: 'text', hint: 'https://blog.example/regatta' },
  interests: { type: 'list', hint: 'sailing, wool' },
  email: { type: 'text', hint: 'in lower case' },
};
