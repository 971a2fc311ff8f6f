/** Outlines of 16 × 16, drawn with the color of their text. */
const PATHS = {
  sql: 'M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.500 2-5.500 2-5.500-.9-5.500-2v8c0 1.100 2.500 2 5.500 2s5.500-.9 5.500-2V4M2.500 8c0 1.100 2.500 2 5.500 2s5.500-.9 5.500-2',
  table: 'M2 3h12v10H2zM2 6.500h12M2 10h12M6.500 3v10',
  pause: 'M5.500 3v10M10.500 3v10',
  play: 'M4.500 3l8 5-8 5z',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.500V8l2.500 1.500',
  gear: 'M2 4.500h7M13 4.500h1M2 11.500h1M7 11.500h7M9 4.500a2 2 0 1 0 4 0 2 2 0 1 0-4 0M3 11.500a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  close: 'M3.500 3.500l9 9M12.500 3.500l-9 9',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  done: 'M3 8.500l3.500 3.500L13 4.500',
  menu: 'M2.500 4h11M2.500 8h11M2.500 12h11',
  down: 'M4 6l4 4 4-4',
  earlier: 'M10 3.500L5.500 8l4.500 4.500',
  later: 'M6 3.500L10.500 8 6 12.500',
} as const;

export type IconName = keyof typeof PATHS;

/** A small drawing beside a text, or in a button whose label says what it does. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
