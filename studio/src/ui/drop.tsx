/** Where files come from: a button that asks for them, and a place to drop them. */

import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { Button, type ButtonProps } from './button.js';

export interface DropProps {
  /** What the button says. */
  readonly label: string;
  readonly onFiles: (files: File[]) => void;
  /** As an input's: '.csv,.json'. */
  readonly accept?: string;
  readonly multiple?: boolean;
  /** A whole folder, with what is in it. */
  readonly folder?: boolean;
  readonly children?: ReactNode;
}

/** What makes an element a place to drop files: its properties. It says while something is over it, for its looks. */
export function useDropTarget(take: (data: DataTransfer) => void) {
  const [over, setOver] = useState(false);
  return {
    'data-drop-target': over || undefined,
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer);
    },
  };
}

export function Drop({ children, ...props }: DropProps) {
  const { onFiles, multiple = false, folder = false } = props;
  const target = useDropTarget(({ files }) => take([...files], multiple || folder, onFiles));
  return (
    <div className="drop" {...target}>
      <FileButton {...props} />
      {children}
    </div>
  );
}

function take(files: readonly File[], isMany: boolean, onFiles: (files: File[]) => void): void {
  if (files.length > 0) onFiles(files.slice(0, isMany ? undefined : 1));
}

export interface FileButtonProps extends Omit<DropProps, 'children'>, Pick<ButtonProps, 'kind' | 'small'> {}

/** A button that asks for files. */
export function FileButton({ label, onFiles, accept, multiple = false, folder = false, kind = 'plain', small = false }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button kind={kind} small={small} onPress={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        multiple={multiple}
        {...(folder && { webkitdirectory: 'true' })}
        onChange={(event) => {
          take([...(event.target.files ?? [])], multiple || folder, onFiles);
          event.target.value = '';
        }}
      />
    </>
  );
}
