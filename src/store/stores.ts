import { AcknowledgementStore } from './acknowledgements.ts';
import { ActivityStore } from './activity.ts';
import { AlertHistoryStore, AlertStore } from './alerts.ts';
import { EventStore } from './events.ts';
import { HistoryStore } from './history.ts';
import { IncidentStore } from './incidents.ts';
import { LeaseStore } from './leases.ts';
import { LoopStateStore } from './loop-states.ts';
import { OutboxStore } from './outbox.ts';
import { PastStore } from './past.ts';
import { SeriesStore } from './series.ts';
import { SilenceStore } from './silences.ts';
import { SnapshotStore } from './snapshots.ts';
import { StatementPeriodStore } from './statement-periods.ts';
import { StatementStore } from './statements.ts';
import type { Table } from './table.ts';
import { TopStore } from './top.ts';
import { UnreadableItems, type WarnLog } from './unreadable.ts';

/** Everything that is kept in the one table, by what it is. */
export interface Stores {
  readonly snapshots: SnapshotStore;
  readonly history: HistoryStore;
  readonly series: SeriesStore;
  readonly top: TopStore;
  readonly past: PastStore;
  readonly activity: ActivityStore;
  readonly statements: StatementStore;
  readonly statementPeriods: StatementPeriodStore;
  readonly loopStates: LoopStateStore;
  readonly leases: LeaseStore;
  readonly alerts: AlertStore;
  readonly outbox: OutboxStore;
  readonly alertHistory: AlertHistoryStore;
  readonly incidents: IncidentStore;
  readonly events: EventStore;
  readonly silences: SilenceStore;
  readonly acknowledgements: AcknowledgementStore;
  /** Unreadable items of all these. */
  readonly unreadable: UnreadableItems;
}

/** @param log where an unreadable item is said, once */
export function storesIn(table: Table, log?: WarnLog): Stores {
  const unreadable = new UnreadableItems(log);
  const history = new HistoryStore(table, unreadable);
  return {
    snapshots: new SnapshotStore(table, unreadable),
    history,
    series: new SeriesStore(table, history, unreadable),
    top: new TopStore(table, unreadable),
    past: new PastStore(table, unreadable),
    activity: new ActivityStore(table, unreadable),
    statements: new StatementStore(table, unreadable),
    statementPeriods: new StatementPeriodStore(table, unreadable),
    loopStates: new LoopStateStore(table, unreadable),
    leases: new LeaseStore(table),
    alerts: new AlertStore(table, unreadable),
    outbox: new OutboxStore(table, unreadable),
    alertHistory: new AlertHistoryStore(table, unreadable),
    incidents: new IncidentStore(table, unreadable),
    events: new EventStore(table, unreadable),
    silences: new SilenceStore(table, unreadable),
    acknowledgements: new AcknowledgementStore(table, unreadable),
    unreadable,
  };
}
