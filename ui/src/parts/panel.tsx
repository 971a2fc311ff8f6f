import type { ReactNode } from 'react';
import { type Answer, type Meta, setToken } from '../api.ts';
import * as format from '../format.ts';
import { SqlUsed } from './sql-used.tsx';

interface PanelProps {
  readonly title: string;
  readonly hint?: string | undefined;
  /** Collectors whose statements made this panel. */
  readonly sql?: readonly string[];
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a view with its title, and the statements behind it. */
export function Panel({ title, hint, sql = [], actions, children }: PanelProps) {
  return (
    <section className="panel">
      <header className="panel-head">
        <div>
          <h2>{title}</h2>
          {hint && <p className="hint">{hint}</p>}
        </div>
        {actions && <div className="panel-actions">{actions}</div>}
      </header>
      {children}
      {sql.length > 0 && <SqlUsed collectors={sql} />}
    </section>
  );
}

/** An answer's states before there is data: loading, forbidden, failed. */
export function Loaded<T extends object>({
  answer,
  children,
}: {
  answer: Answer<T>;
  children: (data: T) => ReactNode;
}) {
  const { data, problem, reload } = answer;
  if (problem?.status === 401) return <LogIn detail="This pgmon requires a token." onDone={reload} />;
  if (problem?.status === 403)
    return <LogIn detail={`${problem.message} Log in with another token.`} onDone={reload} />;
  return (
    <>
      {problem && (
        <div className="note bad" role="alert">
          <strong>No new data.</strong> {problem.message}{' '}
          <button type="button" onClick={reload}>
            Try again
          </button>
        </div>
      )}
      {data ? (
        <>
          <Notes meta={data} />
          <Seen meta={data}>{children(data)}</Seen>
        </>
      ) : (
        !problem && <p className="waiting">Loading…</p>
      )}
    </>
  );
}

function isMeta(data: object): data is Meta {
  return 'notes' in data && 'stale' in data;
}

/** The data. Stale data is gray, so that nobody takes it for current; without data, nothing is shown. */
function Seen({ meta, children }: { meta: object; children: ReactNode }) {
  if (!isMeta(meta)) return children;
  if (meta.taken_at === null) return null;
  return meta.stale ? <div className="old-data">{children}</div> : children;
}

/** What an answer lacks, with the statement that would allow it, and whether it is stale. */
export function Notes({ meta }: { meta: object }) {
  if (!isMeta(meta)) return null;
  return (
    <>
      {meta.problem && (
        <div className="note bad" role="alert">
          <strong>The server does not answer.</strong> {meta.problem}.{' '}
          {meta.taken_at
            ? `Below is its last known state, from ${format.clock(meta.taken_at)} (${format.ago(meta.age_seconds)}).`
            : 'It has never answered.'}
        </div>
      )}
      {!meta.problem && meta.stale && meta.taken_at && (
        <div className="note warn">
          <strong>Stale data</strong> from {format.clock(meta.taken_at)} ({format.ago(meta.age_seconds)}).
        </div>
      )}
      {meta.taken_at === null && !meta.problem && <div className="note">No data yet: the first pass is running.</div>}
      {meta.notes.map(({ collector, database, reason, hint }) => (
        <div className="note warn" key={`${collector} ${database} ${reason}`}>
          <strong>
            {collector}
            {database ? ` in ${database}` : ''}:
          </strong>{' '}
          {reason}
          {hint && (
            <>
              {' '}
              <span className="remedy">
                To allow it: <code>{hint}</code>
              </span>
            </>
          )}
        </div>
      ))}
    </>
  );
}

function LogIn({ detail, onDone }: { detail: string; onDone: () => void }) {
  return (
    <form
      className="note"
      onSubmit={(event) => {
        event.preventDefault();
        const token = new FormData(event.currentTarget).get('token');
        if (typeof token === 'string' && token) {
          setToken(token.trim());
          onDone();
        }
      }}
    >
      <label>
        <strong>{detail}</strong> <input name="token" type="password" autoComplete="off" placeholder="Token" />
      </label>{' '}
      <button type="submit">Log in</button>
    </form>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}
