import { autovacuum } from './autovacuum.ts';
import { lockTree } from './lock-tree.ts';
import { openAlerts } from './open-alerts.ts';
import { storage } from './storage.ts';
import { topQueries } from './top-queries.ts';
import type { Widget } from './widget.ts';

/** The widgets of the CloudWatch dashboard, by the name that their place on it passes along. */
export const widgets = {
  'open-alerts': openAlerts,
  'top-queries': topQueries,
  'lock-tree': lockTree,
  autovacuum,
  storage,
} as const satisfies Readonly<Record<string, Widget>>;

export type WidgetName = keyof typeof widgets;

export function isWidget(name: string): name is WidgetName {
  return Object.hasOwn(widgets, name);
}
