/** A plot by uPlot, which is loaded with the first one that is drawn. What it shows stands in a table beside it. */

import { useEffect, useRef } from 'react';
import type uPlot from 'uplot';

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
}

const HEIGHT = 220;

export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const { label, positions, lines } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `latest` has the rest, and what is drawn changes with these.
  useEffect(() => {
    const root = place.current;
    if (!root) return;
    let chart: uPlot | undefined;
    let isGone = false;
    const draw = async (): Promise<void> => {
      const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]);
      if (isGone) return;
      chart?.destroy();
      chart = new Plot(...drawing(root, latest.current), root);
    };
    const resized = new ResizeObserver(() => {
      if (!chart) void draw();
      else if (Math.abs(chart.width - root.clientWidth) > 1 && root.clientWidth > 0)
        chart.setSize({ width: root.clientWidth, height: HEIGHT });
    });
    resized.observe(root);
    // Colours are the page's, which follow the system; on paper they are dark on white.
    const schemes = ['(prefers-color-scheme: dark)', '(forced-colors: active)', 'print'].map((query) => matchMedia(query));
    const again = (): void => void draw();
    for (const scheme of schemes) scheme.addEventListener('change', again);
    const themed = new MutationObserver(again);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] });
    return () => {
      isGone = true;
      resized.disconnect();
      themed.disconnect();
      for (const scheme of schemes) scheme.removeEventListener('change', again);
      chart?.destroy();
    };
  }, [positions, lines]);
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
        className="results-canvas"
        style={{ minHeight: HEIGHT }}
        role="img"
        aria-label={`${label}. The table below has the figures.`}
      />
    </figure>
  );
}

/** Colours of the page as a canvas takes them: what a custom property comes to here and now, in light, dark or forced colours. */
function coloursOf(root: HTMLElement): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const probe = root.appendChild(document.createElement('span'));
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    known.set(name, color);
    return color;
  };
}

/** What uPlot takes. */
function drawing(root: HTMLElement, { positions, lines, inWords, limits }: ChartProps): [uPlot.Options, uPlot.AlignedData] {
  const style = getComputedStyle(root);
  const colour = coloursOf(root);
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: colour('--soft'), font, ticks: { stroke: colour('--line') }, border: { show: true, stroke: colour('--line') } };
  const ends = lines.flatMap((line) => [...line.values, ...(line.ends ?? []).flat()]).filter((end) => end !== null);
  const [least, most] = limits ?? [Math.min(0, ...ends), Math.max(0, ...ends)];
  const widest = [least, most].reduce((width, end) => Math.max(width, inWords(end).length), 0);
  const options: uPlot.Options = {
    width: root.clientWidth || 320,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 12, 0, 0],
    scales: { x: { time: false, range: [-0.5, positions.length - 0.5] }, y: { range: [least, most] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: [1, 2, 5, 7, 10, 14, 20, 30, 50, 100],
        space: 58,
        values: (_, at) => at.map((one) => positions[one] ?? ''),
      },
      { ...axis, grid: { stroke: colour('--line'), width: 1 }, size: 18 + widest * 7, values: (_, at) => at.map(inWords) },
    ],
    series: [
      {},
      ...lines.map(
        (line): uPlot.Series => ({
          label: line.name,
          stroke: colour(line.colour),
          width: 2,
          ...(line.ends ? { paths: () => null, points: { show: true, size: 8, fill: colour(line.colour) } } : { points: { show: false } }),
        }),
      ),
    ],
    hooks: { drawAxes: [(chart) => zero(chart, colour('--ink'))], drawSeries: [(chart, at) => bars(chart, lines[at - 1], colour)] },
  };
  return [options, [positions.map((_, at) => at), ...lines.map(({ values }) => [...values])]];
}

/** The line at which nothing differs. */
function zero({ ctx, bbox, valToPos, scales }: uPlot, stroke: string): void {
  const { min = 0, max = 0 } = scales.y ?? {};
  if ((min ?? 0) > 0 || (max ?? 0) < 0) return;
  const y = Math.round(valToPos(0, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** Intervals, each a line with a stop at both ends; what goes beyond the axis has none. */
function bars(chart: uPlot, line: Line | undefined, colour: (name: string) => string): void {
  if (!line?.ends) return;
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const stop = 4 * ratio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour(line.colour);
  ctx.lineWidth = 2 * ratio;
  line.ends.forEach(([low, high], at) => {
    if (line.values[at] === null || line.values[at] === undefined) return;
    const x = chart.valToPos(at, 'x', true);
    const [bottom, top] = [
      low === null ? bbox.top + bbox.height : chart.valToPos(low, 'y', true),
      high === null ? bbox.top : chart.valToPos(high, 'y', true),
    ];
    ctx.beginPath();
    ctx.moveTo(x, bottom);
    ctx.lineTo(x, top);
    for (const y of [bottom, top]) {
      ctx.moveTo(x - stop, y);
      ctx.lineTo(x + stop, y);
    }
    ctx.stroke();
  });
  ctx.restore();
}
