import { type ReactNode, useState } from 'react';
import { text } from '../format.ts';
import { Empty } from './panel.tsx';

interface Shown {
  readonly label: string;
  /** Numbers stand to the right. */
  readonly number?: true;
  /** Long texts go on in the next line. */
  readonly wrap?: true;
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

/** Rows that can be sorted by each column. Wide ones scroll by themselves, not the page. */
export function Table<R>({ label, columns, rows, empty, rowKey, sort: first }: TableProps<R>) {
  const [sort, setSort] = useState<string | undefined>(first);
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  const down = sort?.startsWith('-') ?? false;
  const sorted = columns.find(({ key }) => key === sort?.replace('-', ''));
  const ordered = sorted ? rows.toSorted((a, b) => compared(cellValue(sorted, a), cellValue(sorted, b), down)) : rows;
  const keyOf = rowKey ?? ((row: R) => JSON.stringify(row));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scroll" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ key, label: name, number, title }) => {
              const direction = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none';
              return (
                <th key={key} className={number && 'number'} aria-sort={direction} title={title}>
                  <button type="button" onClick={() => setSort(sort === `-${key}` ? key : `-${key}`)}>
                    {name}
                    <span aria-hidden="true">
                      {direction === 'none' ? '' : direction === 'ascending' ? ' ↑' : ' ↓'}
                    </span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => (
            <tr key={String(keyOf(row))}>
              {columns.map((column) => (
                <td key={column.key} className={column.number ? 'number' : column.wrap && 'wrap'}>
                  {cellOf(column, row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function cellValue<R>(column: Column<R>, row: R): unknown {
  return column.of ? column.of(row) : row[column.key as keyof R];
}

function cellOf<R>(column: Column<R>, row: R): ReactNode {
  const value = cellValue(column, row);
  // A column's format takes what its own key, or its own `of`, gives: which one it is, this union cannot say.
  const format = column.format as ((value: unknown, row: R) => ReactNode) | undefined;
  return format ? format(value, row) : text(value);
}

/** Numbers by size, texts alphabetically; missing values last, in either direction. */
function compared(left: unknown, right: unknown, down: boolean): number {
  if (left === right) return 0;
  if (left === null || left === undefined) return 1;
  if (right === null || right === undefined) return -1;
  const order = left < right ? -1 : 1;
  return down ? -order : order;
}
