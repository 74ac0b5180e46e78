// A flag as a ref: read without an exposure, and exposed once it is mounted, and whenever it shows a flag to somebody else.
import { inject, nextTick, onActivated, onDeactivated, onMounted, onUnmounted, readonly, shallowRef } from 'vue';

/** Under which the application provides its client. */
export const CLIENT = Symbol('waft');

export function useFlag(key, fallback) {
  const client = inject(CLIENT);
  const read = () => client.peek(key, fallback).value;
  const value = shallowRef(read());
  let stops = [];
  const show = async () => {
    value.value = read();
    await nextTick();
    // It may be gone with the change.
    if (stops.length) client.expose(key);
  };
  const start = () => {
    stop();
    stops = ['ready', 'configurationChanged', 'contextChanged'].map((event) => client.on(event, show));
    show();
  };
  const stop = () => stops.splice(0).forEach((off) => off());
  onMounted(start);
  onActivated(start);
  onDeactivated(stop);
  onUnmounted(stop);
  return readonly(value);
}
