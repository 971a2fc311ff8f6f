import type { SessionRow } from '../../src/collectors/activity/session-row.ts';

/** A session that is active and waits for nothing, but for what a test says of it. */
export function sessionRow(more: Partial<SessionRow>): SessionRow {
  return {
    kind: 'session',
    db: 'shop',
    backend_type: 'client backend',
    state: 'active',
    wait_event_type: '',
    wait_event: '',
    sessions: null,
    pid: null,
    user_name: null,
    application: 'web',
    query: null,
    xact_age_seconds: null,
    query_age_seconds: null,
    state_age_seconds: null,
    wait_seconds: null,
    lock_mode: null,
    lock_type: null,
    lock_relation: null,
    lock_oid: null,
    blocked_by: null,
    waiting: null,
    waits: null,
    wait_for: null,
    holders: null,
    ...more,
  };
}
