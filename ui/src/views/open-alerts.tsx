import { useState } from 'react';
import { type Answers, ask, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Loaded, NothingKept } from '../parts/panel.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { useTime } from '../time.ts';

type Alert = Answers['/alerts']['items'][number];

/** Alerts of one rule that are shown before somebody asks for the others: a thousand cards hide all that is below them. */
const SHOWN = { compact: 2, whole: 10 };

/** Open alerts of the chosen target, most severe first. `compact`: nothing if there are none. */
export function OpenAlerts({ compact = false, severity }: { compact?: boolean; severity?: string | undefined }) {
  const { params } = useRoute();
  const time = useTime();
  const answer = useApi('/alerts', { cluster: params['cluster'], severity, ...time.params }, 5_000);
  return (
    <Loaded answer={answer}>
      {({ items, taken_at }) => {
        // A message links to its own alert, which stands first then.
        const asked = ({ fingerprint }: Alert) => fingerprint === params['alert'];
        const firing = items
          .filter(({ state }) => state === 'firing')
          .toSorted((a, b) => Number(asked(b)) - Number(asked(a)));
        if (firing.length === 0) return compact ? null : <NoAlerts />;
        const groups = Map.groupBy(firing, (alert) => `${alert.severity} ${alert.cluster} ${alert.rule}`);
        return (
          <ul className="alerts">
            {[...groups].map(([key, alerts]) => (
              <OfOneRule
                key={key}
                alerts={alerts}
                compact={compact}
                asOf={Date.parse(taken_at ?? '')}
                onChange={answer.reload}
              />
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}

/** Of a time before the data, nobody knows whether there were any. */
function NoAlerts() {
  const { params } = useRoute();
  const { isNow, moment } = useTime();
  const targets = useApi('/targets', moment, 5_000).data?.targets ?? [];
  if (isNow) return <p className="empty good">No open alerts.</p>;
  const target = targets.find(({ cluster }) => cluster === params['cluster']);
  if (!target) return null;
  if (target.taken_at !== null) return <p className="empty">No alert was open at that moment.</p>;
  return <NothingKept since={target.since} />;
}

interface Cards {
  readonly compact: boolean;
  /** The moment of the list, in epoch milliseconds. */
  readonly asOf: number;
  readonly onChange: () => void;
}

/** Alerts of one rule and severity: the first of them, the others when asked for. */
function OfOneRule({ alerts, ...cards }: Cards & { alerts: readonly Alert[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? alerts : alerts.slice(0, cards.compact ? SHOWN.compact : SHOWN.whole);
  const more = alerts.length - shown.length;
  const [first] = alerts;
  return (
    <>
      {shown.map((alert) => (
        <Card key={alert.fingerprint} alert={alert} {...cards} />
      ))}
      {more > 0 && first && (
        <li className={first.severity}>
          <button type="button" onClick={() => setAll(true)}>
            {format.count(more)} more: {first.title}
          </button>
        </li>
      )}
    </>
  );
}

/** A rule that was not evaluated for so long has no data: its alert is what was known then. */
const UNEVALUATED_MS = 60_000;

/**
 * Loops that are slower than that are evaluated as rarely as they pass: only a server that does not answer makes the
 * difference. An alert that began since, such as that the server is down, needs no data of it.
 */
function isUnevaluated({ evaluated_at, since }: Alert, asOf: number, up: boolean): boolean {
  if (up || evaluated_at === null || evaluated_at < since) return false;
  return asOf - Date.parse(evaluated_at) > UNEVALUATED_MS;
}

function Card({ alert, compact, asOf, onChange }: Cards & { alert: Alert }) {
  const { params } = useRoute();
  const { isNow, moment } = useTime();
  const targets = useApi('/targets', moment, 5_000).data?.targets ?? [];
  const up = targets.find(({ cluster }) => cluster === alert.cluster)?.up ?? true;
  const unevaluated = isUnevaluated(alert, asOf, up);
  const acknowledge = () =>
    void ask(`/alerts/${alert.fingerprint}/acknowledge`, { method: 'POST', body: {} }).finally(onChange);
  const [said, setSaid] = useState<string>();
  const silence = () => {
    const { cluster, rule, labels } = alert;
    const subject = Object.keys(labels).length > 0 ? { cluster, rule, labels } : { cluster, rule };
    ask('/silences', { method: 'POST', body: { for: '1h', ...subject } })
      .then(() => setSaid('silenced for 1 h'))
      .catch((error: unknown) => setSaid(error instanceof Error ? error.message : 'failed'));
  };
  return (
    <li className={unevaluated ? `${alert.severity} old-data` : alert.severity}>
      <div>
        <strong>
          <span className="severity">{alert.severity}</span> {alert.title}{' '}
          <span className="alert-target">on {alert.cluster}</span>
        </strong>
        <p>{alert.message}</p>
        {unevaluated && alert.evaluated_at && (
          <p className="hint">Not evaluated since {format.clock(alert.evaluated_at)}: the server does not answer.</p>
        )}
        {!compact && <p className="hint">{alert.action}</p>}
      </div>
      <div className="alert-side">
        <span title={`since ${format.clock(alert.since)}`}>
          for {format.seconds(Math.max(0, asOf - Date.parse(alert.since)) / 1_000)}
        </span>
        <span className="alert-links">
          {!compact && (
            <a
              href={hrefOf('changed', {
                ...lasting(params),
                cluster: alert.cluster,
                at: undefined,
                alert: alert.fingerprint,
              })}
            >
              What changed<span className="unseen"> before {alert.title}</span>
            </a>
          )}
          <a href={hrefOf(alert.panel, { ...lasting(params), cluster: alert.cluster, db: alert.labels['db'] })}>
            Open<span className="unseen"> {alert.title}</span>
          </a>
        </span>
        {alert.acknowledged ? (
          <span title={format.clock(alert.acknowledged.at)}>
            acknowledged{alert.acknowledged.by ? ` by ${alert.acknowledged.by}` : ''}
          </span>
        ) : (
          !compact &&
          isNow && (
            <button type="button" onClick={acknowledge}>
              Acknowledge<span className="unseen"> {alert.title}</span>
            </button>
          )
        )}
        {said && <span role="status">{said}</span>}
        {!compact && isNow && !said && (
          <button type="button" onClick={silence}>
            Silence 1 h<span className="unseen"> {alert.title}</span>
          </button>
        )}
      </div>
    </li>
  );
}

/** How many alerts are open on other servers, with links. */
export function AlertsElsewhere() {
  const { params } = useRoute();
  const { moment } = useTime();
  const { data } = useApi('/targets', moment, 5_000);
  const others = (data?.targets ?? []).flatMap(({ cluster, open_alerts }) => {
    const open = Object.values(open_alerts).reduce((sum, count) => sum + count, 0);
    return cluster === params['cluster'] || open === 0 ? [] : [{ cluster, open }];
  });
  if (others.length === 0) return null;
  const [most, total] = [others.slice(0, 10), others.reduce((sum, { open }) => sum + open, 0)];
  return (
    <p className="elsewhere">
      {total} open {total === 1 ? 'alert' : 'alerts'} on other servers:{' '}
      {most.map(({ cluster, open }, i) => (
        <span key={cluster}>
          {i > 0 && ', '}
          <a href={hrefOf('alerts', { ...lasting(params), db: undefined, cluster })}>
            {cluster} ({open})
          </a>
        </span>
      ))}
      {others.length > most.length && ` and ${others.length - most.length} more`}
    </p>
  );
}
