import type { TargetConfig } from '../config/target.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { type CredentialSource, endpointOf } from './endpoint.ts';
import { inspect } from './inspect.ts';
import type { PrivilegeCheck } from './privileges/check.ts';
import { type Mark, parseProbe, probeStatement } from './privileges/probe.ts';
import { PostgresProblem } from './problem.ts';
import type { ServerInfo } from './server-info.ts';
import { type Answers, Session, type SessionOptions, type Statement } from './session.ts';

/** Longest idle time after which a connection is not trusted any more: a frozen Lambda thaws with dead sockets. */
const IDLE_LIMIT_MS = 60_000;

/** A right gained while pgmon runs is noticed within a minute: a probe rides along with a pass when the last is this old. */
const PRIVILEGES_GOOD_MS = 40_000;

/** A connection older than this is made again, which picks up new extensions, grants and rotated secrets. */
const AGE_LIMIT_MS = 60 * 60_000;

interface Kept {
  readonly session: Session;
  findings: readonly Finding[];
  readonly openedAt: number;
  usedAt: number;
  checkedAt: number;
  /** How the catalogs were when the privilege check last read them. */
  mark?: Mark;
}

/** What is known of another database since it was inspected. */
interface InspectedDatabase {
  readonly info: ServerInfo;
  readonly findings: readonly Finding[];
  readonly at: number;
}

export interface SessionsOptions extends SessionOptions {
  readonly credentials: CredentialSource;
  /** Made before a connection is used and again once something that carries rights was written; a refusal ends the connection. */
  readonly privileges: PrivilegeCheck;
  readonly idleLimitMs?: number;
  /** Least time between two questions whether something that carries rights was written, 40 s by default. */
  readonly privilegesGoodMs?: number;
}

/**
 * The lasting connections of one loop, one per target. A connection that turns out dead is replaced once, and the
 * statements are sent again; a second failure is the target's answer.
 */
export class Sessions {
  readonly #kept = new Map<string, Kept>();
  /** By target and database. */
  readonly #inspected = new Map<string, Map<string, InspectedDatabase>>();
  /** Which server answered last, by target. */
  readonly #server = new Map<string, string>();
  /** What the catalogs that all databases share said of the role's rights, by target. */
  readonly #rights = new Map<string, string>();
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** The lasting connection of a target, made where there is none. @throws PostgresProblem when it cannot be made */
  async session(target: TargetConfig): Promise<Session> {
    const kept = this.#kept.get(target.cluster);
    const now = performance.now();
    const { idleLimitMs = IDLE_LIMIT_MS } = this.#options;
    if (kept && !kept.session.lost && now - kept.usedAt <= idleLimitMs && now - kept.openedAt <= AGE_LIMIT_MS) {
      kept.usedAt = now;
      return kept.session;
    }
    await this.drop(target);
    const { session, findings } = await this.#open(target);
    this.#kept.set(target.cluster, { session, findings, openedAt: now, usedAt: now, checkedAt: now });
    const { startedAt, role, versionNum } = session.info;
    const server = `${startedAt} ${role} ${versionNum}`;
    // After a failover another server answers.
    if (this.#server.get(target.cluster) !== server) this.#inspected.delete(target.cluster);
    this.#server.set(target.cluster, server);
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
    if (!kept || now - kept.checkedAt < privilegesGoodMs) return await session.read(statements, deadlineMs);
    const probe = probeStatement(session.info.major, kept.mark);
    const all = await session.read([...statements, probe], deadlineMs);
    const answers: Answers = new Map([...all].filter(([name]) => name !== probe.name));
    const probed = all.get(probe.name);
    // A probe that got no answer, behind a lock for example, is sent again with the next pass.
    if (!probed?.ok) return answers;
    const { mark, gained } = parseProbe(probed, kept.mark);
    const left = deadlineMs - (performance.now() - now);
    if (!gained) kept.checkedAt = now;
    if (!gained || left <= 0) return answers;
    const checked = [...(await session.read(privileges.statements(session.info.major, false), left)).values()];
    if (checked.some(({ ok }) => !ok)) return answers;
    try {
      const found = privileges.findings(checked);
      const said = new Set(found.map(({ message }) => message));
      kept.findings = [...found, ...kept.findings.filter(({ message }) => !said.has(message))];
    } catch (error) {
      await this.drop(target);
      throw error;
    }
    kept.checkedAt = now;
    kept.mark = mark;
    // Ownership, memberships and the objects that name the role are known for all databases at once.
    const rights = privileges.sharedRights(checked);
    if (this.#rights.get(target.cluster) !== rights) this.#inspected.delete(target.cluster);
    this.#rights.set(target.cluster, rights);
    return answers;
  }

  /**
   * A database scan over a connection that is closed afterwards. The database is inspected before its first scan, again
   * every hour and when the role's rights changed; a scan in between is the log-in and one round trip.
   *
   * @throws PostgresProblem when the connection cannot be made, or the role can write there
   */
  async scan(
    target: TargetConfig,
    database: string,
    work: (session: Session, findings: readonly Finding[]) => Promise<void>,
  ): Promise<void> {
    const known = this.#inspected.get(target.cluster)?.get(database);
    const fresh = known && performance.now() - known.at <= AGE_LIMIT_MS ? known : undefined;
    const session = await this.#connect(target, database, fresh?.info);
    try {
      const findings = fresh ? fresh.findings : await inspect(session, this.#options.privileges);
      if (!fresh) {
        const all = this.#inspected.get(target.cluster) ?? new Map<string, InspectedDatabase>();
        this.#inspected.set(target.cluster, all.set(database, { info: session.info, findings, at: performance.now() }));
      }
      await work(session, findings);
    } finally {
      await session.close();
    }
  }

  /** What was found when the target's connection was made. */
  findings(target: TargetConfig): readonly Finding[] {
    return this.#kept.get(target.cluster)?.findings ?? [];
  }

  /** Ends the target's connection, so that the next read makes a new one. */
  async drop(target: TargetConfig): Promise<void> {
    const kept = this.#kept.get(target.cluster);
    this.#kept.delete(target.cluster);
    await kept?.session.close();
  }

  async close(): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(({ session }) => session.close()));
  }

  async #open(target: TargetConfig): Promise<{ session: Session; findings: readonly Finding[] }> {
    const session = await this.#connect(target);
    try {
      return { session, findings: await inspect(session, this.#options.privileges) };
    } catch (error) {
      await session.close();
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
    return await Session.open(database ? { ...endpoint, database } : endpoint, credentials, this.#options, known);
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
