import { html } from 'hono/html';
import { activity } from '../collectors/activity/activity.ts';
import { type LockNode, lockTree } from '../collectors/activity/locks.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { Health } from './health.ts';

type Html = ReturnType<typeof html>;

/** Overview and locks of every target, as one page without a script that renews itself. */
export function overviewPage(
  clusters: readonly string[],
  snapshots: readonly Snapshot[],
  health: Health,
  now: Date,
): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>pgmon</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>pgmon</h1><p class="${health.ok ? 'good' : 'bad'}">${health.ok ? 'All targets answer' : health.reasons.join(' · ')}</p></header>
<main>${clusters.map((cluster) =>
    targetSection(
      cluster,
      snapshots.find((s) => s.cluster === cluster && s.loop === 'hot'),
      now,
    ),
  )}</main>
</body>
</html>`;
}

function targetSection(cluster: string, snapshot: Snapshot | undefined, now: Date): Html {
  if (!snapshot) return html`<section><h2>${cluster}</h2><p>Waiting for the first pass.</p></section>`;
  const age = Math.max(0, Math.round((now.getTime() - Date.parse(snapshot.takenAt)) / 1_000));
  if (snapshot.problem) {
    return html`<section><h2>${cluster}</h2><p class="bad">${snapshot.problem.message}</p><p>${snapshot.problem.hint}</p></section>`;
  }
  const roots = lockTree(activity.rowsOf(snapshot.rows['activity']));
  return html`<section>
<h2>${cluster} <small>PostgreSQL ${snapshot.server?.version} · ${snapshot.server?.role} · ${age} s ago</small></h2>
<dl>${figures(snapshot).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<h3>Locks</h3>
${roots.length === 0 ? html`<p>Nobody waits for a lock.</p>` : html`<ul class="tree">${roots.map(lockItem)}</ul>`}
</section>`;
}

function figures(snapshot: Snapshot): [string, string][] {
  const of = (metric: string) => snapshot.samples.filter((sample) => sample.metric === metric);
  const sum = (metric: string) => of(metric).reduce((total, { value }) => total + value, 0);
  const clients = of('pg_connections').filter(({ labels }) => labels['backend_type'] === 'client backend');
  const spilled = snapshot.rates
    .filter(({ metric }) => metric === 'pg_temp_bytes_total')
    .reduce((total, { value }) => total + value, 0);
  const usable = sum('pg_max_connections') - sum('pg_reserved_connections');
  return [
    ['Connections', `${clients.reduce((total, { value }) => total + value, 0)} of ${usable}`],
    ['Active sessions', String(sum('pg_active_sessions'))],
    ['Blocked sessions', String(sum('pg_blocked_sessions_total'))],
    ['Oldest transaction', seconds(sum('pg_longest_transaction_seconds'))],
    ['Idle in transaction', seconds(sum('pg_longest_idle_in_transaction_seconds'))],
    ['Autovacuum workers', String(sum('pg_autovacuum_jobs'))],
    ['Temporary files', `${bytes(spilled)}/s`],
    ['Canary', `${(sum('pg_canary_seconds') * 1_000).toFixed(1)} ms`],
  ];
}

function lockItem(node: LockNode): Html {
  const { session } = node;
  const parts = [session?.state, session?.application, session?.db, session ? waitText(session) : ''].filter(Boolean);
  return html`<li><b>${node.pid === 0 ? 'Prepared transaction' : node.pid}</b> ${parts.join(' · ')}
${session?.query ? html`<code>${session.query}</code>` : ''}
${node.blocks.length > 0 ? html`<ul>${node.blocks.map(lockItem)}</ul>` : ''}</li>`;
}

function waitText({ wait_seconds, lock_type, lock_mode, lock_relation }: NonNullable<LockNode['session']>): string {
  if (wait_seconds === null) return '';
  const relation = lock_relation
    ? ` of ${/^\d+$/.test(lock_relation) ? `relation ${lock_relation}` : lock_relation}`
    : '';
  const object =
    lock_type === 'transactionid'
      ? "another transaction's row"
      : lock_type === 'tuple'
        ? `a row${relation}`
        : `${lock_mode ?? 'a lock'}${relation}`;
  return `waits ${seconds(wait_seconds)} for ${object}`;
}

function seconds(value: number): string {
  if (value < 60) return `${value.toFixed(1)} s`;
  return value < 3_600
    ? `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`
    : `${(value / 3_600).toFixed(1)} h`;
}

function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{margin:0 auto;max-width:64rem;padding:1rem}
header{display:flex;gap:1rem;align-items:baseline;flex-wrap:wrap}h1{margin:0}small{font-weight:400;font-size:.8em;opacity:.75}
.good{color:light-dark(#11632f,#7ee2a0)}.bad{color:light-dark(#a3130f,#ff9d98)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.75rem}dl div{border:1px solid #8886;border-radius:.5rem;padding:.5rem .75rem}
dt{font-size:.85rem;opacity:.8}dd{margin:0;font-size:1.35rem;font-variant-numeric:tabular-nums}
.tree,.tree ul{list-style:none;padding-left:1rem;border-left:2px solid #8886}code{display:block;overflow-wrap:anywhere;font-size:.85rem;opacity:.85}`;
