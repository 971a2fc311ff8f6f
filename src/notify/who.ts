import { secondsText } from '../alerts/format.ts';
import type { Offender } from '../alerts/transition.ts';
import { shownLabel } from '../metrics/sample.ts';

/** Who causes it, in one line: `pid 13751, nightly-report, idle in transaction for 2 min, database orders, table accounts`. */
export function whoText(offender: Offender): string {
  const { pid, name, state, seconds, application, backend_type, user, db, relation } = offender;
  const parts = [
    name ?? (pid === undefined ? undefined : `pid ${pid}`),
    application ?? backend_type,
    user ? `user ${user}` : undefined,
    state ? `${state}${seconds === undefined ? '' : ` for ${secondsText(seconds)}`}` : undefined,
    transactionText(offender),
    db ? `database ${db}` : undefined,
    relation ? `table ${relation}` : undefined,
  ];
  return shownLabel(parts.filter((part) => part !== undefined).join(', '));
}

/** Of a session whose state is younger than its transaction. */
function transactionText({ seconds, transaction_seconds: age }: Offender): string | undefined {
  if (age === undefined || seconds === undefined || secondsText(age) === secondsText(seconds)) return undefined;
  return `in its transaction for ${secondsText(age)}`;
}
