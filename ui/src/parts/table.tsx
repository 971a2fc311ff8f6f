import { type ReactNode, useState } from 'react';
import type { Row } from '../api.ts';
import { text } from '../format.ts';
import { Empty } from './panel.tsx';

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly format?: (value: unknown, row: Row) => ReactNode;
  /** Numbers stand to the right. */
  readonly number?: true;
  /** Long texts go on in the next line. */
  readonly wrap?: true;
  readonly title?: string;
}

interface TableProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly empty: string;
  readonly rowKey?: (row: Row) => string;
  /** Sorted by this at first; with - the largest first. */
  readonly sort?: string;
}

/** Rows that can be sorted by each column. Wide ones scroll by themselves, not the page. */
export function Table({ label, columns, rows, empty, rowKey, sort: first }: TableProps) {
  const [sort, setSort] = useState(first);
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  const sorted = sort ? rows.toSorted(by(sort)) : rows;
  const keyOf = rowKey ?? ((row: Row) => JSON.stringify(row));
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
          {sorted.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ key, format, number, wrap }) => (
                <td key={key} className={number ? 'number' : wrap && 'wrap'}>
                  {format ? format(row[key], row) : text(row[key])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function by(sort: string): (a: Row, b: Row) => number {
  const down = sort.startsWith('-');
  const key = down ? sort.slice(1) : sort;
  return (a, b) => {
    const [left, right] = [a[key], b[key]];
    if (left === right) return 0;
    if (left === null || left === undefined) return 1;
    if (right === null || right === undefined) return -1;
    const order = left < right ? -1 : 1;
    return down ? -order : order;
  };
}
