import { secondsText } from '../../alerts/format.ts';
import { defineEventKind } from '../kind.ts';

/** Clocks of two passes may differ by the rounding of a float. */
const SAME_SECONDS = 1;

/** The server was started again: by the start time of its postmaster. */
export const restart = defineEventKind({
  name: 'restart',
  loop: 'hot',
  title: 'Restart',
  severity: 'warning',
  compare: ({ previous, current }) => {
    const [before, after] = [previous.server?.startedAt, current.server?.startedAt];
    if (before === undefined || after === undefined || after - before < SAME_SECONDS) return [];
    const [from, to] = [timeText(before), timeText(after)];
    // It ran until some time after it was seen last, not until it was started again.
    const seen = Math.min(after, Date.parse(previous.takenAt) / 1_000);
    const ran = secondsText(Math.max(0, seen - before));
    return [{ at: to, from, to, text: `The server was restarted; it had run for ${ran} when it was last seen.` }];
  },
});

/** A standby became the primary, or the other way round. */
export const roleChanged = defineEventKind({
  name: 'role_changed',
  loop: 'hot',
  title: 'Failover',
  severity: 'warning',
  compare: ({ previous, current }) => {
    const [from, to] = [previous.server?.role, current.server?.role];
    if (!from || !to || from === to) return [];
    const text =
      to === 'primary' ? 'The standby was promoted: it is the primary now.' : 'The primary is a standby now.';
    return [{ from, to, text }];
  },
});

/** The server runs another version than before. */
export const versionChanged = defineEventKind({
  name: 'version_changed',
  loop: 'hot',
  title: 'Version changed',
  compare: ({ previous, current }) => {
    const [from, to] = [previous.server?.version, current.server?.version];
    if (!from || !to || from === to) return [];
    return [{ from, to, text: `PostgreSQL was changed from ${from} to ${to}.` }];
  },
});

/** The target did not answer a pass, after one that it answered. */
export const targetDown = defineEventKind({
  name: 'target_down',
  loop: 'hot',
  title: 'Target down',
  severity: 'warning',
  evenDown: true,
  compare: ({ last, current }) => {
    const { problem } = current;
    if (!last.up || current.up || !problem) return [];
    return [{ from: 'up', to: problem.kind, text: `The target does not answer: ${problem.message}.` }];
  },
});

/** It answers again. */
export const targetUp = defineEventKind({
  name: 'target_up',
  loop: 'hot',
  title: 'Target up again',
  compare: ({ last, previous, current }) => {
    const { problem } = last;
    if (last.up || !problem) return [];
    const away = previous.up ? (Date.parse(current.takenAt) - Date.parse(previous.takenAt)) / 1_000 : undefined;
    const since = away === undefined ? '' : `, ${secondsText(away)} after its last answer`;
    const text = `The target answers again${since}; before, ${problem.message}.`;
    return [{ since: last.takenAt, from: problem.kind, to: 'up', text }];
  },
});

/** Ordinary clients are refused from here on: all slots of max_connections that are theirs are in use. */
export const connectionLimitReached = defineEventKind({
  name: 'connection_limit_reached',
  loop: 'hot',
  title: 'Connection limit reached',
  severity: 'warning',
  metrics: ['pg_used_connection_slots', 'pg_max_connections', 'pg_reserved_connections'],
  compare: ({ previous, current }) => {
    const [before, after] = [slotsOf(previous), slotsOf(current)];
    if (!before || !after || before.used >= before.limit || after.used < after.limit) return [];
    return [
      {
        from: String(before.used),
        to: String(after.used),
        text: `All ${after.limit} connections for ordinary clients are in use; further ones are refused.`,
      },
    ];
  },
});

function slotsOf({ samples }: { readonly samples: readonly { metric: string; value: number }[] }) {
  const value = (metric: string) => samples.find((sample) => sample.metric === metric)?.value;
  const [used, most, reserved] = [
    value('pg_used_connection_slots'),
    value('pg_max_connections'),
    value('pg_reserved_connections'),
  ];
  if (used === undefined || most === undefined || reserved === undefined) return undefined;
  return { used, limit: most - reserved };
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
