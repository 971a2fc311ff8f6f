import { AcknowledgementStore } from './acknowledgements.ts';
import { AlertHistoryStore, AlertStore } from './alerts.ts';
import { HistoryStore } from './history.ts';
import { LeaseStore } from './leases.ts';
import { MemoryStore } from './memories.ts';
import { RollupStore } from './rollups.ts';
import { SilenceStore } from './silences.ts';
import { SnapshotStore } from './snapshots.ts';
import { StatementStore } from './statements.ts';
import type { Table } from './table.ts';
import { TopStore } from './top.ts';

/** Everything that is kept in the one table, by what it is. */
export interface Stores {
  readonly snapshots: SnapshotStore;
  readonly history: HistoryStore;
  readonly rollups: RollupStore;
  readonly top: TopStore;
  readonly statements: StatementStore;
  readonly memories: MemoryStore;
  readonly leases: LeaseStore;
  readonly alerts: AlertStore;
  readonly alertHistory: AlertHistoryStore;
  readonly silences: SilenceStore;
  readonly acknowledgements: AcknowledgementStore;
}

export function storesIn(table: Table): Stores {
  return {
    snapshots: new SnapshotStore(table),
    history: new HistoryStore(table),
    rollups: new RollupStore(table),
    top: new TopStore(table),
    statements: new StatementStore(table),
    memories: new MemoryStore(table),
    leases: new LeaseStore(table),
    alerts: new AlertStore(table),
    alertHistory: new AlertHistoryStore(table),
    silences: new SilenceStore(table),
    acknowledgements: new AcknowledgementStore(table),
  };
}
