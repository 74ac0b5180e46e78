/** For which environment flags are decided and people are counted, in all places: of several, production until somebody chooses another. */

import { useEffect } from 'react';
import { setEnvironment, useDraftState } from '../engine/use-draft.js';
import { Select } from '../ui/select.js';

const USUAL = 'production';

export default function Environment() {
  const { draft, environment } = useDraftState();
  const all = draft?.model?.environments ?? [];
  const isUnset = environment === undefined || (all.length > 0 && !all.includes(environment));
  const usual = all.includes(USUAL) ? USUAL : all[0];
  useEffect(() => {
    if (isUnset && usual !== undefined) setEnvironment(usual);
  }, [isUnset, usual]);
  if (all.length < 2) return null;
  return <Select label="Environment" hideLabel value={environment ?? usual ?? ''} options={all} onChange={setEnvironment} />;
}
