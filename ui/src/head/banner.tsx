import { clock, secondsAgo } from '../format.ts';
import { useNow } from '../parts/now.ts';
import { instantOf, useTime } from '../time.ts';
import type { Target } from './target-state.tsx';

/** Over every view: that it shows the past, or the last state of a server that does not answer. */
export function Banner({ target }: { target: Target }) {
  const { isNow, at, reset } = useTime();
  const now = useNow(10_000);
  const moment = instantOf(at);
  if (!isNow && moment) {
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
  if (target.up || !target.problem) return null;
  const { problem, taken_at, age_seconds } = target;
  return (
    <div className="note bad" role="alert">
      <strong>The server does not answer.</strong> {problem}.{' '}
      {taken_at
        ? `Below is its last known state, from ${clock(taken_at)} (${secondsAgo(age_seconds)} ago).`
        : 'It has never answered.'}
    </div>
  );
}
