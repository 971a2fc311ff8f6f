import { type Answers, useApi } from '../../api.ts';
import { useRoute } from '../../route.ts';
import { useTime } from '../../time.ts';
import type { Mark, Span } from './marks.tsx';
import { type Threshold, thresholdsOf } from './thresholds.ts';

type Event = Answers['/events']['items'][number];
type Transition = Answers['/alerts/history']['items'][number];
type Open = Answers['/alerts']['items'][number];
type Rule = Answers['/alerts/rules']['items'][number];

/** What happened to the target in the range of the page, as far as a chart of a metric shows it. */
interface Happened {
  readonly marks: readonly Mark[];
  readonly spans: readonly Span[];
  readonly thresholds: readonly Threshold[];
}

/** Asked once for all charts of the page. Rules do not change while pgmon runs. */
export function useHappened(metric: string): Happened {
  const { params } = useRoute();
  const { range } = useTime();
  const rules = useApi('/alerts/rules', {}, 3_600_000).data?.items ?? [];
  const events = useApi('/events', { cluster: params['cluster'], ...range, limit: 500 }).data?.items ?? [];
  const history = useApi('/alerts/history', { cluster: params['cluster'], ...range, limit: 500 }).data?.items ?? [];
  const open = useApi('/alerts', { cluster: params['cluster'], ...range }).data?.items ?? [];
  const about = new Map(rules.map((rule) => [rule.rule, rule]));
  return {
    marks: events.map(markOf),
    spans: [...spansOf(history), ...openBefore(open, history)].filter(({ rule }) => concerns(about.get(rule), metric)),
    thresholds: thresholdsOf(rules, metric),
  };
}

const BEGINS: ReadonlySet<string> = new Set(['firing', 'escalated']);

/** Rules about the target as a whole concern every metric. */
function concerns(rule: Rule | undefined, metric: string): boolean {
  return rule !== undefined && (rule.about_target || rule.metrics.includes(metric));
}

function markOf({ id, at, kind, severity, text, link }: Event): Mark {
  return { id, at: Date.parse(at) / 1_000, kind, severity, text, href: link };
}

/** A time during which an alert of a rule was open. */
type RuleSpan = Span & { readonly rule: string };

/** Alerts that were open at the end of the range, and began before it. */
function openBefore(open: readonly Open[], history: readonly Transition[]): RuleSpan[] {
  const known = new Set(history.map(({ fingerprint }) => fingerprint));
  return open
    .filter(({ state, fingerprint }) => state === 'firing' && !known.has(fingerprint))
    .map(({ fingerprint, rule, severity, title, message, since }) => ({
      id: fingerprint,
      rule,
      from: Date.parse(since) / 1_000,
      to: undefined,
      severity,
      text: `${title}: ${message}`,
    }));
}

/** Spans from the changes of alerts, newest first: what is not resolved among them is open until the end. */
export function spansOf(transitions: readonly Transition[]): RuleSpan[] {
  const alerts = Map.groupBy(transitions, ({ fingerprint, since }) => `${fingerprint} ${since}`);
  return [...alerts].flatMap(([id, changes]) => {
    const begin = changes.findLast(({ kind }) => BEGINS.has(kind));
    const end = changes.find(({ kind }) => kind === 'resolved');
    const [latest] = changes;
    if (!latest || !(begin ?? end)) return [];
    const worst = changes.some(({ severity }) => severity === 'critical') ? 'critical' : latest.severity;
    return [
      {
        id,
        rule: latest.rule,
        from: Date.parse(begin?.at ?? latest.since) / 1_000,
        to: end && Date.parse(end.until ?? end.at) / 1_000,
        severity: worst,
        text: `${latest.title}: ${latest.message}`,
      },
    ];
  });
}
