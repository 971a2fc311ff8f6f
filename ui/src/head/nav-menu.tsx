import { Menu } from '@base-ui/react/menu';
import { Icon } from '../parts/icon.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { AlertCount, type NavItem } from './nav-item.tsx';
import type { Target } from './target-state.tsx';

interface NavMenuProps {
  readonly items: readonly NavItem[];
  readonly current: string;
  readonly target: Target | undefined;
}

/** The views on a narrow page: a button that says which one is open, and a menu of all. */
export function NavMenu({ items, current, target }: NavMenuProps) {
  const { params } = useRoute();
  const here = items.find(({ key }) => key === current);
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="nav-trigger" aria-label={`Views: ${here?.label ?? 'none'} is open`}>
        <Icon name="menu" />
        <strong>{here?.label}</strong>
        {current !== 'alerts' && target && <AlertCount target={target} />}
        <Icon name="down" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="start" collisionPadding={8} className="over-head">
          <Menu.Popup className="popup nav-popup">
            {[...Map.groupBy(items, ({ group }) => group)].map(([group, views]) => (
              <Menu.Group key={group} className="nav-group">
                <Menu.GroupLabel className="nav-label">{group}</Menu.GroupLabel>
                {views.map(({ key, label }) => (
                  <Menu.LinkItem
                    key={key}
                    className="nav-item"
                    href={hrefOf(key, lasting(params))}
                    aria-current={key === current ? 'page' : undefined}
                    closeOnClick
                  >
                    {label}
                    {key === 'alerts' && target && <AlertCount target={target} />}
                  </Menu.LinkItem>
                ))}
              </Menu.Group>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
