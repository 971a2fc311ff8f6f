import * as format from '../format.ts';
import { ListPanel } from './list-panel.tsx';

const LIMIT = 2_147_483_648;

const share = (value: unknown) => (typeof value === 'number' ? format.ratio(value / LIMIT) : '–');

/** How far each database is towards the end of its transaction ids, and what keeps them from being frozen. */
export function WraparoundView() {
  return (
    <>
      <ListPanel
        title="Databases"
        hint="At about 2.1 billion the server takes no writes any more"
        path="/wraparound"
        collector="wraparound"
        sort="-tx_age"
        rowKey={(row) => String(row['db'])}
        columns={[
          { key: 'db', label: 'Database' },
          { key: 'tx_age', label: 'Oldest transaction', number: true, format: format.count },
          { key: 'used', label: 'Used', number: true, format: (_, row) => share(row['tx_age']) },
          { key: 'mxid_age', label: 'Oldest multixact', number: true, format: format.count },
        ]}
        empty="Ages come with the first pass of the hourly loop."
      />
      <ListPanel
        title="What holds the xmin horizon back"
        hint="Vacuum removes no row that one of these could still see"
        path="/wraparound"
        kind="holders"
        collector="xmin_horizon"
        sort="-xmin_age"
        rowKey={(row) => `${row['holder']} ${row['name']}`}
        columns={[
          { key: 'holder', label: 'Kind' },
          { key: 'name', label: 'Name' },
          { key: 'held_in', label: 'Database' },
          { key: 'detail', label: 'Detail' },
          { key: 'xmin_age', label: 'Transactions', number: true, format: format.count },
        ]}
        empty="Nothing holds it back."
      />
      <ListPanel
        title="Oldest tables"
        path="/wraparound"
        kind="tables"
        collector="wraparound_tables"
        sort="-tx_age"
        rowKey={(row) => `${row['db']} ${row['relation']}`}
        columns={[
          { key: 'relation', label: 'Table' },
          { key: 'tx_age', label: 'Oldest transaction', number: true, format: format.count },
          { key: 'mxid_age', label: 'Oldest multixact', number: true, format: format.count },
        ]}
        empty="Ages come with the first pass of the hourly loop."
      />
    </>
  );
}
