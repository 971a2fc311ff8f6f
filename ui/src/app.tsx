import { type JSX, useEffect, useState } from 'react';
import { type Answer, type Answers, useApi } from './api.ts';
import { ago, clock } from './format.ts';
import { Loaded } from './parts/panel.tsx';
import { hrefOf, lasting, useRoute } from './route.ts';
import { RANGES, useTime } from './time.ts';
import { ActivityView } from './views/activity.tsx';
import { AlertsView } from './views/alerts.tsx';
import { AutovacuumView } from './views/autovacuum.tsx';
import { CollectorHealthView } from './views/collector-health.tsx';
import { LocksView } from './views/locks.tsx';
import { OverviewView } from './views/overview.tsx';
import { PartitionsView } from './views/partitions.tsx';
import { QueriesView } from './views/queries.tsx';
import { ReplicationView } from './views/replication.tsx';
import { StorageView } from './views/storage.tsx';
import { WraparoundView } from './views/wraparound.tsx';

type Target = Answers['/targets']['targets'][number];

const VIEWS: Readonly<Record<string, { label: string; view: () => JSX.Element }>> = {
  overview: { label: 'Overview', view: OverviewView },
  activity: { label: 'Activity', view: ActivityView },
  locks: { label: 'Locks', view: LocksView },
  queries: { label: 'Queries', view: QueriesView },
  autovacuum: { label: 'Autovacuum', view: AutovacuumView },
  storage: { label: 'Storage', view: StorageView },
  partitions: { label: 'Partitions', view: PartitionsView },
  replication: { label: 'Replication', view: ReplicationView },
  wraparound: { label: 'Wraparound', view: WraparoundView },
  alerts: { label: 'Alerts', view: AlertsView },
  agent: { label: 'Collector health', view: CollectorHealthView },
};

/** The page: a header with the target, the views, and the open one. */
export function App() {
  const { view, params, stay } = useRoute();
  const answer = useApi('/targets', {}, 5_000);
  const open = Object.hasOwn(VIEWS, view) ? VIEWS[view] : VIEWS['overview'];
  const targets = answer.data?.targets ?? [];
  const target = params['cluster'] ? targets.find(({ cluster }) => cluster === params['cluster']) : undefined;
  const [first] = targets;
  // The page shows one target, and the address names it.
  useEffect(() => {
    if (!params['cluster'] && first) stay({ cluster: first.cluster });
  }, [params, first, stay]);
  useEffect(() => {
    document.title = `${open?.label ?? 'pgmon'} · ${target?.cluster ?? 'pgmon'}`;
  }, [open, target?.cluster]);
  // On a narrow page the views stand in one line that scrolls.
  useEffect(() => {
    if (view) document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [view]);
  const View = open?.view ?? OverviewView;
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Head answer={answer} target={target} />
      <nav aria-label="Views">
        <ul>
          {Object.entries(VIEWS).map(([key, { label }]) => (
            <li key={key}>
              <a href={hrefOf(key, lasting(params))} aria-current={VIEWS[key] === open ? 'page' : undefined}>
                {label}
                {key === 'alerts' && target && <AlertCount target={target} />}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" tabIndex={-1}>
        <h1>{open?.label}</h1>
        <Loaded answer={answer}>
          {({ targets }) =>
            targets.length === 0 ? (
              <p className="empty">No targets are being monitored.</p>
            ) : target ? (
              <>
                <Moment view={view} />
                <View key={`${view} ${target.cluster}`} />
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

/** Links from alerts carry a time. Charts show it; lists and numbers are current, and the note says so. */
function Moment({ view }: { view: string }) {
  const { params, go } = useRoute();
  const at = params['at'];
  if (!at || Number.isNaN(Date.parse(at))) return null;
  return (
    <div className="note moment" role="status">
      <strong>Charts show the time around {clock(at)}.</strong>{' '}
      {view === 'activity' ? 'So do the sessions; all other numbers are current.' : 'Lists and numbers are current.'}{' '}
      {view !== 'activity' && <a href={hrefOf('activity', { ...lasting(params), at })}>Sessions at that time</a>}{' '}
      <button type="button" onClick={() => go({ at: undefined })}>
        Back to now
      </button>
    </div>
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

function Head({ answer, target }: { answer: Answer<Answers['/targets']>; target: Target | undefined }) {
  const { params, go } = useRoute();
  const { setRange } = useTime();
  const targets = answer.data?.targets ?? [];
  return (
    <header className="head">
      <a className="brand" href={hrefOf('overview', lasting(params))}>
        <img src="/icon.svg" alt="" width="26" height="26" /> pgmon
      </a>
      <select
        aria-label="Target"
        value={target?.cluster ?? ''}
        onChange={(event) => go({ cluster: event.target.value, db: undefined })}
      >
        {targets.map(({ cluster, up }) => (
          <option key={cluster} value={cluster}>
            {cluster}
            {up ? '' : ' (down)'}
          </option>
        ))}
      </select>
      <select
        aria-label="Database"
        value={params['db'] ?? ''}
        onChange={(event) => go({ db: event.target.value || undefined })}
      >
        <option value="">All databases</option>
        {(target?.databases ?? []).map((db) => (
          <option key={db}>{db}</option>
        ))}
      </select>
      <select
        aria-label="Time range"
        value={params['from'] ?? '-1h'}
        onChange={(event) => setRange(event.target.value, 'now')}
      >
        {RANGES.map(({ from, label }) => (
          <option key={from} value={from}>
            {label}
          </option>
        ))}
      </select>
      <Age target={target} failed={answer.problem !== undefined} />
      <ThemeSwitch />
    </header>
  );
}

/** The age of what is shown, second by second. */
function Age({ target, failed }: { target: Target | undefined; failed: boolean }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (!target) return null;
  const seconds = target.taken_at ? Math.max(0, Math.round((now - Date.parse(target.taken_at)) / 1_000)) : undefined;
  const level = failed || !target.up ? 'bad' : target.stale ? 'warn' : 'good';
  return (
    <span className={`age ${level}`}>
      <span className="dot" aria-hidden="true" />
      {target.up ? '' : 'down · '}
      {seconds === undefined ? 'no data yet' : target.up ? `${seconds} s old` : `last seen ${ago(seconds)}`}
    </span>
  );
}

const THEMES = ['system', 'light', 'dark'] as const;

function ThemeSwitch() {
  const [theme, setTheme] = useState(localStorage.getItem('pgmon-theme') ?? 'system');
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    localStorage.setItem('pgmon-theme', theme);
  }, [theme]);
  return (
    <select aria-label="Colors" value={theme} onChange={(event) => setTheme(event.target.value)}>
      {THEMES.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}
