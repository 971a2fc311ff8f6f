import * as format from '../format.ts';
import { ListPanel } from './list-panel.tsx';

const LIMIT = 2_147_483_648;

/** Age of transaction IDs by database, and what keeps them from being frozen. */
export function WraparoundView() {
  return (
    <>
      <ListPanel
        title="Databases"
        hint="At about 2.1 billion, the server refuses writes"
        path="/wraparound"
        kind="databases"
        sort="-tx_age"
        rowKey={({ db }) => db}
        columns={[
          { key: 'db', label: 'Database' },
          { key: 'tx_age', label: 'Transaction ID age', number: true, format: format.count },
          {
            key: 'used',
            label: 'Used',
            number: true,
            of: ({ tx_age }) => (tx_age === null ? null : tx_age / LIMIT),
            format: format.ratio,
          },
          { key: 'mxid_age', label: 'Multixact ID age', number: true, format: format.count },
        ]}
        empty="Ages arrive with the first pass of the hourly loop."
      />
      <ListPanel
        title="Holding back the xmin horizon"
        hint="Vacuum cannot remove rows that one of these may still see"
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
        empty="Nothing holds back the xmin horizon."
      />
      <ListPanel
        title="Oldest tables"
        path="/wraparound"
        kind="tables"
        sort="-tx_age"
        rowKey={({ relation }) => relation}
        columns={[
          { key: 'relation', label: 'Table', name: true },
          { key: 'tx_age', label: 'Transaction ID age', number: true, format: format.count },
          { key: 'mxid_age', label: 'Multixact ID age', number: true, format: format.count },
        ]}
        empty="Ages arrive with the first pass of the hourly loop."
      />
    </>
  );
}
