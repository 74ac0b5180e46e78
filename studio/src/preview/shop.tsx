/**
 * The shop itself, beside the visitor: on its own origin, told in its address whom to show it to. It makes exposures only if somebody asks for it, and
 * shows the rules that are live, not the draft.
 */

import { useEffect, useState } from 'react';
import type { Context } from 'waft';
import { config } from '../shell/config.js';
import { Switch } from '../ui/check.js';
import { Panel } from '../ui/panel.js';

const PAUSE = 250; // milliseconds, so that the shop does not follow each letter

export function Shop({ context }: { readonly context: Context }) {
  const [counts, setCounts] = useState(false);
  const [shown, setShown] = useState(context);
  useEffect(() => {
    const timer = setTimeout(() => setShown(context), PAUSE);
    return () => clearTimeout(timer);
  }, [context]);
  const about = encodeURIComponent(JSON.stringify({ context: shown, counts }));
  return (
    <Panel
      title="The shop"
      note="What is live. Your draft is not in it before it is released."
      actions={<Switch label="Count me" value={counts} onChange={setCounts} />}
    >
      <iframe className="shop" title="The shop for this visitor" src={`${config.shop}/#preview=${about}`} />
    </Panel>
  );
}
