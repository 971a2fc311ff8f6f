import type { TargetConfig } from '../config/target.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { type CredentialSource, endpointOf } from './endpoint.ts';
import { inspect } from './inspect.ts';
import type { PrivilegeCheck } from './privileges/check.ts';
import { PostgresProblem } from './problem.ts';
import { type Answers, Session, type SessionOptions, type Statement } from './session.ts';

/** Longest idle time after which a connection is not trusted any more: a frozen Lambda thaws with dead sockets. */
const IDLE_LIMIT_MS = 60_000;

/** A connection older than this is made anew, which picks up new extensions, grants and rotated secrets. */
const AGE_LIMIT_MS = 60 * 60_000;

interface Kept {
  readonly session: Session;
  readonly findings: readonly Finding[];
  readonly openedAt: number;
  usedAt: number;
}

export interface SessionsOptions extends SessionOptions {
  readonly credentials: CredentialSource;
  /** Made before a connection is used and again every minute; a refusal ends the connection. */
  readonly privileges: PrivilegeCheck;
  readonly idleLimitMs?: number;
}

/**
 * The lasting connections of one loop, one per target. A connection that turns out dead is replaced once, and the
 * statements are sent again; a second failure is the target's answer.
 */
export class Sessions {
  readonly #kept = new Map<string, Kept>();
  readonly #visited = new Map<string, { readonly findings: readonly Finding[]; readonly at: number }>();
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
    this.#kept.set(target.cluster, { session, findings, openedAt: now, usedAt: now });
    return session;
  }

  /**
   * Reads the statements of a plan for the server in one round trip; on a dead connection once more, planned anew, on a
   * new one.
   */
  async read<P extends { readonly statements: readonly Statement[] }>(
    target: TargetConfig,
    planFor: (session: Session) => P,
    deadlineMs: number,
  ): Promise<{ session: Session; plan: P; answers: Answers }> {
    const readOver = async (session: Session, ms: number) => {
      const plan = planFor(session);
      return { session, plan, answers: await session.read(plan.statements, ms) };
    };
    const started = performance.now();
    const lasted = this.#kept.has(target.cluster);
    const first = await this.session(target);
    const read = await readOver(first, deadlineMs);
    if (!lasted || !first.lost || first.lost.kind === 'timeout') return read;
    const left = deadlineMs - (performance.now() - started);
    return left <= 0 ? read : await readOver(await this.session(target), left);
  }

  /**
   * A turn in another database of the target, over a connection that is closed afterwards. It is looked at before its
   * first use and again every hour, not at every turn.
   *
   * @throws PostgresProblem when the connection cannot be made, or the role can write there
   */
  async visit(
    target: TargetConfig,
    database: string,
    turn: (session: Session, findings: readonly Finding[]) => Promise<void>,
  ): Promise<void> {
    const place = `${target.cluster} ${database}`;
    const session = await this.#connect(target, database);
    try {
      const known = this.#visited.get(place);
      const fresh = known && performance.now() - known.at <= AGE_LIMIT_MS;
      const findings = fresh ? known.findings : await inspect(session, this.#options.privileges);
      if (!fresh) this.#visited.set(place, { findings, at: performance.now() });
      await turn(session, findings);
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

  async #connect(target: TargetConfig, database?: string): Promise<Session> {
    try {
      return await this.#login(target, database, false);
    } catch (error) {
      // A rotated secret is known by the old one's refusal; a password of the configuration is what it is.
      if (!target.auth || !(error instanceof PostgresProblem) || error.kind !== 'auth') throw error;
      return await this.#login(target, database, true);
    }
  }

  async #login(target: TargetConfig, database: string | undefined, fresh: boolean): Promise<Session> {
    const credentials = await this.#options.credentials(target, fresh);
    const endpoint = endpointOf(target, credentials);
    return await Session.open(database ? { ...endpoint, database } : endpoint, credentials, this.#options);
  }
}
