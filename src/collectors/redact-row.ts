import type { Columns } from './columns.ts';
import { redactSql } from './redact.ts';

/** A row whose texts of statements hold no literals any more. */
export function redactRow<R extends Readonly<Record<string, unknown>>>(columns: Columns, row: R): R {
  const clean = Object.entries(columns).flatMap(([name, column]) => {
    const text = row[name];
    return column.kind === 'state' && column.isSql && typeof text === 'string' ? [[name, redactSql(text)]] : [];
  });
  return clean.length === 0 ? row : { ...row, ...Object.fromEntries(clean) };
}
