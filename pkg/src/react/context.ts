/** The store of the nearest provider. */

import { type Context, createContext, useContext, useEffect, useLayoutEffect } from 'react';
import { type Store, storeOf } from './store.js';

const KEY: unique symbol = Symbol.for('waft.react') as never;

/** One for each React in use, whichever copy of this package asks: a provider of one is found by hooks of the other. */
export function storeContext(): Context<Store> {
  const global = globalThis as { [KEY]?: Map<unknown, Context<Store>> };
  const contexts = (global[KEY] ??= new Map());
  let context = contexts.get(createContext);
  if (!context) contexts.set(createContext, (context = createContext<Store>({ ...storeOf(), isAlone: true })));
  return context;
}

/** The nearest provider's store; where there is none, one without a client, which is told once. */
export function useStore(): Store {
  const store = useContext(storeContext());
  if (store.isAlone) {
    store.isAlone = false;
    console.warn('waft', 'a hook without a WaftProvider above it: flags have their defaults');
  }
  return store;
}

/**
 * Runs once a render is committed, and undone while the component is hidden, also by a boundary that suspends anew, where `useEffect` stays.
 * On a server React 18 warns of it, and nothing is committed.
 */
export const useCommitted = typeof document === 'undefined' ? useEffect : useLayoutEffect;
