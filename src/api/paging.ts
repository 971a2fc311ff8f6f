import { z } from '@hono/zod-openapi';
import { problem } from './problem.ts';

/** How many of a list one answer has, at most. */
export function limitOf(usual: number) {
  const said = 'must be a whole number from 1 to 500';
  return z.coerce
    .number({ error: said })
    .int(said)
    .min(1, said)
    .max(500, said)
    .default(usual)
    .openapi({ type: 'integer' });
}

/** How a list is asked for. */
export const pageQuery = {
  limit: limitOf(50),
  sort: z
    .string()
    .regex(/^-?[a-z][a-z0-9_]*$/, 'must be a column, prefixed with - to sort in descending order')
    .optional()
    .openapi({ description: 'Column to sort by; prefix it with - for descending order.' }),
  cursor: z.string().min(1).max(200).optional().openapi({ description: 'next_cursor of the previous page.' }),
};

export const nextCursor = z.string().optional().openapi({ description: 'Cursor of the next page, if there is one.' });

interface Asked {
  readonly limit: number;
  readonly sort?: string | undefined;
  readonly cursor?: string | undefined;
}

const cursorSchema = z.strictObject({ from: z.number().int().min(0), sort: z.string().optional() });

/**
 * One page of rows. A cursor is of the sort that it was made with.
 *
 * @param columns what rows may be sorted by
 * @throws 400 for a cursor that is not ours, or another column
 */
export function pageOf<R extends object>(
  rows: readonly R[],
  asked: Asked,
  columns: readonly string[],
): { items: R[]; next_cursor?: string } {
  const cursor = asked.cursor === undefined ? undefined : parsed(asked.cursor);
  if (cursor && asked.sort !== undefined && cursor.sort !== asked.sort)
    throw problem(400, 'cursor: belongs to a list sorted in another way');
  const sort = asked.sort ?? cursor?.sort;
  if (sort !== undefined && !columns.includes(sort.replace(/^-/, '')))
    throw problem(400, `sort: must be one of ${columns.join(', ')}, prefixed with - to sort in descending order`);
  const sorted = sort === undefined ? rows : rows.toSorted(by(sort));
  const from = cursor?.from ?? 0;
  const end = from + asked.limit;
  const items = sorted.slice(from, end);
  if (end >= sorted.length) return { items };
  const next = Buffer.from(JSON.stringify({ from: end, sort })).toString('base64url');
  return { items, next_cursor: next };
}

function parsed(text: string): z.output<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw problem(400, 'cursor: must be next_cursor of the previous page');
  }
}

/** Numbers by size, texts alphabetically; missing values last, in either direction. */
function by(sort: string): (a: object, b: object) => number {
  const down = sort.startsWith('-');
  const column = down ? sort.slice(1) : sort;
  const cell = (row: object): unknown => Object.entries(row).find(([name]) => name === column)?.[1];
  return (a, b) => {
    const [left, right] = [cell(a), cell(b)];
    if (left === right) return 0;
    if (left === null || left === undefined) return 1;
    if (right === null || right === undefined) return -1;
    const order = left < right ? -1 : 1;
    return down ? -order : order;
  };
}
