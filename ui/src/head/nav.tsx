import { useNarrow } from '../parts/narrow.ts';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { AlertCount, type NavItem } from './nav-item.tsx';
import { NavMenu } from './nav-menu.tsx';
import type { Target } from './target-state.tsx';

interface NavProps {
  readonly items: readonly NavItem[];
  readonly current: string;
  readonly target?: Target | undefined;
}

/** The views, and where one is: a list beside the page, or a menu above a narrow one. */
export function Nav({ items, current, target }: NavProps) {
  const { params } = useRoute();
  const narrow = useNarrow();
  return (
    <nav aria-label="Views">
      {narrow ? (
        <NavMenu {...{ items, current, target }} />
      ) : (
        [...Map.groupBy(items, ({ group }) => group)].map(([group, views]) => (
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
        ))
      )}
    </nav>
  );
}
