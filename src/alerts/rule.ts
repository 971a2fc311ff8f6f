import type { Loop } from '../config/loop.ts';
import type { Unit } from '../metrics/metric.ts';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Comparison = '>' | '<' | '==' | '>=' | '<=' | '!=';

/** Who causes it, looked for in the rows of the snapshot: see `offender.ts`. */
export type OffenderKind = 'blocker' | 'transaction' | 'idle transaction' | 'query' | 'xmin holder';

/** A part of a message that has a value of its own, and is absent where that has none. */
export interface Figure {
  /** PromQL over metrics of the rule's loop; the sample with the alert's labels, or the only one that has none. */
  readonly expression: string;
  /** With `{{value}}`, or without where that there is one says enough. */
  readonly text: string;
  readonly unit: Unit;
  /** What stands in its place where it has no value; nothing by default. */
  readonly otherwise?: string;
}

/**
 * A rule: everything about it is data, so that the engine, the runbook, the list of the command line and rules for
 * Prometheus come from the same place.
 */
export interface Rule {
  readonly id: string;
  readonly title: string;
  /** PromQL over the samples of one loop; its value is compared with the thresholds, one alert for each series. */
  readonly expression: string;
  readonly comparison: Comparison;
  /** From which value on it is how severe; where it has several, the most severe that holds. */
  readonly thresholds: Readonly<Partial<Record<Severity, number>>>;
  /**
   * Instead of fixed thresholds: so many robust standard deviations above what is usual for the series, and above
   * `atLeast` in any case, since of nothing everything is a surge.
   */
  readonly baseline?: { readonly sigmas: number; readonly atLeast: number; readonly severity: Severity };
  /** Seconds that it has to hold before it fires. */
  readonly forSeconds: number;
  /** Unit of the value, for people. `ratio`: 0 to 1, shown as a percentage. */
  readonly unit: Unit | 'ratio';
  /**
   * What is wrong, with `{{value}}`, `{{threshold}}` and any label in double braces. The place, the time and the offender
   * are added where it is shown.
   */
  readonly message: string;
  /**
   * The same in a few words, for the subject of a message, after the name of the server: `{{for}}` is how long it has been
   * so, `{{by}}` by whom (` by nightly-report`) and `{{who}}` who it is. Without `{{for}}` it says nothing of its duration.
   */
  readonly headline: string;
  /** The value is the age of the condition itself, in seconds: it began so long before it was first seen. */
  readonly valueIsAge?: true;
  /** A statement that ends it, with the alert's labels in it (`remedy.ts`), where no offender is to be ended. */
  readonly remedy?: {
    readonly sql: string;
    readonly effect: string;
    /** It has to be run in the database of the alert. */
    readonly inDatabase?: true;
  };
  /** What else the message names, by its name in double braces: a second number, or a fact about the object. */
  readonly figures?: Readonly<Record<string, Figure>>;
  /** What to do first, in one sentence; the runbook page has the rest. */
  readonly action: string;
  /** View of the page that shows more. */
  readonly panel: Panel;
  readonly offender?: OffenderKind;
  /** Rules, listed before this one, that say more of the same session: the incident of all of them is known by theirs. */
  readonly partOf?: readonly string[];
  readonly enabled: boolean;
  /** Rules about the target as a whole: they are evaluated while it is down, when all others have no data. */
  readonly aboutTarget?: true;
  /** Evaluated, too, while the server refuses pgmon for this reason (`kind` of pgmon_target_down): what it is about. */
  readonly whileRefusedAs?: string;
}

export type Panel =
  | 'overview'
  | 'activity'
  | 'locks'
  | 'queries'
  | 'autovacuum'
  | 'storage'
  | 'partitions'
  | 'replication'
  | 'wraparound'
  | 'agent';

/** A rule that is ready to run: parsed, with its loop and the labels that tell its alerts apart. */
export interface ReadyRule extends Rule {
  /** `every`: about what each loop says of itself. */
  readonly loop: Loop | 'every';
  /** Where each value comes from that is not the catalog's own. */
  readonly origin: 'catalog' | 'overridden' | 'custom';
}
