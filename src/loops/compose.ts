import { effectiveRules } from '../alerts/effective.ts';
import type { PreparedRule } from '../alerts/prepare.ts';
import { catalogOf } from '../collectors/catalog.ts';
import { collectorsOf } from '../collectors/index.ts';
import { statements } from '../collectors/statements/statements.ts';
import { intervalsOf } from '../config/intervals.ts';
import type { Loop } from '../config/loop.ts';
import { LOOP_BUDGET_MS } from '../config/loop.ts';
import type { Config } from '../config/schema.ts';
import { eventKinds } from '../events/kinds/index.ts';
import type { Channel } from '../notify/channel.ts';
import { Delivery } from '../notify/delivery.ts';
import type { CredentialSource } from '../postgres/endpoint.ts';
import type { Inspections } from '../postgres/inspections.ts';
import { privilegeCheck } from '../postgres/privileges/check.ts';
import { Sessions } from '../postgres/sessions.ts';
import type { Stores } from '../store/stores.ts';
import { Alerting } from './alerting.ts';
import { ChangeLog } from './changes.ts';
import { Correlation } from './correlation.ts';
import { EventSink } from './event-sink.ts';
import type { Log } from './log.ts';
import { type LoopOptions, LoopRunner } from './loop.ts';
import { LoopStates } from './loop-states.ts';
import { endRetiredTargets } from './retired-targets.ts';
import { scheduleLagSamples } from './schedule-lag.ts';
import {
  activityRollupSink,
  activitySink,
  blockSink,
  historySink,
  latestSink,
  listSink,
  passSink,
  rollupSink,
  type Sink,
  statementMinutesSink,
  topSink,
} from './sinks.ts';
import { statementHourSink } from './statement-hour-sink.ts';
import { statementTextSink, TextRequests } from './statement-texts.ts';

export interface LoopParts {
  readonly credentials: CredentialSource;
  readonly stores: Stores;
  /** Where alerts go beside the log and the history. */
  readonly channels: readonly Channel[];
  readonly publish?: LoopOptions['publish'];
  readonly log: Log;
  readonly now: () => Date;
  /** Idle time after which a connection is not trusted; infinite where the process never freezes. */
  readonly idleLimitMs: number;
  /** Where it is said what changed: of one process in one place, so that a finding of all loops is said once. */
  readonly changes?: ChangeLog;
  /** What is known of the servers, where several loops share a process. */
  readonly inspections?: Inspections;
  /** What sends the alerts; one of the loop's own where several loops do not share one. */
  readonly delivery?: Delivery;
  /** How long a pass waits for its messages, milliseconds; 0: they are sent beside the passes, 5 s without a word. */
  readonly deliverMs?: () => number;
  /** Whether the loops run in processes of their own, which share the outbox. */
  readonly sharesOutbox?: boolean;
  /** From the start of one target's pass to that of the next; 0 without a word. */
  readonly staggerMs?: number;
}

/** Puts a loop together from the configuration and the parts that local form and Lambda bring. */
export function createLoop(loop: Loop, config: Config, parts: LoopParts): LoopRunner {
  const { timeouts, security } = config;
  const { stores, log, now } = parts;
  // The server's own timeout comes before the loop's budget ends, so that its answer says what happened.
  const statementTimeoutMs = Math.min(timeouts.statement_timeout_ms, Math.floor(LOOP_BUDGET_MS[loop] * 0.9));
  const catalog = catalogOf(collectorsOf(config));
  const collectors = collectorsOf(config).filter((collector) => collector.loop === loop);
  const sessions = new Sessions({
    applicationName: `pgmon/${loop}`,
    connectTimeoutMs: timeouts.connect_timeout_ms,
    statementTimeoutMs,
    lockTimeoutMs: Math.min(timeouts.lock_timeout_ms, Math.floor(statementTimeoutMs * 0.8)),
    credentials: parts.credentials,
    privileges: privilegeCheck(security),
    ...(parts.inspections ? { inspections: parts.inspections } : {}),
    idleLimitMs: parts.idleLimitMs,
  });
  const alerting = alertingOf(loop, config, parts);
  const states = new LoopStates(loop, collectors, stores.loopStates, log);
  const requests = new TextRequests();
  const texts = { sessions, requests, store: stores.statements, redactSql: security.redact_sql_text };
  const ofLoop: Readonly<Record<Loop, readonly Sink[]>> = {
    hot: [passSink(stores.past, stores.snapshots), blockSink(stores.series), activitySink(stores.activity)],
    workload: [
      listSink(stores.past, catalog),
      topSink('statements', statements, stores.top, ({ calls }) => (calls ?? 0) > 0),
      statementMinutesSink(stores.statementPeriods, stores.top),
      statementTextSink({ ...texts, deadlineMs: statementTimeoutMs + 1_000 }),
      statementHourSink({ states, periods: stores.statementPeriods, texts: stores.statements, requests }),
    ],
    storage: [listSink(stores.past, catalog)],
    hourly: [listSink(stores.past, catalog), rollupSink(stores.series), activityRollupSink(stores.activity)],
  };
  const intervalMs = intervalsOf(config).get(loop) ?? 0;
  return new LoopRunner({
    passes: {
      loop,
      collectors,
      sessions,
      limits: {
        topRelations: config.limits.top_relations,
        topIndexes: config.limits.top_indexes,
        topQueries: config.limits.top_queries,
      },
      redactSql: security.redact_sql_text,
      deadlineMs: Math.max(LOOP_BUDGET_MS[loop], 1_000) + timeouts.connect_timeout_ms,
      longestGapSeconds: Math.max((intervalMs / 1_000) * 10, 900),
      now,
    },
    catalog,
    staggerMs: parts.staggerMs ?? 0,
    states,
    ownSamples: async (cluster, at) => [
      ...alerting.samples(cluster),
      ...scheduleLagSamples(loop, await stores.snapshots.seen(cluster), intervalsOf(config), at),
    ],
    evaluate: (target, passes, at) => alerting.evaluate(target, passes, at),
    first: [new EventSink({ loop, kinds: eventKinds, events: stores.events, snapshots: stores.snapshots, log })],
    sinks: [latestSink(stores.snapshots), historySink(loop, stores.history, catalog), ...ofLoop[loop], alerting],
    publish: parts.publish,
    log,
    changes: parts.changes ?? new ChangeLog(log),
  });
}

