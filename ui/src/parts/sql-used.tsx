import { useApi } from '../api.ts';
import { Copy } from './copy.tsx';
import { Sheet } from './sheet.tsx';
import { Skeleton } from './skeleton.tsx';

/** The statements behind a panel: the very files that are sent. */
export function SqlUsed({ title, collectors }: { title: string; collectors: readonly string[] }) {
  return (
    <Sheet label={`SQL used: ${title}`} icon="sql" title={`SQL used: ${title}`}>
      {() => collectors.map((collector) => <Statements key={collector} collector={collector} />)}
    </Sheet>
  );
}

function Statements({ collector }: { collector: string }) {
  const { data, problem } = useApi('/sql', { collector }, 3_600_000);
  if (problem && !data) return <p className="note bad">{problem.message}</p>;
  if (!data) return <Skeleton />;
  return data.items.map(({ file, from_version, sql }) => (
    <figure key={file} className="sql">
      <figcaption>
        <code>{file}</code> from {from_version}
        <Copy text={sql} what={file} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{sql}</pre>
    </figure>
  ));
}
