import type { ReactNode } from 'react';
import type { Answer, Meta } from '../api.ts';
import * as format from '../format.ts';
import { isRefused, signIn } from '../token.ts';
import { Boundary } from './boundary.tsx';
import { Skeleton } from './skeleton.tsx';
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
        <div className="panel-actions">
          {actions}
          {sql.length > 0 && <SqlUsed title={title} collectors={sql} />}
        </div>
      </header>
      <Boundary what={title}>{children}</Boundary>
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
  const { data, problem, pending, reload } = answer;
  if (problem?.status === 401)
    return (
      <LogIn
        detail={isRefused() ? 'That token is unknown, revoked or expired.' : 'This pgmon requires a token.'}
        onDone={reload}
      />
    );
  if (problem?.status === 403)
    return <LogIn detail={`${problem.message} Log in with another token.`} onDone={reload} />;
  return (
    <>
      {problem && (
        <div className="note bad" role="alert">
          <strong>{data ? 'No new data.' : 'No data.'}</strong> {problem.message}{' '}
          <button type="button" onClick={reload}>
            Try again
          </button>
        </div>
      )}
      {data ? (
        <div className="loaded" data-pending={pending || undefined}>
          <Notes meta={data} />
          <Seen meta={data}>{children(data)}</Seen>
        </div>
      ) : (
        !problem && <Skeleton />
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
  // The same element either way: what was sorted or opened in it stays so.
  return <div className={meta.stale ? 'old-data' : undefined}>{children}</div>;
}

/** What an answer lacks, with the statement that would allow it, and of when it is. */
export function Notes({ meta }: { meta: object }) {
  if (!isMeta(meta)) return null;
  return (
    <>
      <AsOf meta={meta} />
      {[...Map.groupBy(meta.notes, ({ collector, hint }) => `${collector} ${hint ?? ''}`)].map(([key, notes]) => (
        <div className="note warn" key={key}>
          {notes.map(({ collector, database, reason }) => (
            <p key={`${database} ${reason}`}>
              <strong>
                {collector}
                {database ? ` in ${database}` : ''}:
              </strong>{' '}
              {reason}.
            </p>
          ))}
          {notes[0]?.hint && <Remedy>{notes[0].hint}</Remedy>}
        </div>
      ))}
    </>
  );
}

/** What would allow something: a statement, or what to do. */
export function Remedy({ children }: { children: ReactNode }) {
  return (
    <p className="remedy">
      To allow it: <code>{children}</code>
    </p>
  );
}

/** Seconds that a list may be older than the moment asked for without a word. */
const LITTLE = 90;

/** The age of what is shown, where it is not what it is taken for: of a server that does not answer, late, or kept by the hour. */
function AsOf({ meta: { at, taken_at, age_seconds, stale, since, problem } }: { meta: Meta }) {
  if (taken_at === null) {
    if (at === null) return problem ? null : <p className="empty">No data yet: the first pass is running.</p>;
    return <NothingKept since={since} />;
  }
  const when = `${format.clock(taken_at)}, ${format.secondsAgo(age_seconds)}`;
  if (stale) {
    return (
      <p className="as-of stale">
        <strong>{problem ? 'Last known state' : 'Stale data'}</strong> of {when}{' '}
        {at === null ? 'ago' : 'before that moment'}
        {problem && at !== null && ': the server did not answer'}
      </p>
    );
  }
  if (at === null || (age_seconds ?? 0) < LITTLE) return null;
  return <p className="as-of">Collected {when} before that moment</p>;
}

/** A moment before the data. */
export function NothingKept({ since }: { since: string | undefined }) {
  return (
    <p className="empty">
      {since
        ? `Nothing is kept of that time: this data begins ${format.clock(since)}.`
        : 'Nothing is kept of that time.'}
    </p>
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
          signIn(token.trim());
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
