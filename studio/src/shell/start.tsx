/** The first run: what the place is for, a figure of the sample, and two ways in. Part of the page as it is delivered, before any script. */

import { useRef, useState } from 'react';
import { Button } from '../ui/button.js';
import { Figure } from '../ui/figure.js';
import { Opening } from '../ui/opening.js';
import { toast } from '../ui/toast.js';
import { FIRST, go, type PlaceKey } from './address.js';
import { FIGURES } from './sample/figures.js';

const begin = () => import('./begin.js');

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

/** A file to fill in, for the rules of the sample. */
async function template(): Promise<void> {
  const [{ sampleRules }, { attributesOf, downloadTemplate }] = await Promise.all([
    import('./sample/rules.js'),
    import('./sample/template.js'),
  ]);
  downloadTemplate({ attributes: attributesOf(await sampleRules()) });
}

export function Start({ place }: { readonly place: PlaceKey }) {
  const { value, words } = FIGURES[place] ?? FIGURES[FIRST];
  const [opens, run] = usePending();
  const input = useRef<HTMLInputElement>(null);
  const own = async (file: File): Promise<void> => {
    await (await begin()).openPeople(file);
    go({ place: 'audiences' });
  };
  return (
    <div className="start">
      <Opening
        figure={
          <Figure value={value} sample>
            {words}
          </Figure>
        }
        action={
          <>
            <Button kind="primary" isPending={opens} onPress={() => run(async () => (await begin()).trySample())}>
              Try the sample
            </Button>
            <Button onPress={() => input.current?.click()}>Use your own file</Button>
            <input
              ref={input}
              type="file"
              hidden
              accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl"
              aria-label="A file of people"
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                if (file) run(() => own(file));
                event.target.value = '';
              }}
            />
          </>
        }
      />
      <Steps onTemplate={() => run(template)} />
    </div>
  );
}

const Steps = ({ onTemplate }: { readonly onTemplate: () => void }) => (
  <ol>
    <li>
      <strong>See whom it reaches</strong>
      Choose a CSV or JSON file of people. It is read in this browser and sent nowhere.{' '}
      <button type="button" className="link" onClick={onTemplate}>
        Download a template
      </button>
    </li>
    <li>
      <strong>Change it</strong>
      Edit segments, flags and ramps. Every size follows as you type.
    </li>
    <li>
      <strong>Approve it, and read the results</strong>
      Sign a release with your own key. See what came of it.
    </li>
  </ol>
);
