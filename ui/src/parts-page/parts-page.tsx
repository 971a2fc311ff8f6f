import './parts-page.css';
import { type ReactNode, useEffect } from 'react';
import { ThemeChoice, ZoneChoice } from '../head/display.tsx';
import { StateChip } from '../head/target-state.tsx';
import { TimeControl } from '../head/time-control.tsx';
import { Copy } from '../parts/copy.tsx';
import { CopyBox } from '../parts/copy-box.tsx';
import { Icon } from '../parts/icon.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { Spark } from '../parts/spark.tsx';
import { Table } from '../parts/table.tsx';
import { Tile } from '../parts/tile.tsx';
import { Answers } from './answers.tsx';
import { Charts } from './charts.tsx';

/** Every part of the page in every state, from made data alone: what a change of one does to the others is seen here. */
export function PartsPage() {
  useEffect(() => {
    document.title = 'Parts · pgmon';
  }, []);
  return (
    <main className="parts-page">
      <h1>Parts</h1>
      <p className="hint">Every part of this page in every state, drawn from made data. Nothing here asks the API.</p>
      <Group title="Colors">
        <div className="swatches">
          {TOKENS.map((token) => (
            <span key={token} className="swatch">
              <span style={{ background: `var(${token})` }} />
              <code>{token}</code>
            </span>
          ))}
        </div>
      </Group>
      <Group title="Controls">
        <div className="filters">
          <button type="button">Button</button>
          <button type="button" disabled>
            Disabled
          </button>
          <button type="button" className="small">
            Small
          </button>
          <button type="button" className="icon-text active" aria-pressed="true">
            <Icon name="play" /> Paused
          </button>
          <Copy text="SELECT pg_cancel_backend(4711)" what="the statement" />
          <CopyBox text="SELECT pg_terminate_backend(4711);" label="what ends it" />
          <select aria-label="Choice">
            <option>A choice</option>
          </select>
          <input aria-label="Field" placeholder="A field" />
          <TimeControl />
          <Sheet label="Open a sheet" icon="sql" title="A sheet">
            {() => <p>What is opened over the page, and closed by Escape.</p>}
          </Sheet>
        </div>
        <div className="filters">
          <ZoneChoice />
          <ThemeChoice />
        </div>
      </Group>
      <Group title="Worst state of a target">
        <div className="filters">
          <StateChip level="good" text="OK" age="3 s" />
          <StateChip level="warn" text="2 warnings" age="3 s" />
          <StateChip level="bad" text="1 critical" age="3 s" />
          <StateChip level="warn" text="late" age="72 s" />
          <StateChip level="bad" text="down" age="6 min" />
        </div>
      </Group>
      <Group title="Key numbers">
        <div className="tiles">
          <Tile label="Plain" value="9" more="of 60" />
          <Tile label="With a link" value="primary" more="PostgreSQL 18.4" level="good" href="#/parts" />
          <Tile label="Warning" value="3" more="longest 62 s" level="warn" />
          <Tile label="Critical" value="57" more="of 60" level="bad" />
          <Tile label="Unknown" value="–" />
          <Tile label="With a trend" value="26 ms" more={<Spark values={TREND} label="A trend with a gap" />} />
        </div>
      </Group>
      <Group title="Alerts">
        <ul className="alerts">
          {(['info', 'warning', 'critical'] as const).map((severity) => (
            <li key={severity} className={severity}>
              <div>
                <strong>
                  <span className="severity">{severity}</span> Blocking locks{' '}
                  <span className="alert-target">on shop</span>
                </strong>
                <p>A session has been waiting for a lock for 62 s, the longest of 3 that wait</p>
                <p className="hint">Open Locks and find the root of the tree: end it, or wait for it.</p>
              </div>
              <div className="alert-side">
                <span>for 9 min</span>
                <button type="button">Acknowledge</button>
              </div>
            </li>
          ))}
        </ul>
      </Group>
      <Group title="Tables">
        <Table
          label="Tables by size"
          columns={COLUMNS}
          rows={ROWS}
          sort="-size_bytes"
          rowKey={(row) => row.relation}
          empty="No tables."
        />
        <Table label="No rows" columns={COLUMNS} rows={[]} empty="No duplicate indexes." />
      </Group>
      <Answers />
      <Charts />
    </main>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="panel">
      <header className="panel-head">
        <h2>{title}</h2>
      </header>
      {children}
    </section>
  );
}

const TOKENS = [
  ...['--page', '--panel', '--raised', '--hover', '--line', '--text', '--muted', '--accent', '--accent-soft'],
  ...['--good', '--good-soft', '--warn', '--warn-soft', '--bad', '--bad-soft'],
  ...Array.from({ length: 10 }, (_, i) => `--series-${i + 1}`),
  '--series-rest',
  ...['cpu', 'io', 'lock', 'lwlock', 'bufferpin', 'client', 'ipc', 'timeout', 'extension', 'activity'].map(
    (name) => `--wait-${name}`,
  ),
];

const TREND = [3, 4, 4, 6, null, null, 9, 7, 5, null, 8, 8, 6];

interface Row {
  readonly relation: string;
  readonly size_bytes: number | null;
  readonly note: string;
}

const COLUMNS = [
  { key: 'relation', label: 'Table' },
  {
    key: 'size_bytes',
    label: 'Size',
    number: true,
    format: (value: number | null) => (value === null ? '–' : `${value} B`),
  },
  { key: 'note', label: 'Note', wrap: true },
] as const;

/** More than are in sight. */
const ROWS: readonly Row[] = Array.from({ length: 1_000 }, (_, i) => ({
  relation: `public.orders_${String(i).padStart(3, '0')}`,
  size_bytes: i % 97 === 5 ? null : (i * 7_919) % 1_000_003,
  note:
    i === 0 ? 'A long text continues in the next line, and the row grows with it, as far as the texts need it.' : '',
}));
