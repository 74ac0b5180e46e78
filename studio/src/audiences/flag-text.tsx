/** A flag by its text: who gets which variant, and where it is written. */

import { type Finding, engine, type Model } from '../engine/engine.js';
import { useRules } from '../shell/session.js';
import { Findings } from '../ui/error.js';
import { Panel } from '../ui/panel.js';
import { Split } from '../ui/share.js';
import { useAsked, useBasis } from './asked.js';
import { Text } from './text.js';

export function FlagText({
  flagKey,
  model,
  findings,
}: {
  readonly flagKey: string;
  readonly model: Model;
  readonly findings: readonly Finding[];
}) {
  const files = useRules()?.files ?? {};
  const basis = useBasis();
  const flag = model.flags.find(({ key }) => key === flagKey);
  const { value } = useAsked(basis && flag ? `${basis} ${flagKey}` : undefined, () => engine.decide(flagKey));
  if (!flag) return <p>The rules have no flag {flagKey} any more.</p>;
  const own = findings.filter(({ file }) => file === flag.file);
  const parts = [
    ...flag.variants.map((name) => ({ name, value: value?.[name] ?? 0 })),
    ...(value?.[''] ? [{ name: 'code fallback', value: value[''], colour: 'var(--v0)' }] : []),
  ];
  return (
    <Panel title={flagKey} note={flag.description}>
      {value && <Split label={flagKey} parts={parts} />}
      {own.length > 0 && <Findings findings={own} />}
      <Text name={flagKey} file={flag.file} line={flag.line} findings={findings} files={files} open />
    </Panel>
  );
}
