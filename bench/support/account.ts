import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { cpuMs } from './cpu.ts';

/** Settings of a server whose connections are distinguished by {@link Account}. */
export const ACCOUNTED = {
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgresql.log',
  log_rotation_age: '0',
  log_rotation_size: '0',
  log_disconnections: 'on',
  log_line_prefix: '%u|%a|%d|',
} as const;

const POLL_MS = 40;
/** Linux counts what children took that have ended in hundredths of a second. */
const TICK_MS = 10;

/** A connection that has ended. */
export interface Ended {
  readonly application: string;
  readonly database: string;
  /** As `performance.now()`. */
  readonly at: number;
}

/**
 * What one role takes of a server, as who knows nothing of its client sees it: CPU of the backends that are there, from
 * the scheduler, and of those that have ended, from the postmaster's account of its children, by application name. The
 * latter is exact to a hundredth of a second in all, however many there were.
 */
export class Account {
  readonly ended: Ended[] = [];
  readonly #admin: pg.Client;
  readonly #role: string;
  readonly #postmaster: number;
  readonly #log: number;
  readonly #ended = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #read: number;
  #rest = '';
  #children: number;
  /** Applications of connections that have ended, which the postmaster has not accounted for yet. */
  #unpaid: string[] = [];

  constructor(admin: pg.Client, role: string, server: { readonly pid: number; readonly dataDir: string }) {
    this.#admin = admin;
    this.#role = role;
    this.#postmaster = server.pid;
    this.#log = openSync(join(server.dataDir, 'log', 'postgresql.log'), 'r');
    this.#read = fstatSync(this.#log).size;
    this.#children = endedChildrenMs(server.pid);
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
  }

  /** CPU milliseconds since the account was opened, by application name. */
  async read(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#admin.query<{ pid: number; application: string }>(
      'SELECT pid, application_name AS application FROM pg_stat_activity WHERE usename = $1',
      [this.#role],
    );
    this.#poll();
    const total = new Map(this.#ended);
    for (const { pid, application } of rows) {
      try {
        total.set(application, (total.get(application) ?? 0) + cpuMs(pid));
      } catch {
        // It ended since it was asked for, and is in the postmaster's account.
      }
    }
    return total;
  }

  /** CPU milliseconds of the connections that have ended, by application name: what {@link read} has of them. */
  endedMs(): ReadonlyMap<string, number> {
    this.#poll();
    return new Map(this.#ended);
  }

  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#log);
  }

  #poll(): void {
    for (const line of this.#lines()) {
      const [user, application = '', database = '', message = ''] = line.split('|');
      if (user !== this.#role || !message.includes('disconnection:')) continue;
      this.ended.push({ application, database, at: performance.now() });
      this.#unpaid.push(application);
    }
    const children = endedChildrenMs(this.#postmaster);
    const took = children - this.#children;
    if (took === 0 || this.#unpaid.length === 0) return;
    for (const application of this.#unpaid)
      this.#ended.set(application, (this.#ended.get(application) ?? 0) + took / this.#unpaid.length);
    this.#unpaid = [];
    this.#children = children;
  }

  #lines(): string[] {
    const buffer = Buffer.alloc(fstatSync(this.#log).size - this.#read);
    this.#read += readSync(this.#log, buffer, 0, buffer.length, this.#read);
    const lines = (this.#rest + buffer.toString()).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}

function endedChildrenMs(postmaster: number): number {
  const text = readFileSync(`/proc/${postmaster}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}
