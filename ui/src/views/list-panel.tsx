import { type ListRows, useApi } from '../api.ts';
import { Loaded, Panel } from '../parts/panel.tsx';
import { type Column, type Sort, Table } from '../parts/table.tsx';
import { useRoute } from '../route.ts';
import { useTime } from '../time.ts';

interface ListPanelProps<R> {
  readonly title: string;
  readonly hint?: string;
  readonly columns: readonly Column<R>[];
  readonly sort?: Sort<R>;
  readonly empty: string;
  /** What tells rows of one database apart; without it, all of their values. */
  readonly rowKey?: (row: R) => unknown;
}

/** A panel that is one list of the API, by path and kind: its columns are those of its rows. The database is one where all are shown. */
export function ListPanel<P extends keyof ListRows, K extends keyof ListRows[P] & string>({
  path,
  kind,
  title,
  hint,
  columns,
  sort,
  empty,
  rowKey,
}: { readonly path: P; readonly kind: K } & ListPanelProps<ListRows[P][K]>) {
  const { params } = useRoute();
  const time = useTime();
  const answer = useApi(path, { cluster: params['cluster'], db: params['db'], kind, limit: 200, ...time.params });
  return (
    <Panel title={title} hint={hint} sql={answer.data ? [answer.data.collector] : []}>
      <Loaded answer={answer}>
        {(data) => {
          // The rows of the kind that was asked for.
          const items = data.items as readonly ListRows[P][K][];
          const named = columns.some(({ key }) => key === 'db') || params['db'] || !items.some(dbOf);
          return (
            <Table<ListRows[P][K]>
              label={title}
              columns={named ? columns : [{ key: 'db', of: dbOf, label: 'Database' }, ...columns]}
              rows={items}
              empty={empty}
              sort={sort}
              rowKey={rowKey && ((row) => `${dbOf(row) ?? ''} ${rowKey(row)}`)}
            />
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** The database of a row, where its list is read in each. */
function dbOf(row: object): string | undefined {
  return 'db' in row && typeof row.db === 'string' ? row.db : undefined;
}
