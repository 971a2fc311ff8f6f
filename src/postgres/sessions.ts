import type { TargetConfig } from '../config/target.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { type CredentialSource, endpointOf } from './endpoint.ts';
import { inspect, inspectDatabase } from './inspect.ts';
import { type Inspected, Inspections } from './inspections.ts';
import type { PrivilegeCheck } from './privileges/check.ts';
import { parseProbe, probeStatement } from './privileges/probe.ts';
import { PostgresProblem } from './problem.ts';
import type { ServerInfo } from './server-info.ts';
import { type Answers, Session, type SessionOptions, type Statement } from './session.ts';

/** Longest idle time after which a connection is not trusted any more: a frozen Lambda thaws with dead sockets. */
const IDLE_LIMIT_MS = 60_000;

/** A right gained while pgmon runs is noticed within a minute: a probe rides along with a pass when the last is this old. */
const PRIVILEGES_GOOD_MS = 40_000;

/** A connection older than this is made again, which picks up new extensions, grants and rotated secrets. */
const AGE_LIMIT_MS = 60 * 60_000;

/** A new connection relies on what another loop learned of the server so lately. */
const SHARED_MS = 15 * 60_000;

interface Kept {
  readonly session: Session;
  readonly inspected: Inspected;
  readonly openedAt: number;
  usedAt: number;
}

export interface SessionsOptions extends SessionOptions {
  readonly credentials: CredentialSource;
  /** Made before a connection is used and again once something that carries rights was written; a refusal ends the connection. */
  readonly privileges: PrivilegeCheck;
  readonly idleLimitMs?: number;
  /** What is known of the targets, where several loops share it. */
  readonly inspections?: Inspections;
  /** Least time between two questions whether something that carries rights was written, 40 s by default. */
  readonly privilegesGoodMs?: number;
}

/**
 * The lasting connections of one loop, one per target. A connection that turns out dead is replaced once, and the
 * statements are sent again; a second failure is the target's answer.
 */
