import type { Severity } from '../alerts/rule.ts';
import { severityOf } from '../alerts/severities.ts';
import type { Alert } from '../alerts/state.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Labels } from '../metrics/sample.ts';
import { dataOf, type Reading, snapshotAt } from './reading.ts';

/** An alert that is open, now or at a moment. */
export interface OpenAlert {
  readonly fingerprint: string;
  readonly cluster: string;
  readonly rule: string;
  readonly state: 'pending' | 'firing';
  readonly severity: Severity;
  readonly labels: Labels;
  readonly value: number | undefined;
  readonly threshold: number | undefined;
  /** RFC 3339. */
  readonly since: string;
  /** When its rule was last evaluated on data, RFC 3339; undefined where that is not known. */
  readonly evaluatedAt: string | undefined;
  /** The first pass without its condition, RFC 3339: it is about to end. */
  readonly clearSince: string | undefined;
  /** When its value and message were so, RFC 3339; undefined where that is not known. */
  readonly valueAt: string | undefined;
  /** What is known of it now; of the past, what was said of it: the last time up to the moment, else the first time after. */
  readonly from: { readonly alert: Alert } | { readonly said: Transition };
}

/** Of a transition further back than this before the moment only the next one after it is read. */
const SAID_MS = 7 * 86_400_000;

/** Alerts that are open, or were at a moment. @param moment undefined for now */
export async function openAlerts(
  reading: Reading,
  clusters: readonly string[],
  moment: Date | undefined,
): Promise<OpenAlert[]> {
  const open = (await Promise.all(clusters.map((cluster) => openNow(reading, cluster)))).flat();
  return moment ? await openAt(reading, clusters, open, moment) : open;
}

/** How many alerts of a severity fire. */
export function countsOf(alerts: readonly OpenAlert[]): { critical: number; warning: number; info: number } {
  const firing = alerts.filter(({ state }) => state === 'firing');
  const count = (severity: Severity) => firing.filter((one) => one.severity === severity).length;
  return { critical: count('critical'), warning: count('warning'), info: count('info') };
}

async function openNow({ stores }: Reading, cluster: string): Promise<OpenAlert[]> {
  return Object.entries(await stores.alerts.all(cluster)).flatMap(([fingerprint, alert]): OpenAlert[] => {
    const firing = severityOf(alert.severities);
    const severity = firing ?? alert.severities.at(-1)?.severity;
    if (!severity) return [];
    const { rule, labels, value, threshold } = alert;
    return [
      {
        ...{ fingerprint, cluster, rule, labels, severity, value, threshold },
        state: firing ? 'firing' : 'pending',
        since: timeText(alert.since),
        evaluatedAt: timeText(alert.evaluatedAt),
        clearSince: alert.clearSince === undefined ? undefined : timeText(alert.clearSince),
        valueAt: alert.clearSince === undefined ? timeText(alert.evaluatedAt) : undefined,
        from: { alert },
      },
    ];
  });
}

/**
 * Those whose next change after the moment began before it, and those that are still open and have not changed since: the
 * history has every change, also those that nobody was notified of. One ends with the first pass without it, not when
 * that was sent.
 */
async function openAt(
  reading: Reading,
  clusters: readonly string[],
  open: readonly OpenAlert[],
  moment: Date,
): Promise<OpenAlert[]> {
  const { stores, now } = reading;
  const end = moment.toISOString();
  const isAsked = ({ cluster, kind }: Transition) => kind !== 'test' && clusters.includes(cluster);
  const later = (await stores.alertHistory.between(moment, now(), clusters)).filter(isAsked);
  const next = new Map(
    later.filter(({ at }) => at > end).map((transition) => [transition.fingerprint, transition]), // oldest last
  );
  const changed = [...next.values()].filter(({ since, until = '~' }) => since <= end && until > end);
  const unchanged = open.filter(({ fingerprint, since }) => since <= end && !next.has(fingerprint));
  if (changed.length + unchanged.length === 0) return [];
  const begins = [...changed, ...unchanged].map(({ since }) => Date.parse(since));
  const from = new Date(Math.max(Math.min(...begins), moment.getTime() - SAID_MS));
  const earlier = (await stores.alertHistory.between(from, moment, clusters)).filter(isAsked);
  const last = new Map(earlier.toReversed().map((transition) => [transition.fingerprint, transition]));
  const passes = new Map(
    await Promise.all(
      [...new Set([...changed, ...unchanged].map(({ cluster }) => cluster))].map(
        async (cluster) => [cluster, (await snapshotAt(reading, cluster, 'hot', moment)).snapshot] as const,
      ),
    ),
  );
  // What began after the last answer is of a rule that needs none: it is evaluated in every pass.
  const evaluatedAt = (cluster: string, since: string): string | undefined => {
    const pass = passes.get(cluster);
    const good = dataOf({ snapshot: pass })?.takenAt;
    return [good, pass?.takenAt].find((takenAt) => takenAt !== undefined && takenAt >= since);
  };
  return [
    ...changed.flatMap((transition): OpenAlert[] => {
      const { fingerprint, cluster, rule, kind, severity, previous, labels, since } = transition;
      const before = last.get(fingerprint)?.since === since ? last.get(fingerprint) : undefined;
      // It had ended, and somebody was notified of that only later.
      if (before?.kind === 'resolved') return [];
      const said = before ?? transition;
      return [
        {
          ...{ fingerprint, cluster, rule, labels, since },
          state: !before && kind === 'firing' ? 'pending' : 'firing',
          severity: before ? before.severity : (previous ?? severity),
          value: said.value,
          threshold: said.threshold,
          evaluatedAt: evaluatedAt(cluster, since),
          clearSince: undefined,
          // At its end its value is of some pass before.
          valueAt: said.kind === 'resolved' ? undefined : said.at,
          from: { said },
        },
      ];
    }),
    ...unchanged.map((alert): OpenAlert => {
      const said = last.get(alert.fingerprint);
      const clearSince = alert.clearSince !== undefined && alert.clearSince <= end ? alert.clearSince : undefined;
      const then = { ...alert, clearSince, evaluatedAt: evaluatedAt(alert.cluster, alert.since) };
      if (!said) return then;
      const { severity, value, threshold, at } = said;
      return { ...then, severity, value, threshold, valueAt: at, from: { said } };
    }),
  ];
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
