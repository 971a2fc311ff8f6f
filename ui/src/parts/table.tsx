import './table.css';
import {
  createSortedRowModel,
  type Row,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, type ReactNode, useRef } from 'react';
import { text } from '../format.ts';
import { Empty } from './panel.tsx';

interface Shown {
  readonly label: string;
  /** Numbers stand to the right. */
  readonly number?: true;
  /** Long texts go on in the next line. */
  readonly wrap?: true;
  /** Names of objects: they are broken where they are too long, so that all columns are in sight. */
  readonly name?: true;
  /** A text that gets what the other columns leave, and is cut there. */
  readonly rest?: true;
  readonly title?: string;
}

/** A column of the row itself. */
interface OwnColumn<R, K extends keyof R> extends Shown {
  readonly key: K;
  readonly of?: undefined;
  readonly format?: (value: R[K], row: R) => ReactNode;
}

/** A column that the row does not have: made from it. */
interface MadeColumn<R> extends Shown {
  readonly key: string;
  readonly of: (row: R) => string | number | null | undefined;
  readonly format?: (value: string | number | null | undefined, row: R) => ReactNode;
}

/** A column of a table of these rows: a name that they do not have is a fault of types. */
export type Column<R> = { [K in keyof R & string]-?: OwnColumn<R, K> }[keyof R & string] | MadeColumn<R>;

/** A column to sort by; with - the largest first. */
export type Sort<R> = `${'' | '-'}${keyof R & string}`;

interface TableProps<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly empty: string;
  /** What tells rows apart. */
  readonly rowKey?: ((row: R) => unknown) | undefined;
  /** Sorted by this at first. */
  readonly sort?: Sort<R> | undefined;
}

/** More rows than that scroll within their table, and only those in sight are drawn. */
const WHOLE = 60;

/** A line of text with its padding, in pixels: what is not in sight is not measured. */
const ROW_HEIGHT = 34;

const FEATURES = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/** Rows that can be sorted by each column. Wide ones scroll by themselves, not the page; new data keeps the order chosen. */
export function Table<R extends object>(props: TableProps<R>) {
  return props.rows.length === 0 ? <Empty>{props.empty}</Empty> : <Sorted {...props} />;
}

function Sorted<R extends object>({ label, columns, rows, rowKey, sort }: TableProps<R>) {
  const scroller = useRef<HTMLElement>(null);
  const keyOf = rowKey ?? ((row: R) => JSON.stringify(row));
  const table = useTable({
    features: FEATURES,
    data: rows,
    columns: columns.map((column) => ({
      id: column.key,
      header: column.label,
      // Missing values come last, in either direction.
      accessorFn: (row: R) => cellValue(column, row) ?? undefined,
      sortUndefined: 'last' as const,
      sortFn: compared<R>,
      sortDescFirst: true,
    })),
    getRowId: (row) => String(keyOf(row)),
    initialState: { sorting: sortingOf(sort) },
    enableSortingRemoval: false,
    enableMultiSort: false,
  });
  const ordered = table.getRowModel().rows;
  const whole = ordered.length <= WHOLE;
  const virtual = useVirtualizer({
    count: ordered.length,
    enabled: !whole,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (i) => ordered[i]?.id ?? i,
    overscan: 12,
  });
  const seen = whole ? [] : virtual.getVirtualItems();
  const [above, below] = [seen[0]?.start ?? 0, virtual.getTotalSize() - (seen.at(-1)?.end ?? 0)];
  const drawn = whole ? ordered.map((row, i) => ({ row, i })) : seen.map(({ index: i }) => ({ row: ordered[i], i }));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={whole ? 'scroll' : 'scroll long'} tabIndex={0} aria-label={label} ref={scroller}>
      <table aria-rowcount={whole ? undefined : ordered.length + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={whole ? undefined : 1}>
              {group.headers.map(({ column }, i) => (
                <Heading
                  key={column.id}
                  shown={columns[i]}
                  direction={column.getIsSorted()}
                  onSort={() => column.toggleSorting()}
                />
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          <Space height={whole ? 0 : above} columns={columns.length} />
          {drawn.map(
            ({ row, i }) =>
              row && (
                <tr
                  key={row.id}
                  data-index={i}
                  ref={whole ? undefined : virtual.measureElement}
                  aria-rowindex={whole ? undefined : i + 2}
                >
                  {columns.map((column) => (
                    <td key={column.key} className={cellClass(column)}>
                      {cellOf(column, row.original)}
                    </td>
                  ))}
                </tr>
              ),
          )}
          <Space height={whole ? 0 : below} columns={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

function cellClass({ number, wrap, name, rest }: Shown): string | undefined {
  if (number) return 'number';
  if (wrap) return 'wrap';
  return name ? 'name' : rest && 'rest';
}

interface HeadingProps {
  readonly shown: Shown | undefined;
  readonly direction: false | 'asc' | 'desc';
  readonly onSort: () => void;
}

function Heading({ shown, direction, onSort }: HeadingProps) {
  const order = direction === 'asc' ? 'ascending' : direction === 'desc' ? 'descending' : 'none';
  return (
    <th className={shown?.number && 'number'} aria-sort={order} title={shown?.title}>
      <button type="button" onClick={onSort}>
        {shown?.label}
        <span aria-hidden="true">{order === 'none' ? '' : order === 'ascending' ? '\u00a0↑' : '\u00a0↓'}</span>
      </button>
    </th>
  );
}

/** The place of rows that are not drawn. */
function Space({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className="space">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

function sortingOf(sort: string | undefined): SortingState {
  return sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : [];
}

function cellValue<R>(column: Column<R>, row: R): unknown {
  return column.of ? column.of(row) : row[column.key as keyof R];
}

function cellOf<R>(column: Column<R>, row: R): ReactNode {
  const value = cellValue(column, row);
  // A column's format takes what its own key, or its own `of`, gives: which one it is, this union cannot say.
  const format = column.format as ((value: unknown, row: R) => ReactNode) | undefined;
  if (format) return format(value, row);
  return column.name ? <Name>{text(value)}</Name> : text(value);
}

/** The name of an object, which is broken after its dots and underscores first. */
function Name({ children }: { children: string }) {
  const parts = children.split(/(?<=[._])/);
  return parts.map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, which have no other name
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

/** Numbers by size, texts alphabetically. */
function compared<R extends object>(a: Row<typeof FEATURES, R>, b: Row<typeof FEATURES, R>, id: string): number {
  const [left, right] = [a.getValue<string | number>(id), b.getValue<string | number>(id)];
  return left === right ? 0 : left < right ? -1 : 1;
}
