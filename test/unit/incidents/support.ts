import type { Severity } from '../../../src/alerts/rule.ts';
import type { Offender, Transition } from '../../../src/alerts/transition.ts';
import { type Correlated, type CorrelateOptions, correlate } from '../../../src/incidents/correlate.ts';
import { rulesOf } from '../alerts/support.ts';

const RULES = new Map(rulesOf().map((rule) => [rule.id, rule]));
export const START = Date.parse('2026-03-02T10:00:00Z') / 1_000;

export interface Said {
  readonly rule: string;
  readonly kind?: Transition['kind'];
  readonly severity?: Severity;
  readonly labels?: Readonly<Record<string, string>>;
  readonly pid?: number;
  readonly suppressed?: string;
  readonly cluster?: string;
}

/** Incidents step by step; what is known of them goes through JSON between two steps, as through the table. */
export class Steps {
  incidents: Correlated['incidents'] = [];
  at = START;
  /** Kind, severity and rule of everything that was sent, in order. */
  readonly sent: string[] = [];
  readonly messages: Transition[] = [];
  readonly channels: (readonly string[])[] = [];
  readonly ended: string[] = [];
  last: Correlated | undefined;
  readonly options: Partial<CorrelateOptions>;

  constructor(options: Partial<CorrelateOptions> = {}) {
    this.options = options;
  }

  /** Moves the clock to so many seconds after the start, and takes these transitions. */
  step(seconds: number, said: readonly Said[] = [], options: Partial<CorrelateOptions> = {}): Correlated {
    this.at = START + seconds;
    const result = correlate(
      this.incidents,
      said.map((one) => this.transition(one)),
      {
        rules: RULES,
        groupSeconds: 300,
        waitSeconds: 0,
        intervalSeconds: 15,
        repeatSeconds: 3_600,
        paceOf: (rule) =>
          ({ hot: 15, workload: 60, storage: 600, hourly: 3_600, every: 15 })[RULES.get(rule)?.loop ?? 'hot'],
        channelsFor: (_, severity) => (severity === 'critical' ? ['chat', 'pager'] : ['chat']),
        acknowledged: new Map(),
        at: this.at,
        ...this.options,
        ...options,
      },
    );
    this.incidents = JSON.parse(JSON.stringify(result.incidents));
    for (const { announcement } of result.announcements) {
      const { kind, severity, rule } = announcement.transition;
      this.sent.push(`${kind} ${severity} ${rule}`);
      this.messages.push(announcement.transition);
      this.channels.push(announcement.channels);
    }
    this.ended.push(...result.ended.map(({ id }) => id));
    this.last = result;
    return result;
  }

  transition({
    rule,
    kind = 'firing',
    severity = 'warning',
    labels = {},
    pid,
    suppressed,
    cluster = 'shop',
  }: Said): Transition {
    const at = new Date(this.at * 1_000).toISOString();
    const fingerprint = `${cluster} ${rule} ${JSON.stringify(labels)}`;
    const offender: Offender | undefined = pid === undefined ? undefined : { pid };
    const known = this.incidents.flatMap(({ members }) => members[fingerprint] ?? []).at(-1);
    return {
      id: `${fingerprint} ${kind} ${at}`,
      ...{ fingerprint, kind, at, cluster, rule, severity, labels: { ...labels } },
      title: RULES.get(rule)?.title ?? rule,
      since: known ? new Date(known.since * 1_000).toISOString() : at,
      ...(kind === 'resolved' ? { until: at } : {}),
      message: `${rule} says`,
      action: 'Do something.',
      panel: 'alerts',
      ...(offender ? { culprit: offender } : {}),
      ...(suppressed ? { suppressed } : {}),
    };
  }
}
