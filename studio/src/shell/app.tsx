/** What surrounds every place: its name, the way to the others, and what it is for. */

import { Suspense, useSyncExternalStore } from 'react';
import { PLACES } from './places.js';

const watchAddress = (changed: () => void): (() => void) => {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
};

export function App() {
  const key = useSyncExternalStore(watchAddress, () => location.hash.slice(1).split('?')[0]);
  const place = PLACES.find((one) => one.key === key) ?? PLACES[0];
  if (!place) return null;
  return (
    <>
      <nav aria-label="Places">
        {PLACES.map(({ key: to, name }) => (
          <a key={to} href={`#${to}`} aria-current={to === place.key ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <main>
        <h1>{place.name}</h1>
        <p>{place.purpose}</p>
        <Suspense fallback={<p role="status">Loading…</p>}>
          <place.Page />
        </Suspense>
      </main>
    </>
  );
}
