/** Light, dark, or what the system says. public/theme.js sets it before anything is drawn. */

import { useSyncExternalStore } from 'react';

export type Theme = 'auto' | 'light' | 'dark';
const KEY = 'waft-studio.theme';
const watchers = new Set<() => void>();

export function setTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'auto') delete dataset.theme;
  else dataset.theme = theme;
  try {
    if (theme === 'auto') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this page.
  }
  for (const watcher of watchers) watcher();
}

export const useTheme = (): Theme =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => (document.documentElement.dataset.theme as Theme | undefined) ?? 'auto',
    () => 'auto',
  );
