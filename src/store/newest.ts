import type { Attributes, Table } from './table.ts';

const PAGE = 100;

/** Items of several partitions as if they were one, the greatest sort key first; no more is read than is asked for. */
export async function* newestOf(table: Table, partitions: readonly string[], to: string): AsyncGenerator<Attributes> {
  const sources = await Promise.all(
    partitions.map(async (pk) => {
      const items = newestIn(table, pk, to);
      return { items, next: await items.next() };
    }),
  );
  for (;;) {
    const open = sources.filter(({ next }) => !next.done);
    const [newest] = open.toSorted((a, b) => (sortKey(a.next.value) < sortKey(b.next.value) ? 1 : -1));
    if (!newest || newest.next.done) return;
    yield newest.next.value;
    newest.next = await newest.items.next();
  }
}

async function* newestIn(table: Table, pk: string, to: string): AsyncGenerator<Attributes, undefined> {
  let [end, last] = [to, ''];
  for (;;) {
    const items = await table.query(pk, { to: end, newestFirst: true, limit: PAGE });
    // The range includes the item that the page before ended with.
    for (const item of items) if (sortKey(item) !== last) yield item;
    last = sortKey(items.at(-1));
    if (items.length < PAGE) return undefined;
    end = last;
  }
}

function sortKey(item: Attributes | undefined): string {
  return String(item?.['sk'] ?? '');
}
