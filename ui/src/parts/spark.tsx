/**
 * A small line without axes: how something went, next to its number. What was not measured is a gap, and a value between two gaps
 * a dot.
 */
export function Spark({ values, label }: { values: readonly (number | null)[]; label: string }) {
  const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const x = (i: number) => (i / Math.max(1, values.length - 1)) * 96 + 2;
  const y = (value: number) => 22 - (value / most) * 20;
  const runs: (readonly [number, number])[][] = [];
  values.forEach((value, i) => {
    if (value === null) return;
    if (i === 0 || values[i - 1] === null) runs.push([]);
    runs.at(-1)?.push([x(i), y(value)]);
  });
  return (
    <svg className="spark" viewBox="0 0 100 24" role="img" aria-label={label} preserveAspectRatio="none">
      {runs.map(([first, ...more]) =>
        first && more.length === 0 ? (
          <circle key={first[0]} cx={first[0]} cy={first[1]} r="2" />
        ) : (
          <polyline key={first?.[0]} points={[first, ...more].map((point) => point?.join(',')).join(' ')} />
        ),
      )}
    </svg>
  );
}
