import type { Answers } from '../api.ts';
import { secondsAgo } from '../format.ts';
import { useNarrow } from '../parts/narrow.ts';
import { useNow } from '../parts/now.ts';
import { hrefOf, lasting, useRoute } from '../route.ts';

export type Target = Answers['/targets']['targets'][number];

interface State {
  readonly level: 'good' | 'warn' | 'bad';
  readonly text: string;
}

/** The worst that is known of a target. */
function stateOf({ at, up, stale, taken_at, open_alerts }: Target, unreachable: boolean): State {
  const { critical, warning } = open_alerts;
  if (unreachable) return { level: 'bad', text: 'pgmon does not answer' };
  if (at !== null && taken_at === null) return { level: 'warn', text: 'no data' };
  if (!up) return taken_at ? { level: 'bad', text: 'down' } : { level: 'bad', text: 'never seen' };
  if (critical > 0) return { level: 'bad', text: `${critical} critical` };
  if (warning > 0) return { level: 'warn', text: `${warning} ${warning === 1 ? 'warning' : 'warnings'}` };
  return stale ? { level: 'warn', text: 'late' } : { level: 'good', text: 'OK' };
}

/** The worst state of the target with the age of what is known of it, second by second. It leads to the alerts. */
export function TargetState({ target, unreachable }: { target: Target | undefined; unreachable: boolean }) {
  const { params } = useRoute();
  const now = useNow(1_000);
  const narrow = useNarrow();
  if (!target) return null;
  const { level, text } = stateOf(target, unreachable);
  const seconds = target.taken_at ? Math.max(0, Math.round((now - Date.parse(target.taken_at)) / 1_000)) : undefined;
  const live = seconds === undefined ? 'no data yet' : target.up ? `${seconds} s` : secondsAgo(seconds);
  const shown = target.at === null ? live : 'at that moment';
  const age = !narrow || (level === 'good' && target.at === null) ? shown : undefined;
  return <StateChip level={level} text={text} age={age} href={hrefOf('alerts', lasting(params))} />;
}

/** A state in a word, in its color, with the age of what is known. */
export function StateChip({ level, text, age, href }: State & { age?: string | undefined; href?: string }) {
  const inside = (
    <>
      <span className="dot" aria-hidden="true" />
      <strong>{text}</strong>
      {age && <span className="age-of">{age}</span>}
    </>
  );
  const name = `age ${level}`;
  if (!href) return <span className={name}>{inside}</span>;
  return (
    <a className={name} href={href} title="Worst state, and the age of the data">
      {inside}
    </a>
  );
}
