/** Lines where a list will be, so that nothing jumps when it comes. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  return (
    <div className="waiting skeleton" role="status">
      <span className="unseen">Loading…</span>
      {Array.from({ length: rows }, (_, i) => i).map((i) => (
        <span key={i} className="bone" />
      ))}
    </div>
  );
}

/** The place of a chart. */
export function ChartSkeleton() {
  return (
    <div className="waiting skeleton chart" role="status">
      <span className="unseen">Loading…</span>
      <span className="bone block" />
    </div>
  );
}
