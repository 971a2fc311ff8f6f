import type { Runbook } from './page.ts';

export const availabilityPages: Runbook = {
  server_down: {
    meaning:
      'The server does not answer: the connection was refused, timed out, or broke. All other alerts of the target wait until it answers.',
    investigate:
      "`pgmon check` names the reason. From the same network: `psql -h HOST -c 'SELECT 1'`. On RDS, check the events of the instance.",
    resolve:
      'Start the server, or open the route to it (security group, firewall, DNS). After a crash, read its log before anything else.',
    quieter: 'Raise `alerts.rules.server_down.for` if restarts are routine, or schedule a maintenance window for them.',
  },
  cannot_log_in: {
    meaning:
      'The server answers but pgmon cannot work: wrong password, missing database, untrusted TLS certificate, or a role that can write.',
    investigate: '`pgmon check` says which one it is and prints the statement that fixes it.',
    resolve:
      'Run that statement. After a password rotation, update the secret. A role that can write is refused by design.',
    quieter: 'No reason to: without a login, nothing is monitored.',
  },
  canary_slow: {
    meaning: '`SELECT 1` took longer than it should: the network, the host, or a process starved of CPU.',
    investigate:
      '`SELECT state, wait_event_type, wait_event, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC;`, and the CPU and network of the host.',
    resolve:
      'Relieve the host: end the heaviest statements (view Queries), or give it more CPU. If only pgmon is affected, check the network between.',
    quieter: '`alerts.rules.canary_slow.warning` in seconds; a distant server is slower by nature.',
  },
  collector_degraded: {
    meaning:
      'A collector failed twice or made a pass late. It backs off, longer each time, and is retried alone; all others continue.',
    investigate: 'The view Collector health, `/healthz` and the log give the reason: a timeout, a lock, a permission.',
    resolve: 'Run its statement by hand (`pgmon sql`) as the same role. Lower `limits`, or grant what is missing.',
    quieter: 'Raise `timeouts.statement_timeout_ms` if the server is slow by nature.',
  },
  loop_late: {
    meaning: 'A slower loop has not run for several of its intervals.',
    investigate: 'The log of pgmon; on AWS, the alarms `failing` and `not running` of the loop.',
    resolve: 'Restart pgmon, or find out why the Lambda is throttled or fails.',
    quieter: 'No reason to: the rules of that loop see nothing meanwhile.',
  },
  target_without_data: {
    meaning: 'The hot loop has not read this target for many of its intervals, while the workload loop still runs.',
    investigate: 'The log of pgmon; on AWS, the alarms of the hot loop and its lease in the table.',
    resolve: 'Restart pgmon, or find out why the Lambda is throttled or fails.',
    quieter: 'No reason to: locks and transactions are not monitored meanwhile.',
  },
};
