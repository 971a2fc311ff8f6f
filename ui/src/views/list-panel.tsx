import { type ListAnswer, pathOf, type Row, useApi } from '../api.ts';
import { Loaded, Panel } from '../parts/panel.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { usePlace } from '../place.ts';

interface ListPanelProps {
  readonly title: string;
  readonly hint?: string;
  readonly path: string;
  readonly kind?: string;
  readonly collector: string;
  readonly columns: readonly Column[];
  readonly sort?: string;
  readonly empty: string;
  readonly rowKey?: (row: Row) => string;
}

/** A panel that is one list of the API. The database is a column where all are shown. */
export function ListPanel({ title, hint, path, kind, collector, columns, sort, empty, rowKey }: ListPanelProps) {
  const { params } = usePlace();
  const answer = useApi<ListAnswer>(pathOf(path, { cluster: params['cluster'], db: params['db'], kind, limit: 200 }));
  return (
    <Panel title={title} {...(hint ? { hint } : {})} sql={[collector]}>
      <Loaded answer={answer}>
        {({ items }) => {
          const named = columns.some(({ key }) => key === 'db') || params['db'] || !items.some((row) => 'db' in row);
          const all = named ? columns : [{ key: 'db', label: 'Database' }, ...columns];
          return (
            <Table
              label={title}
              columns={all}
              rows={items}
              empty={empty}
              {...(sort ? { sort } : {})}
              {...(rowKey ? { rowKey } : {})}
            />
          );
        }}
      </Loaded>
    </Panel>
  );
}
