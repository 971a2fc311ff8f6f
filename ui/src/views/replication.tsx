import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Panel } from '../parts/panel.tsx';
import { ListPanel } from './list-panel.tsx';

/** Who follows this server, how far behind, and what is kept for them. */
export function ReplicationView() {
  return (
    <>
      <ListPanel
        title="Replicas"
        path="/replication"
        kind="replicas"
        rowKey={({ replica }) => replica}
        columns={[
          { key: 'replica', label: 'Replica' },
          { key: 'state', label: 'State' },
          { key: 'sync_state', label: 'Sync' },
          { key: 'lag_seconds', label: 'Replay lag', number: true, format: format.seconds },
          { key: 'lag_bytes', label: 'To replay', number: true, format: format.bytes },
        ]}
        empty="Nobody receives WAL from this server."
      />
      <ListPanel
        title="Slots"
        hint="A slot that nobody uses keeps WAL until the disk is full"
        path="/replication"
        kind="slots"
        rowKey={({ slot }) => slot}
        columns={[
          { key: 'slot', label: 'Slot' },
          { key: 'slot_type', label: 'Kind' },
          { key: 'active', label: 'In use', format: format.yes },
          { key: 'retained_bytes', label: 'Retains', number: true, format: format.bytes },
          { key: 'wal_status', label: 'WAL' },
          { key: 'xmin_age', label: 'Holds rows of', number: true, format: format.count },
        ]}
        empty="No replication slot."
      />
      <div className="columns">
        <Panel title="Replay lag" sql={['replication']}>
          <Chart metric="pg_replication_lag_seconds" label="Replay lag" by="replica" />
        </Panel>
        <Panel title="Replay lag, bytes" sql={['replication']}>
          <Chart metric="pg_replication_lag_bytes" label="Replay lag" by="replica" />
        </Panel>
      </div>
      <ListPanel
        title="Subscriptions"
        path="/replication"
        kind="subscriptions"
        rowKey={({ subscription }) => subscription}
        columns={[
          { key: 'subscription', label: 'Subscription' },
          { key: 'running', label: 'Runs', format: format.yes },
          { key: 'silence_seconds', label: 'Last heard', number: true, format: format.ago },
          { key: 'lag_bytes', label: 'To confirm', number: true, format: format.bytes },
          { key: 'apply_errors', label: 'Failed', number: true, format: format.count },
        ]}
        empty="No logical subscription."
      />
      <ListPanel
        title="This server as a standby"
        path="/replication"
        kind="standby"
        columns={[
          { key: 'receiver_streaming', label: 'Receives', format: format.yes },
          { key: 'replay_lag_seconds', label: 'Replay lag', number: true, format: format.seconds },
          { key: 'replay_lag_bytes', label: 'To replay', number: true, format: format.bytes },
          { key: 'replay_paused', label: 'Paused', format: format.yes },
        ]}
        empty="This server is a primary."
      />
    </>
  );
}
