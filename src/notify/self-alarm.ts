import * as z from 'zod';
import type { Transition } from '../alerts/transition.ts';

/** What CloudWatch publishes when one of the alarms on pgmon itself changes. */
const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  NewStateReason: z.string(),
  StateChangeTime: z.string(),
});

/** An alarm of CloudWatch as a transition, so that every channel hears of it as of any alert; undefined where it is none. */
export function transitionOfAlarm(message: unknown): Transition | undefined {
  const parsed = alarmSchema.safeParse(message);
  if (!parsed.success) return undefined;
  const { AlarmName, AlarmDescription, NewStateValue, NewStateReason, StateChangeTime } = parsed.data;
  const at = new Date(StateChangeTime).toISOString();
  return {
    id: `${AlarmName} ${at}`,
    fingerprint: `alarm ${AlarmName}`,
    kind: NewStateValue === 'OK' ? 'resolved' : 'firing',
    at,
    cluster: 'pgmon',
    rule: 'pgmon_itself',
    title: AlarmName,
    severity: 'critical',
    labels: {},
    since: at,
    message: (AlarmDescription || NewStateReason).replace(/\.$/, ''),
    action: 'Open the runbook page of the alarm.',
    panel: 'agent',
  };
}
