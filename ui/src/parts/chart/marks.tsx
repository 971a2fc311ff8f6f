import { Popover } from '@base-ui/react/popover';
import { clock, exactClock } from '../../format.ts';

/** Something that happened, as charts show it. */
export interface Mark {
  readonly id: string;
  /** Epoch seconds. */
  readonly at: number;
  readonly kind: string;
  readonly severity: 'info' | 'notice' | 'warning' | 'critical';
  readonly text: string;
  /** The view or page with more of it. */
  readonly href?: string | undefined;
}

/** A time during which an alert was open; without an end it still is. */
export interface Span {
  readonly id: string;
  readonly from: number;
  readonly to: number | undefined;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly text: string;
}

interface Within {
  readonly from: number;
  readonly to: number;
}

/** Pixels of a plot whose width is not known yet. */
const WIDTH = 1_000;

/** Marks nearer to each other than this many pixels are one: each is 15 wide. */
const NEAR = 16;

const RANK = ['info', 'notice', 'warning', 'critical'] as const;

/** Marks by the place where they stand, those too near to be seen apart together. */
export function grouped(marks: readonly Mark[], { from, to }: Within, width = WIDTH): Mark[][] {
  const groups: Mark[][] = [];
  const inside = marks.filter(({ at }) => at >= from && at <= to).sort((a, b) => a.at - b.at);
  for (const mark of inside) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    if (group && first && ((mark.at - first.at) / (to - from)) * width < NEAR) group.push(mark);
    else groups.push([mark]);
  }
  return groups;
}

/** Where something is, in percent of the range. React sets it through the DOM: the page forbids styles in its text. */
const percent = (at: number, { from, to }: Within) =>
  `${Math.max(0, Math.min(100, ((at - from) / (to - from)) * 100)).toFixed(3)}%`;

/** Lines with a head at the top of a chart: pressing one says what happened. */
export function Marks({ marks, width, ...within }: Within & { marks: readonly Mark[]; width: number }) {
  return grouped(marks, within, width).map((group) => {
    const [first] = group;
    if (!first) return null;
    const worst = RANK[Math.max(...group.map(({ severity }) => RANK.indexOf(severity)))] ?? 'info';
    return (
      <Popover.Root key={first.id}>
        <Popover.Trigger
          className={`mark ${worst}`}
          style={{ left: percent(first.at, within) }}
          aria-label={`${group.length > 1 ? `${group.length} events: ` : ''}${group.map(({ text, at }) => `${clock(new Date(at * 1_000))}: ${text}`).join('; ')}`}
          data-kind={group.map(({ kind }) => kind).join(' ')}
          onMouseDown={(event) => event.stopPropagation()}
        >
          {group.length > 1 ? group.length : ''}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner sideOffset={6} collisionPadding={8}>
            <Popover.Popup className="popup happened">
              <ul>
                {group.slice(0, 12).map(({ id, at, text, href, severity }) => (
                  <li key={id} className={severity}>
                    <time dateTime={new Date(at * 1_000).toISOString()}>{clock(new Date(at * 1_000))}</time>{' '}
                    {href ? <a href={href}>{text}</a> : text}
                  </li>
                ))}
              </ul>
              {group.length > 12 && <p className="hint">and {group.length - 12} more</p>}
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    );
  });
}

/** The moment that the rest of the page shows. */
export function Moment({ at, ...within }: Within & { at: number }) {
  if (at < within.from || at > within.to) return null;
  return <div className="moment-line" style={{ left: percent(at, within) }} title={clock(new Date(at * 1_000))} />;
}

/** A longer time without data at the begin of a range says so. */
const LONG = 0.3;

/** Where nothing was measured up to some time: that this is so, and until when. */
export function Before({ first, ...within }: Within & { first: number | undefined }) {
  if (first === undefined || (first - within.from) / (within.to - within.from) < LONG) return null;
  return (
    <p className="plot-before" style={{ width: percent(first, within) }}>
      <span>Nothing measured before {exactClock(new Date(first * 1_000))}</span>
    </p>
  );
}

/** Bands behind the lines, from the beginning of an alert to its end. */
export function Spans({ spans, ...within }: Within & { spans: readonly Span[] }) {
  return spans
    .filter(({ from, to }) => from <= within.to && (to ?? within.to) >= within.from)
    .map(({ id, from, to, severity, text }) => {
      const [begin, end] = [Math.max(from, within.from), Math.min(to ?? within.to, within.to)];
      const width = `${Math.max(0.3, ((end - begin) / (within.to - within.from)) * 100).toFixed(3)}%`;
      return (
        <div key={id} className={`span ${severity}`} title={text} style={{ left: percent(begin, within), width }} />
      );
    });
}
