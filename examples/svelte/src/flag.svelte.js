// A flag as a rune: read without an exposure, and exposed once it is mounted, and whenever it shows a flag to somebody else.
import { getContext } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';

/** Under which the application's context has its client. */
export const CLIENT = Symbol('waft');

export function flag(key, fallback) {
  const client = getContext(CLIENT);
  const subscribe = createSubscriber((update) => {
    const stops = ['ready', 'configurationChanged', 'contextChanged'].map((event) => client.on(event, update));
    return () => stops.forEach((stop) => stop());
  });
  const read = () => {
    subscribe();
    return client.peek(key, fallback).value;
  };
  // Effects run once what they belong to is in the page.
  $effect(() => {
    read();
    client.expose(key);
  });
  return {
    get value() {
      return read();
    },
  };
}
