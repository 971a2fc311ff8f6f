import { type Answer, type Answers, queries } from '../api.ts';
import { Icon } from '../parts/icon.tsx';
import { useNarrow } from '../parts/narrow.ts';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { refresh } from '../settings.ts';
import { Display } from './display.tsx';
import { type Target, TargetState } from './target-state.tsx';
import { TimeControl } from './time-control.tsx';

interface HeadProps {
  readonly answer: Answer<Answers['/targets']>;
  readonly target: Target | undefined;
  /** The target as of the moment that the page shows. */
  readonly state: Target | undefined;
}

/** One line: what is looked at, how it is, and the time that the page shows. */
export function Head({ answer, target, state }: HeadProps) {
  const { params, go } = useRoute();
  const narrow = useNarrow();
  return (
    <header className="head">
      <a className="brand" href={hrefOf('overview', lasting(params))} aria-label="pgmon">
        <img src="/icon.svg" alt="" width="26" height="26" /> {!narrow && 'pgmon'}
      </a>
      <select
        className="target"
        aria-label="Target"
        value={target?.cluster ?? ''}
        onChange={(event) => go({ cluster: event.target.value, db: undefined })}
      >
        {(answer.data?.targets ?? []).map((one) => (
          <option key={one.cluster} value={one.cluster}>
            {one.cluster}
            {one.cluster === target?.cluster ? '' : worstOf(one)}
          </option>
        ))}
      </select>
      <TargetState target={state} unreachable={answer.problem !== undefined} />
      {!narrow && <Databases target={target} />}
      <div className="head-side">
        <TimeControl />
        {!narrow && <PauseSwitch />}
        <Display>
          {narrow && (
            <>
              <Databases target={target} />
              <PauseSwitch />
            </>
          )}
        </Display>
      </div>
    </header>
  );
}

/** What is wrong with another target, beside its name: the worst of it. */
function worstOf({ up, open_alerts: { critical, warning } }: Target): string {
  if (!up) return ' (down)';
  if (critical > 0) return ` (${critical} critical)`;
  return warning > 0 ? ` (${warning} ${warning === 1 ? 'warning' : 'warnings'})` : '';
}

function Databases({ target }: { target: Target | undefined }) {
  const { params, go } = useRoute();
  return (
    <select
      aria-label="Database"
      value={params['db'] ?? ''}
      onChange={(event) => go({ db: event.target.value || undefined })}
    >
      <option value="">All databases</option>
      {(target?.databases ?? []).map((db) => (
        <option key={db}>{db}</option>
      ))}
    </select>
  );
}

/** Holds the page still while somebody reads, and asks for everything again when it continues. */
function PauseSwitch() {
  const paused = refresh.use() === 'paused';
  const change = () => {
    refresh.set(paused ? 'on' : 'paused');
    if (paused) void queries.invalidateQueries();
  };
  return (
    <button type="button" className={paused ? 'icon-text active' : 'icon-text'} aria-pressed={paused} onClick={change}>
      <Icon name={paused ? 'play' : 'pause'} />
      {paused ? 'Paused' : <span className="unseen">Pause the refresh</span>}
    </button>
  );
}
