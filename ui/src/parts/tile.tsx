import type { ReactNode } from 'react';

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly more?: ReactNode;
  readonly level?: 'good' | 'warn' | 'bad';
  readonly href?: string;
  /** Said where the pointer rests. */
  readonly title?: string | undefined;
}

/** One key number, with a link to its view. */
export function Tile({ label, value, more, level, href, title }: TileProps) {
  const inside = (
    <>
      <span className="tile-label">{label}</span>
      <span className="tile-value">{value}</span>
      {more && <span className="tile-more">{more}</span>}
    </>
  );
  const name = `tile ${level ?? ''}`;
  return href ? (
    <a className={name} href={href} title={title}>
      {inside}
    </a>
  ) : (
    <div className={name} title={title}>
      {inside}
    </div>
  );
}
