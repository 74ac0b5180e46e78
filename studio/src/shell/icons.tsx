/** The few signs of the frame: lines on a square of 20. */

const PATHS = {
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4',
  undo: 'M7 4 3.5 7.5 7 11M4 7.5h7.5a4.5 4.5 0 0 1 0 9H8',
  redo: 'M13 4l3.5 3.5L13 11M16 7.5H8.5a4.5 4.5 0 0 0 0 9H12',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  preview: 'M2.5 10s2.8-5 7.5-5 7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  audiences:
    'M7.5 9.5a2.8 2.8 0 1 1 0-5.6 2.8 2.8 0 0 1 0 5.6zM2.5 16c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5M13 4.2a2.7 2.7 0 0 1 0 5M14.5 11.8c1.8.6 3 2.1 3 4.2',
  releases: 'M10 13.5V3.5M6 7l4-3.5L14 7M3.5 12v4.5h13V12',
  results: 'M3.5 16.5h13M5.5 13.5v-3M10 13.5v-9M14.5 13.5v-6',
} as const;

export const Icon = ({ name }: { readonly name: keyof typeof PATHS }) => (
  <svg viewBox="0 0 20 20" aria-hidden="true" className={`icon-${name}`}>
    <path d={PATHS[name]} />
  </svg>
);
