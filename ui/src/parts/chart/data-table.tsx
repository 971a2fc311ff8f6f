import { clock, unitText } from '../../format.ts';
import { Copy } from '../copy.tsx';
import { Sheet } from '../sheet.tsx';
import type { Line } from './series.ts';

interface DataTableProps {
  readonly label: string;
  readonly unit: string;
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

/** The values behind a chart, the latest first, to read and to copy. Steps without a value are left out. */
export function DataTable(props: DataTableProps) {
  return (
    <Sheet label={`${props.label} as a table`} icon="table" title={props.label}>
      {() => <Rows {...props} />}
    </Sheet>
  );
}

function Rows({ label, unit, times, lines }: DataTableProps) {
  const rows = times
    .map((time, i) => ({ time, values: lines.map(({ values }) => values[i] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .reverse();
  const tabbed = () =>
    [
      ['time', ...lines.map(({ name }) => name)],
      ...rows.map(({ time, values }) => [
        new Date(time * 1_000).toISOString(),
        ...values.map((value) => (value === null ? '' : String(value))),
      ]),
    ]
      .map((row) => row.join('\t'))
      .join('\n');
  return (
    <>
      <p className="hint">
        {rows.length} steps, in {unit}. A copy has the exact numbers, separated by tabs.{' '}
        <Copy text={tabbed} what={label} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-label={label}>
        <table>
          <thead>
            <tr>
              <th>Time</th>
              {lines.map(({ name }) => (
                <th key={name} className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ time, values }) => (
              <tr key={time}>
                <td>{clock(new Date(time * 1_000))}</td>
                {lines.map(({ name }, i) => (
                  <td key={name} className="number">
                    {unitText(values[i] ?? Number.NaN, unit)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
