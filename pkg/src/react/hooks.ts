/** Hooks that read a flag while rendering, without an exposure, and expose it once that is committed. */

import { useMemo, useSyncExternalStore } from 'react';
import type { FlagKey, FlagValue, FlagVariant, ObjectDefault, ObjectValue } from '../typed.js';
import type { Details } from '../types.js';
import { useCommitted, useStore } from './context.js';

/**
 * The flag's value; the default where it cannot be decided. The component renders anew when the value changes, and only then.
 *
 * @example
 * const label = useFlag('cta-copy', 'Buy');
 */
export function useFlag(key: FlagKey<boolean>, fallback: boolean): boolean;
export function useFlag<Key extends FlagKey<string>>(key: Key, fallback: FlagValue<Key, string>): FlagValue<Key, string>;
export function useFlag(key: FlagKey<number>, fallback: number): number;
export function useFlag<T extends object, Key extends FlagKey<object> = FlagKey<object>>(
  key: Key,
  fallback: ObjectDefault<Key, T>,
): ObjectValue<Key, T>;
export function useFlag(key: string, fallback: unknown): unknown {
  return useRead(key, fallback, readValue);
}

/**
 * The flag's value and how it came about. The component renders anew when one of these changes, the snapshot's version included.
 *
 * @example
 * const { value, variant, reason } = useFlagDetails('cta-copy', 'Buy');
 */
export function useFlagDetails<Key extends FlagKey<boolean>>(key: Key, fallback: boolean): Details<boolean, FlagVariant<Key>>;
export function useFlagDetails<Key extends FlagKey<string>>(
  key: Key,
  fallback: FlagValue<Key, string>,
): Details<FlagValue<Key, string>, FlagVariant<Key>>;
export function useFlagDetails<Key extends FlagKey<number>>(key: Key, fallback: number): Details<number, FlagVariant<Key>>;
export function useFlagDetails<T extends object, Key extends FlagKey<object> = FlagKey<object>>(
  key: Key,
  fallback: ObjectDefault<Key, T>,
): Details<ObjectValue<Key, T>, FlagVariant<Key>>;
export function useFlagDetails(key: string, fallback: unknown): Details<unknown> {
  return useRead(key, fallback, readDetails);
}

/**
 * The key of the flag's variant, whatever its type: for components that differ by variant. `fallback` where it cannot be decided.
 *
 * @example
 * return useExperiment('checkout', 'control') === 'one-page' ? <OnePage /> : <Steps />;
 */
export function useExperiment<Key extends FlagKey>(key: Key, fallback: FlagVariant<Key>): FlagVariant<Key> {
  return (useRead(key, undefined, readVariant) as FlagVariant<Key> | undefined) ?? fallback;
}

/** What `pick` takes of a flag's details: it must be a constant. */
export function useRead<T, R>(key: string, fallback: T, pick: (read: Details<T>) => R): R {
  const store = useStore();
  const [now, hydrated] = useMemo(() => {
    const reader = (isHydrating: boolean): (() => R) => {
      let last: Details<T> | undefined;
      return () => {
        const next = store.peek(key, fallback, isHydrating);
        if (!last || !isSame(last, next)) last = next;
        return pick(last);
      };
    };
    return [reader(false), reader(true)] as const;
  }, [store, key, fallback, pick]);
  const committed = useSyncExternalStore(store.subscribe, now, hydrated);
  useCommitted(() => store.show(key, () => Object.is(now(), committed)), [store, key, now, committed]);
  return committed;
}

/** What is not decided, or stale, has an object of its own at each read. */
function isSame(one: Details<unknown>, other: Details<unknown>): boolean {
  return (
    Object.is(one.value, other.value) &&
    one.variant === other.variant &&
    one.reason === other.reason &&
    one.errorMessage === other.errorMessage &&
    one.errorCode === other.errorCode &&
    (!!one.errorCode || one.flagMetadata === other.flagMetadata)
  );
}

export const readValue = <T>({ value }: Details<T>): T => value;
const readDetails = <T>(read: Details<T>): Details<T> => read;
const readVariant = ({ variant }: Details<unknown>): string | undefined => variant;
