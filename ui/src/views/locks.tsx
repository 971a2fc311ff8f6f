import './locks.css';
import type { ReactNode } from 'react';
import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { CopyBox } from '../parts/copy-box.tsx';
import { useNarrow } from '../parts/narrow.ts';
import { Loaded, Panel } from '../parts/panel.tsx';
import { Stepper } from '../parts/stepper.tsx';
import { hrefOf, lasting, useRoute } from '../route.ts';
import { useTime } from '../time.ts';

type Locks = Answers['/locks'];
type Node = Locks['trees'][number];
type Ending = NonNullable<Node['ending']>;

/** Children shown at once; a queue of hundreds is one line until it is opened. */
const OPEN = 3;

/** Blocked sessions below the session that blocks them, now or at a moment; a root waits for nobody. */
export function LocksView() {
  const { params } = useRoute();
  const time = useTime();
  const narrow = useNarrow();
  const cluster = params['cluster'];
  const answer = useApi('/locks', { cluster, db: params['db'], ...time.moment }, 5_000);
  // Who blocks whom is what one comes for: on a narrow page nothing is above it.
  const tree = (
    <Panel
      title="Lock tree"
      hint="Each session stands below the first one that it waits for. The root of a tree waits for nobody: end it, and those below it go on."
      sql={['activity', 'prepared_blockers']}
      actions={<Moments takenAt={answer.data?.taken_at ?? undefined} />}
    >
      <Loaded answer={answer}>
        {(locks) => (
          <>
            {/* Of all databases: of one of them it is not known. */}
            {locks.taken_at && locks.trees.length > 0 && !params['db'] && <Around takenAt={locks.taken_at} />}
            <Trees locks={locks} db={params['db']} />
          </>
        )}
      </Loaded>
    </Panel>
  );
  return (
    <>
      {narrow && tree}
      <div className="columns">
        <Panel
          title="Blocked sessions"
          hint="The most of each step. Click a point to see who waited for whom."
          sql={['activity']}
        >
          <Chart metric="pg_blocked_sessions_total" label="Blocked sessions" peak onMoment={time.setMoment} />
        </Panel>
        <Panel title="Longest wait" sql={['activity']}>
          <Chart metric="pg_longest_blocked_seconds" label="Longest wait" peak onMoment={time.setMoment} />
        </Panel>
      </div>
      {!narrow && tree}
    </>
  );
}

/** Steps from one pass with waiters to another, of the shown range. */
function Moments({ takenAt }: { takenAt: string | undefined }) {
  const { params } = useRoute();
  const time = useTime();
  const { data } = useApi('/locks/moments', { cluster: params['cluster'], ...time.range }, 15_000);
  if (!data) return null;
  const current = takenAt ? Date.parse(takenAt) : Date.now();
  const at = ({ at }: { at: string }) => Date.parse(at);
  const previous = data.moments.findLast((one) => at(one) < current);
  const next = data.moments.find((one) => at(one) > current);
  const place = data.moments.findIndex((one) => at(one) === current);
  return (
    <Stepper
      what="pass with waiters"
      onPrevious={previous && (() => time.setMoment(previous.at))}
      onNext={next && (() => time.setMoment(next.at))}
    >
      {data.moments.length === 0
        ? 'no waiters in this range'
        : `${place >= 0 ? `${place + 1} of ` : ''}${format.count(data.moments.length)} ${data.moments.length === 1 ? 'pass' : 'passes'} with waiters`}
    </Stepper>
  );
}

