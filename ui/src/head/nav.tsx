import { useEffect } from 'react';
import { hrefOf, lasting, useRoute } from '../route.ts';
import type { Target } from './target-state.tsx';

export interface NavItem {
  readonly key: string;
  readonly label: string;
  /** What it belongs to. */
  readonly group: string;
}

/** The views, and where one is. On a narrow page they stand in one line that scrolls. */
export function Nav({
  items,
  current,
  target,
}: {
  items: readonly NavItem[];
  current: string;
  target?: Target | undefined;
}) {
  const { params } = useRoute();
  useEffect(() => {
    if (current) document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <nav aria-label="Views">
      {[...Map.groupBy(items, ({ group }) => group)].map(([group, views]) => (
        <ul key={group} aria-label={group}>
          {views.map(({ key, label }) => (
            <li key={key}>
              <a href={hrefOf(key, lasting(params))} aria-current={key === current ? 'page' : undefined}>
                {label}
                {key === 'alerts' && target && <AlertCount target={target} />}
              </a>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

function AlertCount({ target: { open_alerts } }: { target: Target }) {
  const { critical, warning } = open_alerts;
  if (critical + warning === 0) return null;
  return (
    <span className={`badge ${critical > 0 ? 'bad' : 'warn'}`}>
      {critical + warning}
      <span className="unseen"> open</span>
    </span>
  );
}
