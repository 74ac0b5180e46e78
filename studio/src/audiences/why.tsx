/** Why somebody is in a segment, or out of it: each test, with what it came to. */

import { engine, type SegmentStory } from '../engine/engine.js';
import { ErrorNote } from '../ui/error.js';
import { Mark } from '../ui/mark.js';
import { Progress } from '../ui/progress.js';
import { useAsked, useBasis } from './asked.js';

export function Why({ segment, person }: { readonly segment: string; readonly person: Readonly<Record<string, unknown>> }) {
  const basis = useBasis();
  const text = JSON.stringify(person);
  const { value, error, pending } = useAsked(basis && `${basis} ${text}`, text, () => engine.segments(person as never));
  const story = value?.find(({ name }) => name === segment);
  if (error)
    return (
      <ErrorNote code={error.code} title="It cannot be told">
        {error.message}
      </ErrorNote>
    );
  if (!value || pending) return <Progress label="Deciding" />;
  if (!story) return <p>The rules have no segment {segment} any more.</p>;
  return (
    <>
      <p className="verdict" data-verdict={String(story.matches)}>
        <Mark result={story.matches} /> {VERDICTS[String(story.matches)]} <strong>{story.title ?? segment}</strong>: {story.words}.
      </p>
      <ul className="why">
        {story.why.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: tests stand in the order of the condition
          <Test key={index} part={part} />
        ))}
      </ul>
      <h3>The person</h3>
      <dl className="person">
        {Object.entries(person).map(([name, it]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{it === undefined || it === null ? <span className="soft">missing</span> : String(it)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const VERDICTS: Readonly<Record<string, string>> = { true: 'In', false: 'Not in', null: 'Unknown whether in' };

function Test({ part }: { readonly part: SegmentStory['why'][number] }) {
  return (
    <li data-result={String(part.result)}>
      <Mark result={part.result} />
      <span>
        {part.words}
        {part.note && <span className="soft"> ({part.note})</span>}
      </span>
    </li>
  );
}
