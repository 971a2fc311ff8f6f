import type { Target } from './target-state.tsx';

/** A view as the menu has it. */
export interface NavItem {
  readonly key: string;
  readonly label: string;
  /** What it belongs to. */
  readonly group: string;
}

/** How many alerts are open, in the color of the worst. */
export function AlertCount({ target: { open_alerts } }: { target: Target }) {
  const { critical, warning } = open_alerts;
  if (critical + warning === 0) return null;
  return (
    <span className={`badge ${critical > 0 ? 'bad' : 'warn'}`}>
      {critical + warning}
      <span className="unseen"> open {critical + warning === 1 ? 'alert' : 'alerts'}</span>
    </span>
  );
}
