/** The first run: what the place is for, a figure of the sample, and two ways in. Part of the page as it is delivered, before any script. */

import { useState } from 'react';
import { Button } from '../ui/button.js';
import { Figure } from '../ui/figure.js';
import { Opening } from '../ui/opening.js';
import { toast } from '../ui/toast.js';
import type { PlaceKey } from './address.js';
import { FIGURES } from './sample/figures.js';
import { openSample } from './sample/rules.js';

/** Does what a button asks for; meanwhile the button waits. */
function usePending(): [boolean, (work: () => Promise<void>) => void] {
  const [pending, setPending] = useState(false);
  const run = (work: () => Promise<void>): void => {
    setPending(true);
    work()
      .catch((error: Error) => toast(`${error.message} Check the connection and try again.`, { tone: 'bad' }))
      .finally(() => setPending(false));
  };
  return [pending, run];
}

export function Start({ place }: { readonly place: PlaceKey }) {
  const { value, words } = FIGURES[place];
  const [opens, run] = usePending();
  return (
    <div className="start">
      <Opening
        figure={
          <Figure value={value} sample>
            {words}
          </Figure>
        }
        action={
          <Button kind="primary" isPending={opens} onPress={() => run(openSample)}>
            Try the sample
          </Button>
        }
      />
      <ol>
        <li>
          <strong>See whom it reaches</strong>
          Choose a file of people. It is read in this browser and sent nowhere.
        </li>
        <li>
          <strong>Change it</strong>
          Edit segments, flags and ramps. Every size follows as you type.
        </li>
        <li>
          <strong>Approve and read</strong>
          Sign a release with your key. See what came of it.
        </li>
      </ol>
    </div>
  );
}
