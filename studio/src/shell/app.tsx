/** The frame: the ways to the four places, what is the same in all of them, and the place in view. */

import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Progress } from '../ui/progress.js';
import { say, Toasts } from '../ui/toast.js';
import { href, useAddress } from './address.js';
import { Boundary } from './boundary.js';
import { Icon } from './icons.js';
import { PLACES } from './places.js';
import { useRules } from './session.js';
import { Start } from './start.js';
import { Tools } from './tools.js';

const Search = lazy(() => import('./search.js'));

export function App() {
  const address = useAddress();
  const rules = useRules();
  const [searches, setSearches] = useState(false);
  const place = PLACES.find(({ key }) => key === address.place) ?? PLACES[0];
  const main = useRef<HTMLElement>(null);

  // Ctrl or Cmd and K, and / as elsewhere.
  useEffect(() => {
    const search = (event: KeyboardEvent): void => {
      const isTyping = (event.target as HTMLElement).closest?.('input, textarea, select, [contenteditable=true]') !== null;
      const isAsked = (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) || (event.key === '/' && !isTyping);
      if (!isAsked || event.altKey || event.shiftKey) return;
      event.preventDefault();
      setSearches(true);
    };
    addEventListener('keydown', search);
    return () => removeEventListener('keydown', search);
  }, []);

  // Another place begins at its top, and screen readers hear its name.
  const earlier = useRef(address.place);
  useEffect(() => {
    if (!place) return;
    document.title = `${place.name} · Waft studio`;
    if (earlier.current === place.key) return;
    earlier.current = place.key;
    scrollTo(0, 0);
    say(place.name);
  }, [place]);

  if (!place) return null;
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header className="top">
        <a className="brand" href={`#${PLACES[1]?.key}`}>
          Waft <span>studio</span>
        </a>
        <nav className="places" aria-label="Places">
          {PLACES.map(({ key, name }) => (
            <a key={key} href={href({ place: key })} aria-current={key === place.key ? 'page' : undefined}>
              <Icon name={key} />
              {name}
            </a>
          ))}
        </nav>
        <Tools onSearch={() => setSearches(true)} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <div className="place-head">
          <h1>{place.name}</h1>
          <p>{place.purpose}</p>
        </div>
        <Boundary key={place.key} name={place.name}>
          {rules || place.always ? (
            <Suspense fallback={<Progress label={`Loading ${place.name}`} />}>
              <div className="place">
                <place.Page />
              </div>
            </Suspense>
          ) : (
            <Start place={place.key} />
          )}
        </Boundary>
      </main>
      <Toasts />
      {searches && (
        <Suspense>
          <Search onClose={() => setSearches(false)} />
        </Suspense>
      )}
    </>
  );
}
