import { Popover } from '@base-ui/react/popover';
import { clock } from '../../format.ts';

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

/** Marks nearer to each other than this share of the width are one. */
const NEAR = 0.015;

const RANK = ['info', 'notice', 'warning', 'critical'] as const;

/** Marks by the place where they stand, those too near to be seen apart together. */
export function grouped(marks: readonly Mark[], { from, to }: Within): Mark[][] {
  const groups: Mark[][] = [];
  const inside = marks.filter(({ at }) => at >= from && at <= to).sort((a, b) => a.at - b.at);
  for (const mark of inside) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    if (group && first && (mark.at - first.at) / (to - from) < NEAR) group.push(mark);
    else groups.push([mark]);
  }
  return groups;
}

/** Where something is, in percent of the range. React sets it through the DOM: the page forbids styles in its text. */
const percent = (at: number, { from, to }: Within) =>
  `${Math.max(0, Math.min(100, ((at - from) / (to - from)) * 100)).toFixed(3)}%`;

/** Lines with a head at the top of a chart: pressing one says what happened. */
export function Marks({ marks, ...within }: Within & { marks: readonly Mark[] }) {
  return grouped(marks, within).map((group) => {
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
