import { useState } from 'react';
import { useApi } from '../api.ts';

/** The statements of a panel, collapsed: the very files that are sent. */
export function SqlUsed({ collectors }: { collectors: readonly string[] }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="sql" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>SQL used</summary>
      {open && collectors.map((collector) => <Statements key={collector} collector={collector} />)}
    </details>
  );
}

function Statements({ collector }: { collector: string }) {
  const { data } = useApi('/sql', { collector }, 3_600_000);
  if (!data) return <p className="waiting">Loading…</p>;
  return data.items.map(({ file, from_version, sql }) => (
    <figure key={file}>
      <figcaption>
        <code>{file}</code> from {from_version}
        <button type="button" onClick={() => void navigator.clipboard?.writeText(sql)}>
          Copy
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{sql}</pre>
    </figure>
  ));
}
