/** Where files come from: a button that asks for them, and a place to drop them. */

import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { Button } from './button.js';

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

export function Drop({ label, onFiles, accept, multiple = false, folder = false, children }: DropProps) {
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | File[]): void => {
    const all = Array.from(files);
    if (all.length > 0) onFiles(multiple || folder ? all : all.slice(0, 1));
  };
  const target = useDropTarget(({ files }) => take(files));
  return (
    <div className="drop" {...target}>
      <Button onPress={() => input.current?.click()}>{label}</Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        accept={accept}
        multiple={multiple}
        {...(folder && { webkitdirectory: '' })}
        onChange={(event) => {
          take(event.target.files ?? []);
          event.target.value = '';
        }}
      />
      {children}
    </div>
  );
}
