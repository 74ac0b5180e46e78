/** A plot of a few days. What it shows stands in a table beside it. */

import { useLayoutEffect, useRef, useState } from 'react';
import { whenSized } from '../ui/sized.js';

export interface Line {
  readonly name: string;
  /** A custom property of the page with its colour. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** Intervals around the values: points with error bars in place of a line. */
  readonly ends?: readonly (readonly [low: number | null, high: number | null])[];
}

export interface ChartProps {
  readonly label: string;
  /** What is below: names of the positions 0, 1, 2 ... */
  readonly positions: readonly string[];
  readonly lines: readonly Line[];
  readonly inWords: (value: number) => string;
  /** How far the axis goes, down and up; from what is drawn if absent. */
  readonly limits?: readonly [number, number];
  /** The values are numbers of something: the axis has no fractions of one. */
  readonly whole?: boolean;
}

/** In pixels: of the whole, and of what stands around the plot. */
const HEIGHT = 220;
/** Where nobody has measured it, as in what is folded and is opened on paper alone. */
const WIDTH = 640;
const [TOP, RIGHT, BOTTOM] = [10, 12, 26];
/** How near to each other names may stand. */
const [BESIDE, BELOW] = [58, 30];
const STEPS = [1, 2, 5, 7, 10, 14, 20, 30, 50, 100];

export function Chart(props: ChartProps) {
  const { label, lines } = props;
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!place.current) return;
    setWidth(place.current.clientWidth);
    const { current } = place;
    return whenSized(current, () => setWidth(current.clientWidth));
  }, []);
  return (
    <figure className="results-chart">
      <figcaption>
        {label}
        {lines.length > 1 && (
          <span className="results-legend">
            {lines.map(({ name, colour }) => (
              <span key={name}>
                <span className="results-swatch" style={{ background: `var(${colour})` }} aria-hidden="true" />
                {name}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div
        ref={place}
        className="results-drawn"
        style={{ minHeight: HEIGHT }}
        role="img"
        aria-label={`${label}. The table below has the figures.`}
      >
        <Drawing {...props} width={width || WIDTH} />
      </div>
    </figure>
  );
}

/** Round numbers from one end to the other, no nearer to each other than that. */
function rounded(least: number, most: number, apart: number, whole: boolean): number[] {
  const wide = whole ? Math.max(1, apart) : apart;
  const power = 10 ** Math.floor(Math.log10(wide));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= wide && !(whole && (factor * power) % 1)) ?? 10) * power;
  const first = Math.ceil(least / step);
  return Array.from({ length: Math.max(0, Math.floor(most / step) - first + 1) }, (_, at) => (first + at) * step);
}

function Drawing({ positions, lines, inWords, limits, whole = false, width }: ChartProps & { readonly width: number }) {
  const ends = lines.flatMap((line) => [...line.values, ...(line.ends ?? []).flat()]).filter((end) => end !== null);
  // The highest line is drawn whole.
  const [least, most] = limits ?? [1.04 * Math.min(0, ...ends), 1.04 * Math.max(0, ...ends)];
  const high = HEIGHT - TOP - BOTTOM;
  const span = most - least || 1;
  const marks = rounded(least, most, (span * BELOW) / high, whole);
  const left = 18 + 7 * Math.max(0, ...marks.map((mark) => inWords(mark).length));
  const wide = Math.max(1, width - left - RIGHT);
  const x = (at: number): number => ((at + 0.5) / positions.length) * wide;
  const y = (value: number): number => ((most - value) / span) * high;
  const each = STEPS.find((step) => step * (wide / positions.length) >= BESIDE) ?? positions.length;
  return (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
      {marks.map((value) => (
        <g key={value} transform={`translate(${left} ${TOP + y(value)})`}>
          <line x1={-6} x2={wide} className="results-grid" />
          <text x={-10} dy="0.35em" textAnchor="end">
            {inWords(value)}
          </text>
        </g>
      ))}
      {positions.map(
        (name, at) =>
          at % each === 0 && (
            <g key={name} transform={`translate(${left + x(at)} ${TOP + high})`}>
              <line y2={6} className="results-grid" />
              <text y={20} textAnchor="middle">
                {name}
              </text>
            </g>
          ),
      )}
      {/* What goes beyond the axis is cut off there. */}
      <svg aria-hidden="true" x={left} y={TOP} width={wide} height={high}>
        {least <= 0 && most >= 0 && <line x2={wide} y1={y(0)} y2={y(0)} className="results-nought" />}
        {lines.map((line) => (
          <Series key={line.name} line={line} x={x} y={y} beyond={high} />
        ))}
      </svg>
    </svg>
  );
}

interface SeriesProps {
  readonly line: Line;
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  /** Below what is drawn. */
  readonly beyond: number;
}

/** A line, broken where a value is missing; or points, each with its interval: a line with a stop at both ends, but none where it goes on for ever. */
function Series({ line: { values, ends, colour }, x, y, beyond }: SeriesProps) {
  const style = { '--colour': `var(${colour})` } as React.CSSProperties;
  if (!ends) {
    const path = values.map((value, at) => (value === null ? '' : `${(values[at - 1] ?? null) === null ? 'M' : 'L'}${x(at)} ${y(value)}`));
    return <path className="results-line" style={style} d={path.join('')} />;
  }
  return (
    <g style={style}>
      {ends.map(([low, high], at) => {
        const value = values[at] ?? null;
        if (value === null) return null;
        const [bottom, top] = [low === null ? beyond + 9 : y(low), high === null ? -9 : y(high)];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a day is its place
          <g key={at} transform={`translate(${x(at)} 0)`}>
            <path className="results-line" d={`M0 ${bottom}h-4h8M0 ${bottom}V${top}h-4h8`} />
            <circle cy={y(value)} r={4} />
          </g>
        );
      })}
    </g>
  );
}
