import type { Labels } from '../metrics/sample.ts';
import type { PreparedRule } from './prepare.ts';
import { SEVERITIES, type Severity } from './rule.ts';
import { severityOf } from './severities.ts';
import type { Alerts } from './state.ts';
import type { Offender } from './transition.ts';

type OffenderOf = (rule: PreparedRule, labels: Labels) => Offender | undefined;

/**
 * Why an alert is no news of its own: its session is the one that an alert of a rule in `partOf` is about, which fires at
 * least as severe and which receivers were notified of. Otherwise undefined.
 *
 * @param alerts of this pass, those of rules listed before this one
 */
export function coveredBy(
  rule: PreparedRule,
  labels: Labels,
  severity: Severity,
  rules: readonly PreparedRule[],
  alerts: Alerts,
  offenderOf: OffenderOf,
): string | undefined {
  if (!rule.partOf) return undefined;
  const pid = offenderOf(rule, labels)?.pid;
  if (pid === undefined) return undefined;
  const wider = rules.filter(({ id }) => rule.partOf?.includes(id));
  const covers = wider.find((one) =>
    Object.values(alerts).some((alert) => {
      const fires = severityOf(alert.severities);
      return (
        alert.rule === one.id &&
        alert.notified !== undefined &&
        fires !== undefined &&
        SEVERITIES.indexOf(fires) >= SEVERITIES.indexOf(severity) &&
        offenderOf(one, alert.labels)?.pid === pid
      );
    }),
  );
  return covers && `part of ${covers.id}, which is about the same session (pid ${pid})`;
}
