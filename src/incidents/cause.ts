import type { Rule } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Labels } from '../metrics/sample.ts';
import type { Cause } from './incident.ts';

/** Rules about a server that does not answer: while one fires, whatever else does is part of it. */
const DOWN: ReadonlySet<string> = new Set(['server_down', 'cannot_log_in']);

export function isDownRule(rule: string): boolean {
  return DOWN.has(rule);
}

/** Rules about pgmon itself. */
const MONITOR: ReadonlySet<string> = new Set(['loop_late', 'target_without_data', 'collector_degraded']);

/** Labels that name an object, beside its database. */
const OBJECTS = ['relation', 'index', 'sequence', 'slot', 'replica', 'subscription', 'object'] as const;

/** What grouping needs to know of rules. */
export type Rules = ReadonlyMap<string, Pick<Rule, 'partOf' | 'action' | 'panel'>>;

/** What an alert is about: alerts that share a subject have one cause. */
export interface About {
  readonly cause: Cause;
  /** Of the session or the object that it is about; none where only its rule is known. */
  readonly subjects: readonly string[];
}

/**
 * What an alert is about.
 *
 * @param groupBy labels (`cluster` and `rule` among them) that group in place of causes, as people know it from Alertmanager
 */
export function aboutOf(transition: Transition, groupBy: readonly string[] | undefined): About {
  const { rule, labels, cluster } = transition;
  if (groupBy) {
    const values = groupBy.includes('...')
      ? [cluster, rule, ...Object.entries(labels).flat()]
      : groupBy.map((name) => (name === 'cluster' ? cluster : name === 'rule' ? rule : (labels[name] ?? '')));
    const key = JSON.stringify(values);
    return { cause: { kind: 'group', key }, subjects: [`group ${key}`] };
  }
  if (isDownRule(rule)) return { cause: { kind: 'server_down', key: cluster }, subjects: [] };
  if (MONITOR.has(rule)) return { cause: { kind: 'monitor', key: cluster }, subjects: ['monitor'] };
  const session = sessionOf(transition);
  if (session !== undefined) return { cause: { kind: 'session', key: session }, subjects: [`session ${session}`] };
  const object = objectOf(labels);
  if (object !== undefined) return { cause: { kind: 'object', key: object }, subjects: [`object ${object}`] };
  return { cause: { kind: 'rule', key: rule }, subjects: [] };
}

/** The session that causes it, by its pid; a prepared transaction has none, and goes by its name. */
export function sessionOf({ culprit: offender }: Transition): string | undefined {
  if (offender?.pid !== undefined) return String(offender.pid);
  return offender?.name?.startsWith('prepared ') ? offender.name : undefined;
}

/** The object that labels name, with its database; undefined where they name none. */
function objectOf(labels: Labels): string | undefined {
  const name = OBJECTS.find((one) => labels[one]);
  if (!name) return undefined;
  const database = labels['db'];
  // A table, its index and its sequence have names of one kind; those of slots and replicas are of the server.
  return `${database === undefined ? `${name} ` : `${database}/`}${labels[name]}`;
}

/** Whether the alerts of a rule say more of a session than those of another: blocking ⊃ idle in transaction ⊃ long transaction. */
export function isWider(rule: string, than: string, rules: Rules): boolean {
  return rules.get(than)?.partOf?.includes(rule) ?? false;
}

/** The cause, as a person reads it. */
export function causeText({ kind, key }: Cause): string {
  switch (kind) {
    case 'session':
      return /^\d+$/.test(key) ? `session ${key}` : key;
    case 'object':
      return key;
    case 'rule':
      return `rule ${key}`;
    case 'server_down':
      return `server ${key} is down`;
    case 'monitor':
      return 'pgmon itself';
    case 'group':
      return `group ${key}`;
  }
}
