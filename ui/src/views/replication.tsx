import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Panel } from '../parts/panel.tsx';
import { ListPanel } from './list-panel.tsx';

/** Replicas of this server, their lag, and the WAL retained for them. */
export function ReplicationView() {
  return (
    <>
      <ListPanel
        title="Replicas"
        path="/replication"
        kind="replicas"
        rowKey={({ replica }) => replica}
        columns={[
          { key: 'replica', label: 'Replica', name: true },
          { key: 'state', label: 'State' },
          { key: 'sync_state', label: 'Sync' },
          { key: 'lag_seconds', label: 'Replay lag', number: true, format: format.seconds },
          { key: 'lag_bytes', label: 'To replay', number: true, format: format.bytes },
        ]}
        empty="No replicas are connected."
      />
      <ListPanel
        title="Slots"
        hint="A slot without a consumer retains WAL until the disk is full"
        path="/replication"
        kind="slots"
        rowKey={({ slot }) => slot}
        columns={[
          { key: 'slot', label: 'Slot', name: true },
          { key: 'slot_type', label: 'Type' },
          { key: 'active', label: 'Active', format: format.yes },
          { key: 'retained_bytes', label: 'Retained WAL', number: true, format: format.bytes },
          { key: 'wal_status', label: 'WAL status' },
          { key: 'xmin_age', label: 'xmin age', number: true, format: format.count },
        ]}
        empty="No replication slots."
      />
      <div className="columns">
        <Panel title="Replay lag" sql={['replication']}>
          <Chart metric="pg_replication_lag_seconds" label="Replay lag" by="replica" peak />
        </Panel>
        <Panel title="Replay lag, bytes" sql={['replication']}>
          <Chart metric="pg_replication_lag_bytes" label="Replay lag" by="replica" peak />
        </Panel>
      </div>
      <ListPanel
        title="Subscriptions"
        path="/replication"
        kind="subscriptions"
        rowKey={({ subscription }) => subscription}
        columns={[
          { key: 'subscription', label: 'Subscription', name: true },
          { key: 'running', label: 'Running', format: format.yes },
          { key: 'silence_seconds', label: 'Last message', number: true, format: format.ago },
          { key: 'lag_bytes', label: 'Unconfirmed', number: true, format: format.bytes },
          { key: 'apply_errors', label: 'Apply errors', number: true, format: format.count },
        ]}
        empty="No subscriptions."
      />
      <ListPanel
        title="This server as a standby"
        path="/replication"
        kind="standby"
        columns={[
          { key: 'receiver_streaming', label: 'Streaming', format: format.yes },
          { key: 'replay_lag_seconds', label: 'Replay lag', number: true, format: format.seconds },
          { key: 'replay_lag_bytes', label: 'To replay', number: true, format: format.bytes },
          { key: 'replay_paused', label: 'Paused', format: format.yes },
        ]}
        empty="This server is a primary."
      />
    </>
  );
}
