import { html } from 'hono/html';
import { secondsText } from '../alerts/format.ts';
import { locksAnswer, type TreeNode } from '../api/lock-routes.ts';
import { endOf, gidsText } from '../collectors/activity/prepared.ts';
import { taken } from './parts.ts';
import type { Html, Widget } from './widget.ts';

/** Who blocks whom, down to the root. */
export const lockTree: Widget = {
  title: 'Lock tree',
  collectors: ['activity'],
  body: async (ask, cluster) => {
    const found = await ask(`/api/v1/locks?cluster=${encodeURIComponent(cluster)}`, locksAnswer);
    const none =
      found.notes.length > 0 ? 'No visible session is waiting for a lock.' : 'No session is waiting for a lock.';
    if (found.trees.length === 0) return html`${taken(found)}<p class="quiet">${none}</p>`;
    return html`${taken(found)}<p><strong>${found.blocked_total} blocked</strong>${found.more > 0 ? `, ${found.more} not listed` : ''}</p>
<div class="tree">${branches(found.trees)}</div>`;
  },
};

/** Children of one session that are shown; a widget has no room for a queue. */
const SHOWN = 3;

function branches(nodes: readonly TreeNode[]): Html {
  return html`<ul>${nodes.slice(0, SHOWN).map(
    (
      one,
    ) => html`<li><strong>${one.pid === 0 ? `prepared transaction ${gidsText(one.prepared)}` : `pid ${one.pid}`}</strong> ${facts(one)}${one.prepared.length > 0 ? html`<br>${endOf(one.prepared)}` : ''}
${one.query ? html`<br><code>${one.query.replace(/\s+/g, ' ').slice(0, 160)}</code>` : ''}
${one.blocks.length > 0 ? branches(one.blocks) : ''}</li>`,
  )}${nodes.length > SHOWN ? html`<li>and ${nodes.length - SHOWN} more</li>` : ''}</ul>`;
}

function facts({
  state,
  application,
  user_name,
  db,
  wait_seconds,
  xact_age_seconds,
  lock_relation,
  blocked_total,
  also_waits_for,
}: TreeNode): string {
  return [
    state,
    xact_age_seconds === null ? undefined : `transaction ${secondsText(xact_age_seconds)}`,
    wait_seconds === null
      ? undefined
      : `waits ${secondsText(wait_seconds)}${lock_relation ? ` for ${lock_relation}` : ''}`,
    also_waits_for.length > 0 ? `also waiting for ${also_waits_for.join(', ')}` : undefined,
    blocked_total > 0 ? `blocks ${blocked_total}` : undefined,
    application ? `application ${application}` : undefined,
    user_name ? `user ${user_name}` : undefined,
    db ? `database ${db}` : undefined,
  ]
    .filter((fact) => fact !== undefined && fact !== null)
    .join(' · ');
}
