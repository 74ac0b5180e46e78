/** What fails in a place stays in it: the others go on, and so does the draft. */

import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button.js';
import { ErrorNote } from '../ui/error.js';

interface Props {
  readonly name: string;
  readonly children: ReactNode;
}

export class Boundary extends Component<Props, { readonly error?: Error | undefined }> {
  override state: { readonly error?: Error | undefined } = {};

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    // What a browser says when a part of the page cannot be loaded, in Chromium, Firefox and Safari.
    const isAway = /dynamically imported module|module script failed|error loading/i.test(error.message);
    return (
      <ErrorNote
        code={isAway ? 'NOT_LOADED' : 'FAILED'}
        title={isAway ? `${this.props.name} could not be loaded.` : `${this.props.name} has failed.`}
        remedy={
          isAway ? 'Check the connection, then reload the page.' : 'Try again. Your draft is kept, and undo takes the last change back.'
        }
        action={
          <Button kind="primary" onPress={() => (isAway ? location.reload() : this.setState({ error: undefined }))}>
            {isAway ? 'Reload' : 'Try again'}
          </Button>
        }
      >
        {error.message}
      </ErrorNote>
    );
  }
}
