import { clock, secondsAgo } from '../format.ts';
import { useNow } from '../parts/now.ts';
import { instantOf, useTime } from '../time.ts';
import type { Target } from './target-state.tsx';

/** Over every view: what of the address cannot be shown, that it shows the past, or the last state of a server that does not answer. */
export function Banner({ target }: { target: Target }) {
  const { isNow, at, faults } = useTime();
  const moment = isNow ? undefined : instantOf(at);
  return (
    <>
      {faults.length > 0 && (
        <div className="note warn" role="alert">
          {faults.join(' ')}
        </div>
      )}
      {moment ? <Past moment={moment} /> : <Unanswered target={target} />}
    </>
  );
}

function Past({ moment }: { moment: Date }) {
  const { reset } = useTime();
  const now = useNow(10_000);
  return (
    <div className="note moment" role="status">
      <span>
        You are looking at <strong>{clock(moment)}</strong>, {secondsAgo(Math.max(0, now - moment.getTime()) / 1_000)}{' '}
        ago
      </span>
      <button type="button" onClick={reset}>
        Back to now
      </button>
    </div>
  );
}

function Unanswered({ target: { up, problem, taken_at, age_seconds } }: { target: Target }) {
  if (up || !problem) return null;
  return (
    <div className="note bad" role="alert">
      <strong>The server does not answer.</strong> {problem}.{' '}
      {taken_at
        ? `Below is its last known state, from ${clock(taken_at)} (${secondsAgo(age_seconds)} ago).`
        : 'It has never answered.'}
    </div>
  );
}
