import { type Answers, useApi } from '../api.ts';
import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Loaded, Panel } from '../parts/panel.tsx';
import { useRoute } from '../route.ts';

type Node = Answers['/locks']['trees'][number];

/** Children shown at once; a queue of hundreds is one line until it is opened. */
const OPEN = 3;

/** Blocked sessions below the session that blocks them; a root waits for nobody. */
export function LocksView() {
  const { params } = useRoute();
  const answer = useApi('/locks', { cluster: params['cluster'] }, 5_000);
  return (
    <>
      <Panel
        title="Lock tree"
        hint="The root of each tree waits for nobody. End it, and every session below it continues."
        sql={['activity']}
      >
        <Loaded answer={answer}>
          {({ trees, blocked_total, more, notes }) =>
            trees.length === 0 && notes.length > 0 ? (
              <p className="empty">No visible session is waiting for a lock.</p>
            ) : trees.length === 0 ? (
              <p className="empty good">No session is waiting for a lock.</p>
            ) : (
              <>
                <p className="hint">
                  {format.count(blocked_total)} blocked {blocked_total === 1 ? 'session' : 'sessions'}
                  {more > 0 ? `, ${format.count(more)} of them not listed` : ''}
                </p>
                <ul className="tree">
                  {trees.map((node) => (
                    <Branch key={node.pid} node={node} root />
                  ))}
                </ul>
              </>
            )
          }
        </Loaded>
      </Panel>
      <div className="columns">
        <Panel title="Blocked sessions" sql={['activity']}>
          <Chart metric="pg_blocked_sessions_total" label="Blocked sessions" />
        </Panel>
        <Panel title="Longest wait" sql={['activity']}>
          <Chart metric="pg_longest_blocked_seconds" label="Longest wait" />
        </Panel>
      </div>
    </>
  );
}

function Branch({ node, root = false }: { node: Node; root?: boolean }) {
  const { pid, db, application, state, query, xact_age_seconds, wait_seconds, lock_mode, lock_relation } = node;
  return (
    <li>
      <div className={root ? 'session root' : 'session'}>
        <strong>
          {pid === 0 ? `prepared transaction ${node.prepared.map(({ gid }) => gid).join(', ')}` : `pid ${pid}`}
        </strong>
        {application && <span>{application}</span>}
        {db && <span>{db}</span>}
        {state && <span className="state">{state}</span>}
        {xact_age_seconds !== null && <span>in transaction for {format.seconds(xact_age_seconds)}</span>}
        {wait_seconds !== null && (
          <span className="waits">
            waiting {format.seconds(wait_seconds)} for {lock_mode ?? 'a lock'}
            {lock_relation ? ` on ${lock_relation}` : ''}
          </span>
        )}
        {node.also_waits_for.length > 0 && <span>also waiting for {node.also_waits_for.join(', ')}</span>}
        {node.blocked_total > 0 && <span className="waits">blocks {format.count(node.blocked_total)}</span>}
        {pid === 0 && (
          <span>
            without a session: end it with{' '}
            {node.prepared.length === 0 ? (
              <>
                <code>ROLLBACK PREPARED</code>, by its name in <code>pg_prepared_xacts</code>
              </>
            ) : (
              node.prepared.map(({ gid, db: place }) => (
                <code key={gid}>
                  ROLLBACK PREPARED '{gid.replaceAll("'", "''")}' (in {place})
                </code>
              ))
            )}
          </span>
        )}
        {query && <code className="query">{query}</code>}
      </div>
      <Children nodes={node.blocks} more={node.more} />
    </li>
  );
}

/** The first three, then the others folded, then those that are only counted. */
function Children({ nodes, more }: { nodes: readonly Node[]; more: number }) {
  if (nodes.length === 0 && more === 0) return null;
  const [open, folded] = [nodes.slice(0, OPEN), nodes.slice(OPEN)];
  return (
    <>
      <ul>
        {open.map((child) => (
          <Branch key={child.pid} node={child} />
        ))}
      </ul>
      {folded.length > 0 && (
        <details>
          <summary>{format.count(folded.length)} more</summary>
          <ul>
            {folded.map((child) => (
              <Branch key={child.pid} node={child} />
            ))}
          </ul>
        </details>
      )}
      {more > 0 && <p className="hint">and {format.count(more)} more below it, not listed</p>}
    </>
  );
}
