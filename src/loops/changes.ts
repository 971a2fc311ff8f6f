import type { Snapshot } from '../metrics/snapshot.ts';
import type { Log } from './log.ts';

/**
 * Says a thing when it changes, and not at every pass: a target that goes away or comes back, a collector that begins
 * to be skipped, to fail or to back off, a finding about the role.
 */
export class ChangeLog {
  readonly #log: Log;
  readonly #said = new Map<string, string>();

  constructor(log: Log) {
    this.#log = log;
  }

  note(snapshot: Snapshot): void {
    const { cluster, loop, problem, server } = snapshot;
    const scope = { cluster, loop };
    if (problem) {
      this.#change(`${cluster} ${loop} up`, `down ${problem.message}`, () =>
        this.#log.error({ ...scope, kind: problem.kind, hint: problem.hint }, `${cluster}: ${problem.message}`),
      );
      return;
    }
    this.#change(`${cluster} ${loop} up`, 'up', () =>
      this.#log.info(
        { ...scope, version: server?.version, role: server?.role, database: server?.database },
        `${cluster}: watching`,
      ),
    );
    for (const { aspect, severity, message, hint } of snapshot.findings) {
      this.#change(`${cluster} ${aspect} ${message}`, severity, () =>
        this.#log.warn({ cluster, aspect, hint }, `${cluster}: ${message}`),
      );
    }
    for (const { collector: name, database, status, reason, hint, degraded, expected } of snapshot.outcomes) {
      const collector = database === undefined ? name : `${name} in ${database}`;
      const state = degraded ? 'backing off' : status;
      this.#change(`${cluster} ${loop} ${collector}`, `${state} ${degraded ? '' : (reason ?? '')}`, (first) => {
        if (state === 'ok' && reason) {
          this.#log.info({ ...scope, collector, hint }, `${cluster}: ${collector}: ${reason}`);
        } else if (state === 'ok') {
          if (!first) this.#log.info({ ...scope, collector }, `${cluster}: ${collector} answers again`);
        } else {
          const say = expected ? 'debug' : state === 'skipped' ? 'info' : 'warn';
          this.#log[say](
            { ...scope, collector, hint },
            `${cluster}: ${collector} ${state}${degraded ? '' : ':'} ${reason ?? ''}`,
          );
        }
      });
    }
  }

  #change(key: string, state: string, say: (first: boolean) => void): void {
    const before = this.#said.get(key);
    if (before === state) return;
    this.#said.set(key, state);
    say(before === undefined);
  }
}
