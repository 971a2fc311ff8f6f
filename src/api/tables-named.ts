/** Words of a text of SQL that may be names, as the catalog has them: quoted ones as they are, others in lower case. */
function namesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  // Comments, strings and dollar quotes first: a name in them is none.
  const tokens = text.matchAll(
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)/gu,
  );
  for (const [, , quoted, bare] of tokens) {
    if (quoted !== undefined) names.add(quoted.replaceAll('""', '"'));
    else if (bare !== undefined) names.add(bare.toLowerCase());
  }
  return names;
}

/** The last part of a qualified name that was made by `quote_ident`. */
function lastPart(relation: string): string {
  const [, quoted, bare = ''] = /(?:"((?:[^"]|"")+)"|([^."]+))$/.exec(relation) ?? [];
  return quoted?.replaceAll('""', '"') ?? bare;
}

/**
 * Tables whose names stand in the text of a statement. Not parsed: a column that is named as a table counts as the table, and
 * what views and functions read is not found.
 *
 * @param rows of `table_sizes`, each with its database
 */
export function tablesIn(
  text: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  databases: readonly string[],
): { db: string; relation: string; size_bytes: number | null }[] {
  const names = namesIn(text);
  return rows.flatMap(({ db, relation, size_bytes }) => {
    if (typeof db !== 'string' || typeof relation !== 'string' || !databases.includes(db)) return [];
    if (!names.has(lastPart(relation))) return [];
    return [{ db, relation, size_bytes: typeof size_bytes === 'number' ? size_bytes : null }];
  });
}
