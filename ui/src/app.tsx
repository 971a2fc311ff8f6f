import { type JSX, useEffect, useState } from 'react';
import { type Answer, type Answers, useApi } from './api.ts';
import { ago, clock } from './format.ts';
import { Loaded } from './parts/panel.tsx';
import { hrefOf, lasting, usePlace } from './place.ts';
import { RANGES, rangeOf } from './range.ts';
import { ActivityView } from './views/activity.tsx';
import { AgentView } from './views/agent.tsx';
import { AlertsView } from './views/alerts.tsx';
import { AutovacuumView } from './views/autovacuum.tsx';
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
  agent: { label: 'Collector health', view: AgentView },
};

/** The page: a head with what is looked at, the views, and the one that is open. */
export function App() {
  const { view, params, stay } = usePlace();
  const answer = useApi('/targets', {}, 5_000);
  const open = Object.hasOwn(VIEWS, view) ? VIEWS[view] : VIEWS['overview'];
  const targets = answer.data?.targets ?? [];
  const target = params['cluster'] ? targets.find(({ cluster }) => cluster === params['cluster']) : undefined;
  const [first] = targets;
  // Everything that is shown is of one target, and the address says of which.
  useEffect(() => {
    if (!params['cluster'] && first) stay({ cluster: first.cluster });
  }, [params, first, stay]);
  useEffect(() => {
    document.title = `${open?.label ?? 'pgmon'} · ${target?.cluster ?? 'pgmon'}`;
  }, [open, target?.cluster]);
  const View = open?.view ?? OverviewView;
  return (
    <>
      <a className="skip" href="#main">
        To the content
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
              <p className="empty">No target is watched.</p>
            ) : target ? (
              <>
                <Moment view={view} />
                <View key={`${view} ${target.cluster}`} />
              </>
            ) : (
              params['cluster'] && <p className="empty">No target is called {params['cluster']}: choose one above.</p>
            )
          }
        </Loaded>
      </main>
    </>
  );
}

/** Links of alerts carry a moment. Charts show it; lists and numbers are of now, and say so. */
function Moment({ view }: { view: string }) {
  const { params, go } = usePlace();
  const at = params['at'];
  if (!at || Number.isNaN(Date.parse(at))) return null;
  return (
    <div className="note moment" role="status">
      <strong>Charts are around {clock(at)}.</strong>{' '}
      {view === 'activity' ? 'So are the sessions; other numbers are of now.' : 'Lists and numbers are of now.'}{' '}
      {view !== 'activity' && <a href={hrefOf('activity', { ...lasting(params), at })}>Sessions of that moment</a>}{' '}
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
  const { params, go } = usePlace();
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
        <option value="">all databases</option>
        {(target?.databases ?? []).map((db) => (
          <option key={db}>{db}</option>
        ))}
      </select>
      <select
        aria-label="Time range"
        value={rangeOf(params['range']).key}
        onChange={(event) => go({ range: event.target.value })}
      >
        {RANGES.map(({ key, label }) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </select>
      <Age target={target} failed={answer.problem !== undefined} />
      <ThemeSwitch />
    </header>
  );
}

/** How old what is shown is, second by second. */
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
      {seconds === undefined ? 'no data yet' : target.up ? `${seconds} s old` : `last state ${ago(seconds)}`}
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
