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

/** A table as wide as the terminal; the last column takes what the others leave. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const columns = process.stdout.columns ?? 120;
  const widths = head.map(
    (title, i) => Math.min(44, Math.max(title.length, ...rows.map((row) => longestLine(row[i] ?? '')))) + 2,
  );
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width + 1, 2);
  const colWidths = [...widths.slice(0, -1), Math.max(24, columns - others - 1)];
  const table = new Table({
    head: [...head],
    colWidths,
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  printText(table.toString());
}

function longestLine(text: string): number {
  return Math.max(0, ...text.split('\n').map((line) => line.length));
}
