import type { RelationChange } from '../../collectors/relations/changes.ts';
import { relations } from '../../collectors/relations/relations.ts';
import type { EventDraft, EventSeverity } from '../event.ts';
import { comparable, defineEventKind, type EventKind } from '../kind.ts';

/** The collector has compared: its rows are what changed since it last read. */
function kindOf(
  spec: Pick<EventKind, 'name' | 'title' | 'many'> & {
    readonly severity?: EventSeverity;
    readonly isOf: (change: RelationChange) => boolean;
    readonly draft: (change: RelationChange) => Omit<EventDraft, 'db'>;
  },
): EventKind {
  const { isOf, draft, ...rest } = spec;
  return defineEventKind({
    ...rest,
    loop: 'storage',
    reads: [relations],
    compare: (comparison) =>
      comparable(comparison, relations).flatMap(({ db, after }) =>
        after.filter(isOf).map((change) => ({ db, ...draft(change) })),
      ),
  });
}

const of = (kind: 'index' | 'relation', what: RelationChange['change']) => (one: RelationChange) =>
  one.change === what && (one.kind === 'index') === (kind === 'index');

const onTable = ({ parent }: RelationChange) => (parent ? ` on ${parent}` : '');
const noun = ({ kind }: RelationChange) => `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;

export const relationCreated = kindOf({
  name: 'relation_created',
  title: 'Table or view created',
  many: (count) => `${count} tables or views were created`,
  isOf: of('relation', 'created'),
  draft: (one) => ({ object: one.relation, to: one.kind, text: `${noun(one)} ${one.relation} was created.` }),
});

export const relationDropped = kindOf({
  name: 'relation_dropped',
  title: 'Table or view dropped',
  severity: 'warning',
  many: (count) => `${count} tables or views were dropped`,
  isOf: of('relation', 'dropped'),
  draft: (one) => ({ object: one.relation, from: one.kind, text: `${noun(one)} ${one.relation} was dropped.` }),
});

/** Dropped and created again between two passes, or taken the place of by another of its name. */
export const relationReplaced = kindOf({
  name: 'relation_replaced',
  title: 'Table or view replaced',
  many: (count) => `${count} tables or views were replaced by others of their names`,
  isOf: of('relation', 'rebuilt'),
  draft: (one) => ({ object: one.relation, text: `${noun(one)} ${one.relation} was replaced by another of its name.` }),
});

export const relationRenamed = kindOf({
  name: 'relation_renamed',
  title: 'Table, view or index renamed',
  many: (count) => `${count} tables, views or indexes were renamed`,
  isOf: ({ change }) => change === 'renamed',
  draft: (one) => ({
    object: one.relation,
    from: one.was ?? undefined,
    to: one.relation,
    text: `${noun(one)} ${one.was} was renamed to ${one.relation}.`,
  }),
});

export const indexCreated = kindOf({
  name: 'index_created',
  title: 'Index created',
  many: (count) => `${count} indexes were created`,
  isOf: of('index', 'created'),
  draft: (one) => ({
    object: one.relation,
    to: one.parent ?? undefined,
    text: `Index ${one.relation}${onTable(one)} was created.`,
  }),
});

export const indexDropped = kindOf({
  name: 'index_dropped',
  title: 'Index dropped',
  severity: 'warning',
  many: (count) => `${count} indexes were dropped`,
  isOf: of('index', 'dropped'),
  draft: (one) => ({
    object: one.relation,
    from: one.parent ?? undefined,
    text: `Index ${one.relation}${onTable(one)} was dropped.`,
  }),
});

/** As REINDEX CONCURRENTLY does. */
export const indexRebuilt = kindOf({
  name: 'index_rebuilt',
  title: 'Index rebuilt',
  severity: 'info',
  many: (count) => `${count} indexes were rebuilt`,
  isOf: of('index', 'rebuilt'),
  draft: (one) => ({ object: one.relation, text: `Index ${one.relation}${onTable(one)} was rebuilt.` }),
});