/** A pass waits so long for its messages where nothing else is said. */
const DELIVER_MS = 5_000;

/** What sends the alerts of a configuration. */
export function deliveryOf(
  config: Config,
  { stores, channels, log, now }: Pick<LoopParts, 'stores' | 'channels' | 'log' | 'now'>,
): Delivery {
  const { rules } = effectiveRules(config.alerts, catalogOf(collectorsOf(config)));
  const units = new Map(rules.map(({ id, unit }) => [id, unit]));
  return new Delivery({
    channels,
    outbox: stores.outbox,
    history: stores.alertHistory,
    unitOf: (rule) => units.get(rule) ?? 'None',
    pageUrl: config.notifiers.page_url,
    log,
    now,
  });
}

/**
 * Ends the alerts of removed targets.
 *
 * @param clusters names of all targets that are
 * @returns which had any
 */
export async function endRetired(
  config: Config,
  clusters: readonly string[],
  stores: Stores,
  delivery: Delivery,
  now: Date,
): Promise<string[]> {
  const { rules } = effectiveRules(config.alerts, catalogOf(collectorsOf(config)));
  return await endRetiredTargets({ stores, delivery, rules, clusters }, now);
}

type AlertingParts = Pick<LoopParts, 'stores' | 'channels' | 'log' | 'now' | 'delivery' | 'deliverMs' | 'sharesOutbox'>;

/** The rules of a loop with everything that they need. */
export function alertingOf(loop: Loop, config: Config, parts: AlertingParts): Alerting {
  const { stores, log } = parts;
  const catalog = catalogOf(collectorsOf(config));
  const { rules } = effectiveRules(config.alerts, catalog);
  const delivery = parts.delivery ?? deliveryOf(config, parts);
  return new Alerting({
    loop,
    intervalMs: intervalsOf(config).get(loop) ?? 0,
    rules: rules.filter((rule) => rule.enabled && (rule.loop === loop || rule.loop === 'every')),
    catalog,
    alerts: stores.alerts,
    incidents: stores.incidents,
    outbox: stores.outbox,
    silences: stores.silences,
    acknowledgements: stores.acknowledgements,
    delivery,
    correlation: loop === 'hot' ? correlationOf(config, rules, stores, delivery) : undefined,
    deliverMs: parts.deliverMs ?? (() => DELIVER_MS),
    sharesOutbox: parts.sharesOutbox ?? false,
    maintenance: config.alerts.maintenance,
    repeatMs: config.alerts.repeat,
    showQueries: config.notifiers.show_queries,
    showUsers: config.notifiers.show_users,
    log,
  });
}

/** What puts the alerts of all loops together to incidents. */
function correlationOf(
  config: Config,
  rules: readonly PreparedRule[],
  stores: Stores,
  delivery: Delivery,
): Correlation {
  const intervals = intervalsOf(config);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const secondsOf = (loop: Loop) => (intervals.get(loop) ?? 0) / 1_000;
  return new Correlation({
    groupBy: config.notifiers.group_by,
    waitSeconds: (config.notifiers.group_wait ?? 0) / 1_000,
    groupSeconds: config.notifiers.group_interval / 1_000,
    intervalSeconds: secondsOf('hot'),
    repeatSeconds: config.alerts.repeat / 1_000,
    rules: byId,
    paceOf: (id) => {
      const loop = byId.get(id)?.loop ?? 'hot';
      return secondsOf(loop === 'every' ? 'hot' : loop);
    },
    incidents: stores.incidents,
    outbox: stores.outbox,
    alerts: stores.alerts,
    acknowledgements: stores.acknowledgements,
    delivery,
  });
}