export class Sessions {
  readonly #kept = new Map<string, Kept>();
  /** Nothing that was learned before is trusted: the connection was lost, or another server may answer. */
  readonly #since = new Map<string, number>();
  readonly #inspections: Inspections;
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#inspections = options.inspections ?? new Inspections();
  }

  /** The lasting connection of a target, made where there is none. @throws PostgresProblem when it cannot be made */
  async session(target: TargetConfig): Promise<Session> {
    const { cluster } = target;
    const kept = this.#kept.get(cluster);
    const now = performance.now();
    const { idleLimitMs = IDLE_LIMIT_MS } = this.#options;
    const isTrusted =
      kept &&
      !kept.session.lost &&
      now - kept.usedAt <= idleLimitMs &&
      kept.openedAt >= this.#inspections.validSince(cluster);
    if (kept && isTrusted && now - kept.openedAt <= AGE_LIMIT_MS) {
      kept.usedAt = now;
      return kept.session;
    }
    if (isTrusted) await this.#end(cluster);
    else if (kept) await this.drop(target);
    const { session, inspected } = await this.#open(target, Math.max(now - SHARED_MS, this.#since.get(cluster) ?? 0));
    this.#kept.set(cluster, { session, inspected, openedAt: now, usedAt: now });
    return session;
  }

  /**
   * Reads the statements of a plan for the server in one round trip. On a dead connection once more, planned again, on a
   * new one; and behind an answer that was too large, what comes after it, so that it fails alone.
   *
   * @throws PostgresProblem when the connection cannot be made, or the role can write by now
   */
  async read<P extends { readonly statements: readonly Statement[] }>(
    target: TargetConfig,
    planFor: (session: Session) => P,
    deadlineMs: number,
  ): Promise<{ session: Session; plan: P; answers: Answers }> {
    const started = performance.now();
    const lasted = this.#kept.has(target.cluster);
    const first = await this.session(target);
    const plan = planFor(first);
    const answers = await this.#readChecked(target, first, plan.statements, deadlineMs);
    const left = deadlineMs - (performance.now() - started);
    const again = whereAgain(answers, first, lasted);
    if (again === undefined || left <= 0) return { session: first, plan, answers };
    const second = await this.session(target);
    if (again === 0) {
      const replanned = planFor(second);
      return { session: second, plan: replanned, answers: await second.read(replanned.statements, left) };
    }
    const rest = await second.read(plan.statements.slice(again), left);
    return { session: second, plan, answers: new Map([...answers, ...rest]) };
  }

  /**
   * Reads, and asks in the same round trip whether the role may have gained a right where that was not asked for a
   * minute: 0.5 to 2 ms of the server's time, where the check itself takes 6. That is only sent where it may have.
   */
  async #readChecked(
    target: TargetConfig,
    session: Session,
    statements: readonly Statement[],
    deadlineMs: number,
  ): Promise<Answers> {
    const { privileges, privilegesGoodMs = PRIVILEGES_GOOD_MS } = this.#options;
    const kept = this.#kept.get(target.cluster);
    const now = performance.now();
    if (!kept || now - kept.inspected.checkedAt < privilegesGoodMs) return await session.read(statements, deadlineMs);
    const { inspected } = kept;
    const probe = probeStatement(session.info.major, inspected.mark);
    const all = await session.read([...statements, probe], deadlineMs);
    const answers: Answers = new Map([...all].filter(([name]) => name !== probe.name));
    const probed = all.get(probe.name);
    // A probe that got no answer, behind a lock for example, is sent again with the next pass.
    if (!probed?.ok) return answers;
    const { mark, gained } = parseProbe(probed, inspected.mark);
    const left = deadlineMs - (performance.now() - now);
    if (!gained) {
      inspected.checkedAt = now;
      inspected.mark = mark;
    }
    if (!gained || left <= 0) return answers;
    const checked = [...(await session.read(privileges.statements(session.info.major, 'again'), left)).values()];
    if (checked.some(({ ok }) => !ok)) return answers;
    try {
      const found = privileges.findings(checked);
      const said = new Set(found.map(({ message }) => message));
      inspected.findings = [...found, ...inspected.findings.filter(({ message }) => !said.has(message))];
    } catch (error) {
      this.#inspections.forget(target.cluster, performance.now());
      await this.drop(target);
      throw error;
    }
    inspected.checkedAt = now;
    inspected.mark = mark;
    // Ownership, memberships and the objects that name the role are known for all databases at once.
    this.#inspections.noteRights(target.cluster, privileges.sharedRights(checked));
    return answers;
  }

  /**
   * A database scan over a connection that is closed afterwards. The database is inspected before its first scan, again
   * when an hour has passed since somebody may have been there, and when the role's rights changed; a scan in between is the login and one round trip.
   *
   * @throws PostgresProblem when the connection cannot be made, or the role can write there
   */
  async scan(
    target: TargetConfig,
    database: string,
    work: (session: Session, findings: readonly Finding[]) => Promise<void>,
  ): Promise<void> {
    const { cluster } = target;
    let session: Session | undefined;
    try {
      const look = async (): Promise<Inspected> => {
        const at = performance.now();
        session = await this.#connect(target, database);
        const findings = await inspectDatabase(session, this.#options.privileges);
        return { info: session.info, findings, at, checkedAt: at };
      };
      const since = performance.now() - AGE_LIMIT_MS;
      const { info, findings } = await this.#inspections.ofDatabase(cluster, database, since, look);
      session ??= await this.#connect(target, database, info);
      await work(session, findings);
    } finally {
      await session?.close();
    }
  }

  /** Nobody was in another database from `since`, as `performance.now()`, until now: its inspection need not be repeated. */
  noteUnused({ cluster }: TargetConfig, database: string, since: number, now: number): void {
    this.#inspections.noteUnused(cluster, database, since, now);
  }

  /** How often the process has connected to each other database of a target. */
  opened({ cluster }: TargetConfig): ReadonlyMap<string, number> {
    return this.#inspections.opened(cluster);
  }

  /** What was found when the target's connection was made. */
  findings(target: TargetConfig): readonly Finding[] {
    return this.#kept.get(target.cluster)?.inspected.findings ?? [];
  }

  /** Ends the target's connection, so that the next read makes a new one and learns the server again. */
  async drop({ cluster }: TargetConfig): Promise<void> {
    this.#since.set(cluster, performance.now());
    await this.#end(cluster);
  }

  async #end(cluster: string): Promise<void> {
    const kept = this.#kept.get(cluster);
    this.#kept.delete(cluster);
    await kept?.session.close();
  }

  async close(): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(({ session }) => session.close()));
  }

  async #open(target: TargetConfig, since: number): Promise<{ session: Session; inspected: Inspected }> {
    let session: Session | undefined;
    try {
      const look = async (): Promise<Inspected> => {
        const at = performance.now();
        session = await this.#connect(target);
        const found = await inspect(session, this.#options.privileges);
        return { info: session.info, ...found, at, checkedAt: at };
      };
      const inspected = await this.#inspections.ofServer(target.cluster, since, look);
      session ??= await this.#connect(target, undefined, inspected.info);
      return { session, inspected };
    } catch (error) {
      await session?.close();
      throw error;
    }
  }

  async #connect(target: TargetConfig, database?: string, known?: ServerInfo): Promise<Session> {
    try {
      return await this.#login(target, database, false, known);
    } catch (error) {
      // A rotated secret is known by the old one's refusal; a password of the configuration is what it is.
      if (!target.auth || !(error instanceof PostgresProblem) || error.kind !== 'auth') throw error;
      return await this.#login(target, database, true, known);
    }
  }

  async #login(
    target: TargetConfig,
    database: string | undefined,
    fresh: boolean,
    known: ServerInfo | undefined,
  ): Promise<Session> {
    const credentials = await this.#options.credentials(target, fresh);
    const endpoint = endpointOf(target, credentials);
    const place = database ? { ...endpoint, database } : endpoint;
    const session = await Session.open(
      place,
      credentials,
      this.#options,
      known && { info: known, brief: database !== undefined },
    );
    if (database) this.#inspections.noteOpened(target.cluster, database);
    return session;
  }
}

/** From which statement on everything is sent once more on a new connection; undefined where nothing is. */
function whereAgain(answers: Answers, session: Session, lasted: boolean): number | undefined {
  if (session.lost?.kind === 'too-large') {
    const large = [...answers.values()].findIndex((answer) => !answer.ok && answer.problem.kind === 'too-large');
    return large >= 0 && large + 1 < answers.size ? large + 1 : undefined;
  }
  return lasted && session.lost && session.lost.kind !== 'timeout' ? 0 : undefined;
}
