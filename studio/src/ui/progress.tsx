/** Work that takes a while, and the way to stop it. What is done within 300 ms shows nothing. */

import { useEffect, useState } from 'react';
import { Button } from './button.js';

export interface ProgressProps {
  readonly label: string;
  /** From 0 to 1; absent where nobody knows. */
  readonly value?: number | undefined;
  readonly detail?: string | undefined;
  readonly onCancel?: (() => void) | undefined;
}

const PATIENCE = 300; // milliseconds

export function Progress({ label, value, detail, onCancel }: ProgressProps) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  const share = value === undefined ? undefined : Math.min(1, Math.max(0, value));
  const percent = share === undefined ? undefined : Math.round(share * 100);
  const words = percent === undefined ? '' : `${percent} %`;
  return (
    <div className="progress">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={words || undefined}
      >
        <div className="words">
          <span>{label}</span>
          <span className="soft">{detail ?? words}</span>
        </div>
        <div className="track">
          {share === undefined ? <div className="fill moving" /> : <div className="fill" style={{ width: `${share * 100}%` }} />}
        </div>
      </div>
      {/* Beside the bar, which holds nothing that can be pressed. */}
      {onCancel && (
        <Button small onPress={onCancel}>
          Cancel
        </Button>
      )}
    </div>
  );
}
