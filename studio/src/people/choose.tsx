/** Where people come from: a file of one's own, the sample, or a template to fill in. With what is being read, and what is wrong. */

import './people.css';
import { useState } from 'react';
import type { Model } from '../engine/types.js';
import { sampleFile } from '../shell/sample/people.js';
import { downloadTemplate } from '../shell/sample/template.js';
import { Button } from '../ui/button.js';
import { Check } from '../ui/check.js';
import { Drop } from '../ui/drop.js';
import { ErrorNote } from '../ui/error.js';
import { count } from '../ui/numbers.js';
import { Panel } from '../ui/panel.js';
import { Progress } from '../ui/progress.js';
import { Tag } from '../ui/tag.js';
import { audience, useAudience } from './people.js';
import { FileReport } from './report.js';

/** What a file may be called. What it is, is found out. */
const ACCEPT = '.csv,.tsv,.txt,.json,.ndjson,.jsonl,text/csv,application/json';

/** Reads the sample. */
const useSample = (): readonly [boolean, () => void] => {
  const [isMade, setMade] = useState(false);
  const use = (): void => {
    setMade(true);
    sampleFile()
      .then((file) => audience.read(file))
      .finally(() => setMade(false));
  };
  return [isMade, use];
};

export function People({ model }: { readonly model: Model | undefined }) {
  const { file, report, sample, choices, kept } = useAudience();
  const [isMade, makeSample] = useSample();
  const attributes = Object.keys(model?.attributes ?? {});
  return (
    <Panel
      title="People"
      id="people"
      note={
        report ? (
          <>
            {file?.name} · {count(report.rows)} people {sample && <Tag tone="unsure">Sample data</Tag>}
          </>
        ) : (
          'Size every audience on your own file of people. It is read in this browser and sent nowhere.'
        )
      }
      actions={
        model && (
          <Button small kind="quiet" onPress={() => downloadTemplate(model)}>
            Download a template
          </Button>
        )
      }
    >
      <Reading />
      <Drop
        label={report ? 'Choose another file' : 'Choose a file of people'}
        accept={ACCEPT}
        onFiles={([one]) => one && audience.read(one)}
      >
        <p className="soft">
          CSV, JSON or JSON lines, or drop it here. The header line names attributes; names that are nearly right are proposed.
        </p>
        {!sample && (
          <Button kind="quiet" small isPending={isMade} onPress={makeSample}>
            Use invented people
          </Button>
        )}
      </Drop>
      {report && (
        <>
          <FileReport
            report={report}
            attributes={attributes}
            units={Object.values(model?.units ?? {})}
            choices={choices}
            onChange={audience.choose}
          />
          {!sample && (
            <Check
              label="Keep this file in this browser"
              hint="Otherwise it is gone when this page is closed."
              value={kept}
              onChange={(keep) => audience.keep(keep)}
            />
          )}
        </>
      )}
    </Panel>
  );
}

/** What is being read, with the way to stop it; or why it was not. */
export function Reading() {
  const { progress, error } = useAudience();
  if (progress) {
    const { file, share, rows } = progress;
    return (
      <Progress
        label={`Reading ${file}`}
        value={share > 0 ? share : undefined}
        detail={rows > 0 ? `${count(rows)} people, ${Math.round(share * 100)} %` : undefined}
        onCancel={() => audience.stop()}
      />
    );
  }
  if (!error) return null;
  return (
    <ErrorNote code={error.code} title={`${error.file || 'The file'} was not read`} remedy={error.remedy}>
      {error.message}
    </ErrorNote>
  );
}

/** Asks for the files of lists that the rules name, and that were not opened with them. */
export function Lists({ names }: { readonly names: readonly string[] }) {
  const { refused } = useAudience();
  if (names.length === 0 && refused.length === 0) return null;
  return (
    <Panel
      title="Lists"
      id="lists"
      note={names.length > 0 && `The rules name ${names.join(', ')}. Choose the file, and whoever is in it is known.`}
    >
      {refused.length > 0 && (
        <ErrorNote
          tone="unsure"
          code="OTHER_LIST"
          title={`Not a list of these rules: ${refused.join(', ')}`}
          remedy="Choose a file with the name that the rules have for one list alone: of two in different folders, a name does not tell which."
        />
      )}
      <Drop label="Choose list files" multiple onFiles={(files) => audience.lists(files)}>
        <p className="soft">It stays in this browser, as people do.</p>
      </Drop>
    </Panel>
  );
}
