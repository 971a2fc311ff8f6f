import Table from 'cli-table3';

/** Results go to stdout, everything else to stderr, so that `--json` gives one document and nothing more. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printMessage(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A table as wide as the terminal, its last column wrapped into what the others leave; never wrapped in a pipe. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const natural = head.map((title, i) => Math.max(title.length, ...rows.map((row) => longestLine(row[i] ?? ''))) + 2);
  const others = natural.slice(0, -1).reduce((sum, width) => sum + width + 1, 2);
  const room = process.stdout.columns ? Math.max(40, process.stdout.columns - others - 1) : Number.POSITIVE_INFINITY;
  const colWidths = [...natural.slice(0, -1), Math.min(natural.at(-1) ?? 0, room)];
  const table = new Table({ head: [...head], colWidths, wordWrap: true, style: { head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  printText(table.toString());
}

function longestLine(text: string): number {
  return Math.max(0, ...text.split('\n').map((line) => line.length));
}
