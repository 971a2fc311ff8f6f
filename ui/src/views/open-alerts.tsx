import { ask, pathOf, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Loaded } from '../parts/panel.tsx';
import { hrefOf, lasting, usePlace } from '../place.ts';

export interface OpenAlert {
  readonly fingerprint: string;
  readonly cluster: string;
  readonly rule: string;
  readonly title: string;
  readonly state: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly labels: Readonly<Record<string, string>>;
  readonly since: string;
  readonly message: string;
  readonly action: string;
  readonly panel: string;
  readonly acknowledged: { readonly at: string; readonly by?: string } | null;
}

/** Alerts that fire now, the worst first. `compact`: nothing at all where there is none. */
export function OpenAlerts({ compact = false, severity }: { compact?: boolean; severity?: string }) {
  const { params } = usePlace();
  const answer = useApi<{ items: readonly OpenAlert[] }>(
    pathOf('/alerts', { cluster: params['cluster'], severity }),
    5_000,
  );
  return (
    <Loaded answer={answer}>
      {({ items }) => {
        const firing = items.filter(({ state }) => state === 'firing');
        if (firing.length === 0) return compact ? null : <p className="empty good">Nothing fires.</p>;
        return (
          <ul className="alerts">
            {firing.map((alert) => (
              <li key={alert.fingerprint} className={alert.severity}>
                <div>
                  <strong>
                    <span className="severity">{alert.severity}</span> {alert.title}
                  </strong>
                  <p>{alert.message}</p>
                  {!compact && <p className="hint">{alert.action}</p>}
                </div>
                <div className="alert-side">
                  <span title={format.clock(alert.since)}>
                    for {format.seconds((Date.now() - Date.parse(alert.since)) / 1_000)}
                  </span>
                  {alert.acknowledged ? (
                    <span title={format.clock(alert.acknowledged.at)}>acknowledged</span>
                  ) : (
                    !compact && (
                      <button
                        type="button"
                        onClick={() =>
                          void ask(`/alerts/${alert.fingerprint}/acknowledge`, { method: 'POST', body: {} }).finally(
                            answer.reload,
                          )
                        }
                      >
                        Acknowledge<span className="unseen"> {alert.title}</span>
                      </button>
                    )
                  )}
                  <a href={hrefOf(alert.panel, { ...lasting(params), cluster: alert.cluster, db: alert.labels['db'] })}>
                    Look<span className="unseen"> at {alert.title}</span>
                  </a>
                </div>
              </li>
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}
