import type { Finding } from '../metrics/snapshot.ts';
import type { Mark } from './privileges/probe.ts';
import type { ServerInfo } from './server-info.ts';

/** What was learned of a server, or of one of its databases, when a session looked at it. */
export interface Inspected {
  readonly info: ServerInfo;
  /** Of the connected database these change with each privilege check. */
  findings: readonly Finding[];
  /** Until when it is known to hold, as `performance.now()`: when it was learned, or later where nobody was there since. */
  at: number;
  checkedAt: number;
  /** How the catalogs were when the privilege check last read them. */
  mark?: Mark;
  /** Of the connected database: what the role may do in all of them. */
  readonly rights?: string;
}

interface Known {
  server?: Inspected | undefined;
  /** Nothing holds that was learned before, and no connection that was made. */
  validSince: number;
  readonly databases: Map<string, Inspected>;
  /** What the catalogs that all databases share said of the role's rights. */
  rights?: string;
  /** How often each database was connected to beside the lasting connections. */
  readonly opened: Map<string, number>;
}

/**
 * What is known of targets, shared by the loops of a process: a look at a role takes the server 20 ms in each database,
 * and what one loop sees holds for the others. Two that ask at once share one look.
 */
export class Inspections {
  readonly #targets = new Map<string, Known>();
  readonly #running = new Map<string, Promise<Inspected>>();

  /** What was learned of a target's connected database at `since` or later; else what `look` finds now. */
  async ofServer(cluster: string, since: number, look: () => Promise<Inspected>): Promise<Inspected> {
    const usable = (one: Inspected | undefined) => (one && one.at >= since ? one : undefined);
    const before = usable(this.#known(cluster).server);
    if (before) return before;
    return await this.#once(JSON.stringify([cluster]), usable, look, (found) => {
      const known = this.#known(cluster);
      // After a failover another server answers.
      if (known.server && identityOf(known.server) !== identityOf(found)) known.databases.clear();
      known.server = found;
      if (found.rights !== undefined) this.noteRights(cluster, found.rights);
    });
  }

  /** What was learned of another database at `since` or later; else what `look` finds now. */
  async ofDatabase(
    cluster: string,
    database: string,
    since: number,
    look: () => Promise<Inspected>,
  ): Promise<Inspected> {
    const usable = (one: Inspected | undefined) => (one && one.at >= since ? one : undefined);
    const { databases } = this.#known(cluster);
    const before = usable(databases.get(database));
    if (before) return before;
    return await this.#once(JSON.stringify([cluster, database]), usable, look, (found) => {
      this.#known(cluster).databases.set(database, found);
    });
  }

  /** The role can write by now: each loop has to look again before it reads on. */
  forget(cluster: string, now: number): void {
    const known = this.#known(cluster);
    known.validSince = now;
    known.server = undefined;
  }

  /** Nobody was in a database from `since` until now: what was found there in between or at its beginning still holds. */
  noteUnused(cluster: string, database: string, since: number, now: number): void {
    const found = this.#known(cluster).databases.get(database);
    if (found && found.at >= since) found.at = now;
  }

  /** When the connections were made that may still be used, as `performance.now()`. */
  validSince(cluster: string): number {
    return this.#known(cluster).validSince;
  }

  /** Notes the role's rights in all databases: where they changed, what was found in other databases before is old. */
  noteRights(cluster: string, rights: string): void {
    const known = this.#known(cluster);
    if (known.rights !== undefined && known.rights !== rights) known.databases.clear();
    known.rights = rights;
  }

  /** Notes a connection to another database, which the server counts as one of its sessions. */
  noteOpened(cluster: string, database: string): void {
    const { opened } = this.#known(cluster);
    opened.set(database, (opened.get(database) ?? 0) + 1);
  }

  /** How often each other database was connected to since the process began. */
  opened(cluster: string): ReadonlyMap<string, number> {
    return new Map(this.#known(cluster).opened);
  }

  async #once(
    key: string,
    usable: (one: Inspected) => Inspected | undefined,
    look: () => Promise<Inspected>,
    keep: (found: Inspected) => void,
  ): Promise<Inspected> {
    const running = this.#running.get(key);
    const shared = running && usable(await running);
    if (shared) return shared;
    const mine = look();
    this.#running.set(key, mine);
    try {
      const found = await mine;
      keep(found);
      return found;
    } finally {
      if (this.#running.get(key) === mine) this.#running.delete(key);
    }
  }

  #known(cluster: string): Known {
    const known = this.#targets.get(cluster) ?? {
      validSince: Number.NEGATIVE_INFINITY,
      databases: new Map(),
      opened: new Map(),
    };
    this.#targets.set(cluster, known);
    return known;
  }
}

function identityOf({ info: { startedAt, role, versionNum } }: Inspected): string {
  return `${startedAt} ${role} ${versionNum}`;
}
