/** A client by the attributes of a script element, and the functions that wait for it. */

import { errorOf } from '../client/events.js';
import { createClient } from '../index.js';
import { attempt } from '../platform/attempt.js';
import type { Client } from '../types.js';
import { hide } from './hide.js';
import { optionsOf } from './settings.js';

export type Script = HTMLScriptElement;

/** What waits for a client. */
export type Work = (client: Client) => void;

/** What a script has started. */
export interface Started {
  /** Nothing where the element has no `data-snapshot`. */
  readonly client: Promise<Client> | undefined;
  /** Calls functions with the client: at once if it is there, else in their order once it is. What one throws is shown in the console. */
  push(...work: Work[]): void;
}

/** Starts a client for the element of the script that runs. `earlier` is the page's `waft`: an array of functions, or an earlier script. */
export function begin(script: Script | null | undefined, earlier: unknown): Started {
  // Two scripts, as of two tag managers, are one client: a unit would be exposed by either.
  if (isStarted(earlier)) return earlier;
  let ready: Client | undefined;
  let waiting: Work[] = [];
  const push = (...work: Work[]): void => {
    if (ready) for (const each of work) call(each, ready);
    else waiting.push(...work);
  };
  if (Array.isArray(earlier)) {
    push(...(earlier as Work[]));
    // Whoever has kept the array.
    earlier.push = push as typeof earlier.push;
  }
  if (!script?.dataset.snapshot) {
    if (script && Object.keys(script.dataset).length) warn('data-snapshot');
    return { client: undefined, push };
  }

  // What comes later than the page's first paint would hide what is seen already.
  if (!script.async && !script.defer) hide(script);
  else if (script.dataset.antiflicker) warn('data-antiflicker of a script that is async or defer');
  const client = optionsOf(script.dataset).then(createClient);
  void client.then(async (started) => {
    ready = started;
    const work = waiting;
    waiting = [];
    push(...work);
    await parsed();
    for (const style of document.querySelectorAll('style[data-waft]')) style.remove();
  });
  return { client, push };
}

function isStarted(earlier: unknown): earlier is Started {
  return !Array.isArray(earlier) && !!attempt(() => typeof (earlier as Started).push === 'function' && (earlier as Started).client);
}

function call(work: Work, client: Client): void {
  try {
    work(client);
  } catch (error) {
    // Shown where the page's own errors are shown, outside our call.
    queueMicrotask(() => console.error(error));
  }
}

function warn(what: string): void {
  const error = errorOf({ code: 'INVALID_OPTION' });
  console.warn('waft', { ...error, message: `${error.code}: ${what}` });
}

/** Resolves once the document's own scripts have had their chance to push. */
async function parsed(): Promise<void> {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (document.readyState === 'complete' || navigation?.domContentLoadedEventStart) return;
  await new Promise<unknown>((resolve) => {
    document.addEventListener('DOMContentLoaded', resolve);
    addEventListener('load', resolve);
  });
}
