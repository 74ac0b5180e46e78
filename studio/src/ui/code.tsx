/** What is typed or written to a file as it is. */

import { Button } from './button.js';
import { toast } from './toast.js';

export interface CodeProps {
  readonly children: string;
  /** Lines of it, with a button that copies them. */
  readonly block?: boolean;
}

export function Code({ children, block = false }: CodeProps) {
  if (!block) return <code>{children}</code>;
  const copy = (): void => {
    navigator.clipboard.writeText(children).then(
      () => toast('Copied.'),
      () => toast('This browser does not let the page copy: select the text and copy it.', { tone: 'bad' }),
    );
  };
  return (
    <div className="code-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre tabIndex={0}>
        <code>{children}</code>
      </pre>
      <Button kind="quiet" small onPress={copy}>
        Copy
      </Button>
    </div>
  );
}
