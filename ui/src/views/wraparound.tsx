import * as format from '../format.ts';
import { ListPanel } from './list-panel.tsx';

const LIMIT = 2_147_483_648;

/** How far each database is towards the end of its transaction ids, and what keeps them from being frozen. */
export function WraparoundView() {
  return (
    <>
      <ListPanel
        title="Databases"
        hint="At about 2.1 billion the server takes no writes any more"
        path="/wraparound"
        kind="databases"
        sort="-tx_age"
        rowKey={({ db }) => db}
        columns={[
          { key: 'db', label: 'Database' },
          { key: 'tx_age', label: 'Oldest transaction', number: true, format: format.count },
          {
            key: 'used',
            label: 'Used',
            number: true,
            of: ({ tx_age }) => (tx_age === null ? null : tx_age / LIMIT),
            format: format.ratio,
          },
          { key: 'mxid_age', label: 'Oldest multixact', number: true, format: format.count },
        ]}
        empty="Ages come with the first pass of the hourly loop."
      />
      <ListPanel
        title="What holds the xmin horizon back"
        hint="Vacuum removes no row that one of these could still see"
        path="/wraparound"
        kind="holders"
        sort="-xmin_age"
        rowKey={({ holder, name }) => `${holder} ${name}`}
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
        sort="-tx_age"
        rowKey={({ relation }) => relation}
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
