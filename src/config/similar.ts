/** Changes of one character that make one text of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}

/** ` (did you mean …?)` with the nearest of the names, where one is near: within a third of its letters. */
export function didYouMean(text: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, away: distance(text.slice(0, 200), name) }))
    .filter(({ name, away }) => away <= Math.max(2, name.length / 3))
    .sort((a, b) => a.away - b.away);
  return nearest ? ` (did you mean ${nearest.name}?)` : '';
}
