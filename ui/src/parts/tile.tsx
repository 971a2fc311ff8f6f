import type { ReactNode } from 'react';

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly more?: ReactNode;
  readonly level?: 'good' | 'warn' | 'bad';
  readonly href?: string;
}

/** One key number, with a link to its view. */
export function Tile({ label, value, more, level, href }: TileProps) {
  const inside = (
    <>
      <span className="tile-label">{label}</span>
      <span className="tile-value">{value}</span>
      {more && <span className="tile-more">{more}</span>}
    </>
  );
  const name = `tile ${level ?? ''}`;
  return href ? (
    <a className={name} href={href}>
      {inside}
    </a>
  ) : (
    <div className={name}>{inside}</div>
  );
}
