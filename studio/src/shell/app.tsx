/** The frame: the ways to the four places, what is the same in all of them, and the place in view. */

import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { isCovered, isTyping } from '../ui/focus.js';
import { Progress } from '../ui/progress.js';
import { say, Toasts } from '../ui/toast.js';
import { type Address, FIRST, linkFrom, useAddress } from './address.js';
import { Boundary } from './boundary.js';
import { Icon } from './icons.js';
import { PLACES, type Place } from './places.js';
import { useRules } from './session.js';
import { Start } from './start.js';
import { Tools } from './tools.js';

const Search = lazy(() => import('./search.js'));
const FilesBar = lazy(() => import('../files/bar.js'));
const Environment = lazy(() => import('./environment.js'));

/** Ctrl or Cmd and K, and / as elsewhere, but where somebody types. */
function useSearchKey(search: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const isAsked =
        (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) || (event.key === '/' && !isTyping(event.target));
      if (!isAsked || event.altKey || event.shiftKey) return;
      event.preventDefault();
      // What is filled in below it would be gone with its place.
      if (!isCovered()) search();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [search]);
}

/** Another place begins at its top, and screen readers hear its name. */
function useArrival({ key, name }: Place): void {
  const earlier = useRef(key);
  useEffect(() => {
    document.title = `${name} · Waft studio`;
    if (earlier.current === key) return;
    earlier.current = key;
    scrollTo(0, 0);
    say(name);
  }, [key, name]);
}

export function App() {
  const address = useAddress();
  const rules = useRules();
  const [searches, setSearches] = useState(false);
  // What is not on the first screen comes after it.
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    setReady(true);
    document.body.dataset.ready = 'true';
  }, []);
  const search = useRef(() => setSearches(true)).current;
  const main = useRef<HTMLElement>(null);
  const place = PLACES.find(({ key }) => key === address.place) as Place;
  useSearchKey(search);
  useArrival(place);
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header className="top">
        <a className="brand" href={`#${FIRST}`}>
          Waft <span>studio</span>
        </a>
        <Places address={address} />
        <Tools onSearch={search} isReady={isReady} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <div className="place-head">
          <div>
            <h1>{place.name}</h1>
            <p>{place.purpose}</p>
          </div>
          {isReady && (
            <Suspense>
              <div className="row">
                {rules && (
                  <Boundary name="Environment">
                    <Environment />
                  </Boundary>
                )}
                <Boundary name="Opening and saving">
                  <FilesBar />
                </Boundary>
              </div>
            </Suspense>
          )}
        </div>
        <InView key={place.key} place={place} />
      </main>
      <Toasts />
      {searches && (
        <Boundary name="Search">
          <Suspense>
            <Search onClose={() => setSearches(false)} />
          </Suspense>
        </Boundary>
      )}
    </>
  );
}

const Places = ({ address }: { readonly address: Address }) => (
  <nav className="places" aria-label="Places">
    {PLACES.map(({ key, name }) => (
      <a key={key} href={linkFrom(address, { place: key })} aria-current={key === address.place ? 'page' : undefined}>
        <Icon name={key} />
        {name}
      </a>
    ))}
  </nav>
);

function InView({ place }: { readonly place: Place }) {
  const rules = useRules();
  return (
    <Boundary name={place.name}>
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
  );
}
