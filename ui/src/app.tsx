import { type JSX, lazy, Suspense, useEffect } from 'react';
import { useApi } from './api.ts';
import { Banner } from './head/banner.tsx';
import { Head } from './head/head.tsx';
import { Nav } from './head/nav.tsx';
import { Boundary } from './parts/boundary.tsx';
import { Loaded } from './parts/panel.tsx';
import { Skeleton } from './parts/skeleton.tsx';
import { useRoute } from './route.ts';
import { theme, zone } from './settings.ts';
import { useTime } from './time.ts';
import { ActivityView } from './views/activity.tsx';
import { AlertsView } from './views/alerts.tsx';
import { AutovacuumView } from './views/autovacuum.tsx';
import { ChangedView } from './views/changed.tsx';
import { CollectorHealthView } from './views/collector-health.tsx';
import { EventsView } from './views/events.tsx';
import { IncidentsView } from './views/incidents.tsx';
import { LocksView } from './views/locks.tsx';
import { OverviewView } from './views/overview.tsx';
import { PartitionsView } from './views/partitions.tsx';
import { QueriesView } from './views/queries.tsx';
import { ReplicationView } from './views/replication.tsx';
import { StorageView } from './views/storage.tsx';
import { WraparoundView } from './views/wraparound.tsx';

/** Every part in every state, for whoever changes one: not a view of a target. */
const PartsPage = lazy(() => import('./parts-page/parts-page.tsx').then(({ PartsPage: page }) => ({ default: page })));

interface View {
  readonly label: string;
  readonly group: string;
  readonly view: () => JSX.Element;
}

const VIEWS: Readonly<Record<string, View>> = {
  overview: { label: 'Overview', group: 'Now', view: OverviewView },
  activity: { label: 'Activity', group: 'Now', view: ActivityView },
  locks: { label: 'Locks', group: 'Now', view: LocksView },
  queries: { label: 'Queries', group: 'Now', view: QueriesView },
  autovacuum: { label: 'Autovacuum', group: 'Data', view: AutovacuumView },
  storage: { label: 'Storage', group: 'Data', view: StorageView },
  partitions: { label: 'Partitions', group: 'Data', view: PartitionsView },
  wraparound: { label: 'Wraparound', group: 'Data', view: WraparoundView },
  replication: { label: 'Replication', group: 'Data', view: ReplicationView },
  incidents: { label: 'Incidents', group: 'Watch', view: IncidentsView },
  alerts: { label: 'Alerts', group: 'Watch', view: AlertsView },
  events: { label: 'Events', group: 'Watch', view: EventsView },
  changed: { label: 'What changed', group: 'Watch', view: ChangedView },
  agent: { label: 'Collector health', group: 'Watch', view: CollectorHealthView },
};

const NAV = Object.entries(VIEWS).map(([key, { label, group }]) => ({ key, label, group }));

/** The page: a head with the target and the time, the views, and the open one. */
export function App() {
  const { view } = useRoute();
  const colors = theme.use();
  // All times are written again when the zone changes.
  zone.use();
  useEffect(() => {
    document.documentElement.dataset['theme'] = colors;
  }, [colors]);
  return view === 'parts' ? (
    <Suspense fallback={<Skeleton />}>
      <PartsPage />
    </Suspense>
  ) : (
    <Page />
  );
}

function Page() {
  const { view, params, stay } = useRoute();
  const { moment } = useTime();
  const answer = useApi('/targets', {}, 5_000);
  // What the head and the menu say is of the moment that all below them is of.
  const shown = useApi('/targets', moment, 5_000);
  const key = Object.hasOwn(VIEWS, view) ? view : 'overview';
  const { label, view: View } = VIEWS[key] ?? { label: 'Overview', view: OverviewView };
  const targets = answer.data?.targets ?? [];
  const target = params['cluster'] ? targets.find(({ cluster }) => cluster === params['cluster']) : undefined;
  const state = shown.data?.targets.find(({ cluster }) => cluster === target?.cluster);
  const [first] = targets;
  // The page shows one target, and the address names it.
  useEffect(() => {
    if (!params['cluster'] && first) stay({ cluster: first.cluster });
  }, [params, first, stay]);
  useEffect(() => {
    document.title = `${label} · ${target?.cluster ?? 'pgmon'}`;
  }, [label, target?.cluster]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Head answer={answer} target={target} state={state} />
      <Nav items={NAV} current={key} target={state} />
      <main id="main" tabIndex={-1}>
        <h1>{label}</h1>
        <Loaded answer={answer}>
          {({ targets }) =>
            targets.length === 0 ? (
              <p className="empty">No targets are being monitored.</p>
            ) : target ? (
              <>
                <Banner target={target} />
                <Boundary key={`${key} ${target.cluster}`} what={label}>
                  <View />
                </Boundary>
              </>
            ) : (
              params['cluster'] && <p className="empty">No target is named {params['cluster']}. Choose one above.</p>
            )
          }
        </Loaded>
      </main>
    </>
  );
}