/** Since when and until when somebody waited around the shown pass, and the way to what changed before. */
function Around({ takenAt }: { takenAt: string }) {
  const { params } = useRoute();
  const time = useTime();
  const { data } = useApi('/locks/moments', { cluster: params['cluster'], ...time.range }, 15_000);
  const run = data?.runs.find(({ from, to }) => from <= takenAt && takenAt <= to);
  if (!run) return null;
  const passes = `${format.count(run.passes)} ${run.passes === 1 ? 'pass' : 'passes'}`;
  return (
    <p className="around">
      Sessions waited in every pass from <strong>{format.exactClock(new Date(run.from))}</strong> on, at most{' '}
      {format.count(run.most)} at once ({passes}
      {run.over_at === null ? ' so far). ' : '). '}
      {run.over_at !== null && (
        <>
          It was over by <strong>{format.exactClock(new Date(run.over_at))}</strong>.{' '}
        </>
      )}
      <a href={hrefOf('changed', { ...lasting(params), from: undefined, to: undefined, at: run.from })}>
        What changed before
      </a>
    </p>
  );
}

function Trees({ locks, db }: { locks: Locks; db: string | undefined }) {
  const { trees, blocked_total, more, notes, at, stale, taken_at } = locks;
  const isNow = at === null && !stale;
  if (trees.length === 0) {
    const session = `${notes.length > 0 ? 'visible ' : ''}session${db ? ` of database ${db}` : ''}`;
    const isGood = session === 'session';
    if (isNow) return <p className={`empty ${isGood ? 'good' : ''}`}>No {session} is waiting for a lock.</p>;
    return (
      <p className="empty">
        No {session} was waiting for a lock{taken_at ? ` at ${format.clock(taken_at)}` : ''}.
      </p>
    );
  }
  return (
    <>
      <p className="hint">
        {format.count(blocked_total)} blocked {blocked_total === 1 ? 'session' : 'sessions'}
        {more > 0 ? `, ${format.count(more)} of them not listed` : ''}
        {!isNow && taken_at ? ` at ${format.clock(taken_at)}` : ''}
      </p>
      <ul className="tree">
        {trees.map((node) => (
          <Branch key={node.pid} node={node} isNow={isNow} />
        ))}
      </ul>
    </>
  );
}

function Branch({ node, isNow }: { node: Node; isNow: boolean }) {
  const { pid, ending } = node;
  return (
    <li>
      <div className={ending ? 'session root' : 'session'}>
        <p className="who">
          <strong>{nameOf(node)}</strong>
          {whoOf(node).map((part) => (
            <span key={part}>{part}</span>
          ))}
          {node.blocked_total > 0 && <span className="waits">blocks {format.count(node.blocked_total)}</span>}
        </p>
        <p className="doing">
          {sentences(node).map((part) => (
            <span key={part}>{part}</span>
          ))}
        </p>
        {node.query && (
          <p className="statement">
            {ending && pid !== 0 && <span>{node.query_is_last ? 'Last statement' : isNow ? 'Runs' : 'Ran'}</span>}
            <code className="query">{node.query}</code>
          </p>
        )}
        {ending && <End node={node} ending={ending} isNow={isNow} />}
      </div>
      <Children nodes={node.blocks} more={node.more} isNow={isNow} />
    </li>
  );
}

function nameOf({ pid, prepared }: Node): string {
  if (pid !== 0) return `pid ${pid}`;
  const gids = prepared.map(({ gid }) => gid).join(', ');
  return `prepared ${prepared.length > 1 ? 'transactions' : 'transaction'} ${gids}`.trim();
}

function whoOf({ backend_type, application, user_name, client_addr, db }: Node): string[] {
  const kind = backend_type === null || backend_type === 'client backend' ? null : backend_type;
  return [kind, application, user_name && `user ${user_name}`, client_addr && `from ${client_addr}`, db].flatMap(
    (part) => part || [],
  );
}

/** What a lock is of, by its type, where the server gives no name of a relation. */
const OBJECTS: Readonly<Record<string, string>> = {
  transactionid: 'another transaction to end',
  virtualxid: 'another transaction to end',
  tuple: 'its turn at a row',
  advisory: 'an advisory lock',
  extend: 'the extension of a relation',
  page: 'a page',
  object: 'an object of the catalog',
  userlock: 'a user lock',
};

/** `another transaction to end (ShareLock)`, `AccessExclusiveLock on public.orders`. */
function lockText({ lock_type, lock_mode, lock_relation }: Node): string {
  const mode = lock_mode ?? 'a lock';
  const object = lock_type === null ? undefined : OBJECTS[lock_type];
  if (lock_relation && (object === undefined || lock_type === 'relation')) return `${mode} on ${lock_relation}`;
  return object ? `${object}${lock_relation ? ` of ${lock_relation}` : ''} (${mode})` : mode;
}

/** What it does, for how long, and for what it waits; of a root since when, too. */
function sentences(node: Node): string[] {
  const { pid, state, state_since, xact_start, xact_age_seconds, wait_seconds, also_waits_for, ending } = node;
  const age = format.seconds(xact_age_seconds);
  const found: string[] = [];
  if (wait_seconds !== null) found.push(`waiting ${format.seconds(wait_seconds)} for ${lockText(node)}`);
  if (also_waits_for.length > 0) found.push(`also waits for ${also_waits_for.join(', ')}`);
  if (!ending) return xact_start ? [...found, `in transaction for ${age}`] : found;
  if (state && wait_seconds === null) found.push(state_since ? `${state} since ${format.clock(state_since)}` : state);
  if (xact_start) found.push(`${pid === 0 ? 'prepared' : 'in transaction'} since ${format.clock(xact_start)} (${age})`);
  return found;
}

const WHAT: Readonly<Record<Ending['statements'][number]['what'], string>> = {
  cancel: 'Cancel its statement',
  terminate: 'End its session',
  rollback: 'Roll it back',
};

const NOW: Readonly<Record<NonNullable<Ending['now']>, ReactNode>> = {
  'same transaction': (
    <>
      <strong>It is still in this transaction now:</strong> the statements below would end it.
    </>
  ),
  'transaction over': (
    <>
      <strong>That transaction is over.</strong> These statements would have ended it; now they may hit another one.
    </>
  ),
  unknown: (
    <>
      <strong>Whether it is still open is unknown.</strong> These statements would have ended it.
    </>
  ),
};

/** What ends a root, what that frees and what it undoes. */
function End({ node, ending, isNow }: { node: Node; ending: Ending; isNow: boolean }) {
  const { statements, frees, now } = ending;
  const { blocked_total, xact_age_seconds, pid, prepared } = node;
  const rest = blocked_total - frees;
  const frees_text =
    rest > 0
      ? `${format.count(frees)} of ${format.count(blocked_total)} sessions continue, one after the other; ${format.count(rest)} also ${rest === 1 ? 'waits' : 'wait'} for another root.`
      : `${format.count(frees)} ${frees === 1 ? 'session continues' : 'sessions continue, one after the other'}.`;
  return (
    <div className="ending">
      {now ? <p>{NOW[now]}</p> : <p>{isNow ? 'To end it:' : 'As of its last known state, this ends it:'}</p>}
      {statements.map(({ sql, what, db }) => (
        <div key={sql} className="remedy">
          <span>
            {WHAT[what]}
            {db ? ` (in database ${db})` : ''}
          </span>
          <CopyBox text={sql} label={`${WHAT[what]}, ${nameOf(node)}`} />
        </div>
      ))}
      {pid === 0 && prepared.length === 0 && (
        <p>
          Its name is in <code>pg_prepared_xacts</code>; <code>ROLLBACK PREPARED</code> ends it, in its database.
        </p>
      )}
      <p className="hint">
        {frees_text}
        {xact_age_seconds === null ? '' : ` Its transaction, ${format.seconds(xact_age_seconds)} old, is rolled back.`}
      </p>
    </div>
  );
}

/** The first three, then the others folded, then those that are only counted. */
function Children({ nodes, more, isNow }: { nodes: readonly Node[]; more: number; isNow: boolean }) {
  if (nodes.length === 0 && more === 0) return null;
  const [open, folded] = [nodes.slice(0, OPEN), nodes.slice(OPEN)];
  return (
    <>
      <ul>
        {open.map((child) => (
          <Branch key={child.pid} node={child} isNow={isNow} />
        ))}
      </ul>
      {folded.length > 0 && (
        <details>
          <summary>{format.count(folded.length)} more</summary>
          <ul>
            {folded.map((child) => (
              <Branch key={child.pid} node={child} isNow={isNow} />
            ))}
          </ul>
        </details>
      )}
      {more > 0 && <p className="hint">and {format.count(more)} more below it, not listed</p>}
    </>
  );
}
