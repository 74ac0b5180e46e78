/** How old something is that came from a server. */

export interface AsOfProps {
  readonly time: Date | number;
  /** The server is away: this is the last that it said. */
  readonly stale?: boolean;
}

const DAY = 86_400_000; // milliseconds

export function AsOf({ time, stale = false }: AsOfProps) {
  const date = new Date(time);
  const long = Date.now() - date.getTime() > DAY / 2;
  const text = date.toLocaleString('en-GB', long ? { dateStyle: 'medium', timeStyle: 'short' } : { timeStyle: 'short' });
  return (
    <time className={stale ? 'tag unsure' : 'soft'} dateTime={date.toISOString()}>
      {stale ? `offline, as of ${text}` : `as of ${text}`}
    </time>
  );
}
