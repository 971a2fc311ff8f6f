/** A small line without axes: how something went, next to its number. */
export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(...values, Number.MIN_VALUE);
  const points = values.map(
    (value, i) => `${(i / Math.max(1, values.length - 1)) * 96 + 2},${22 - (value / most) * 20}`,
  );
  return (
    <svg className="spark" viewBox="0 0 100 24" role="img" aria-label={label} preserveAspectRatio="none">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
