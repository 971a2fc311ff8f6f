import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { CommandFailure, EXIT } from './exit.ts';
import { printMessage } from './output.ts';
import type { TimeOptions } from './times.ts';

interface Common {
  config?: string;
  json?: boolean;
}

/** Each command imports its own module when it runs: loading all of them takes 0.8 s of CPU, which `--help` must not. */
function program(exit: (code: number) => void): Command {
  const root = new Command('pgmon')
    .description('Read-only PostgreSQL health monitoring.')
    .version(manifest.version)
    .exitOverride();
  const command = (name: string, description: string) =>
    root
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'configuration file (default: pgmon.yaml, if present)')
      .option('--json', 'print one JSON document');
  command('serve', 'monitor the targets and serve the page, the API and /metrics; without a target, a demo').action(
    async (options: Common) => exit(await (await import('./serve.ts')).serveCommand(options)),
  );
  command('check', 'check every target: reachable, read-only, what is missing').action(async (options: Common) =>
    exit(await (await import('./check.ts')).checkCommand(options)),
  );
  command('sql', 'print every statement that pgmon sends').action(async (options: Common) =>
    (await import('./sql.ts')).sqlCommand(options),
  );
  command('cost', 'estimate the monthly AWS bill, by service and by server')
    .option('--servers <count>', 'estimate for this many servers like the first')
    .action(async (options: Common & { servers?: string }) => (await import('./cost.ts')).costCommand(options));
  const events = command('events', 'list what changed, newest first: restarts, settings, objects, deployments, alerts')
    .option('--since <time>', 'how far back: 24h (the default), 7d or RFC 3339')
    .option('--kind <kinds>', 'only these kinds, separated by commas')
    .option('--cluster <name>', 'only this target')
    .option('--all', "the server's routine, too: vacuum, analyze, checkpoints");
  timed(events).action(
    async (options: Common & TimeOptions & { since?: string; kind?: string; cluster?: string; all?: boolean }) =>
      exit(await (await import('./events.ts')).eventsCommand(options)),
  );
  const changed = command(
    'changed',
    'what changed up to a moment or the begin of an alert: events, then what moved most against the time before',
  )
    .option('--alert <fingerprint>', 'up to the begin of this alert, in place of a moment')
    .option('--window <time>', 'length of the window, and of the one before it: 5m to 24h (default: 15m)')
    .option('--cluster <name>', 'target (default: the first)')
    .option('--at <time>', 'the moment: -15m, now or RFC 3339 (default: now)')
    .option('--utc', 'times in UTC in place of the local zone');
  changed.action(
    async (options: Common & { at?: string; utc?: boolean; alert?: string; window?: string; cluster?: string }) =>
      exit(await (await import('./changed.ts')).changedCommand(options)),
  );
  command('incidents', 'list incidents, newest first: alerts with one cause, how long they lasted, who acknowledged')
    .option('--since <time>', 'how far back: 24h, 7d or RFC 3339', '7d')
    .option('--cluster <name>', 'only this target')
    .option('--open', 'only those that are open')
    .option('--limit <count>', 'number of entries', '50')
    .action(async (options: Common & { since: string; cluster?: string; open?: boolean; limit: string }) =>
      exit(await (await import('./incidents.ts')).incidentsCommand(options)),
    );
  command('incident', 'show an incident with its timeline and its alerts')
    .argument('<id>', 'id from pgmon incidents')
    .action(async (id: string, options: Common) =>
      exit(await (await import('./incidents.ts')).incidentCommand(id, options)),
    );
  command('acknowledge', 'acknowledge an incident: it is not repeated; that it gets worse or ends is still sent')
    .argument('<id>', 'id from pgmon incidents')
    .option('--by <name>', 'who')
    .action(async (id: string, options: Common & { by?: string }) =>
      exit(await (await import('./incidents.ts')).acknowledgeCommand(id, options)),
    );
  command('event', 'post an event, such as a deployment')
    .argument('<text>', 'one line, such as "deploy 4711"')
    .option('--kind <kind>', 'what it is', 'deploy')
    .option('--at <time>', 'when it was: now, -5m or RFC 3339', 'now')
    .option('--cluster <name>', 'only this target; else all')
    .option('--object <name>', 'what it is about')
    .option('--by <name>', 'who did it')
    .option('--id <id>', 'posted again under this id, it stays one')
    .action(
      async (
        text: string,
        options: Common & { kind: string; at: string; cluster?: string; object?: string; by?: string; id?: string },
      ) => exit(await (await import('./events.ts')).eventCommand(text, options)),
    );
  root
    .command('backup')
    .description('copy the local store, even while serve runs')
    .argument('<file>', 'destination; must not exist')
    .option('-c, --config <file>', 'configuration file (default: pgmon.yaml, if present)')
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: Common) =>
      exit(await (await import('./backup.ts')).backupCommand(file, options)),
    );
  root
    .command('token')
    .description('manage API tokens')
    .command('create')
    .description('create a bearer token; the configuration gets only its hash')
    .requiredOption('--role <role>', 'viewer, operator or admin')
    .option('--name <name>', 'who uses it', 'token')
    .option('--json', 'print one JSON document')
    .action(async (options: { role: string; name: string; json?: boolean }) =>
      (await import('./token.ts')).tokenCommand(options),
    );
  alertCommands(
    root.command('alerts').description('list and check rules, test channels, manage silences, show history'),
    exit,
  );
  return root;
}

/** The time that a command which reads the past is of, as the API takes it. */
function timed(command: Command): Command {
  return command
    .option('--from <time>', 'start of the range: -6h, 7d, now or RFC 3339')
    .option('--to <time>', 'end of the range (default: now)')
    .option('--at <time>', 'the moment up to which; as --to where there is no --from')
    .option('--utc', 'times in UTC in place of the local zone');
}

function alertCommands(alerts: Command, exit: (code: number) => void): void {
  const command = (name: string, description: string) =>
    alerts
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'configuration file (default: pgmon.yaml, if present)')
      .option('--json', 'print one JSON document');
  command('list', 'list every rule with its thresholds and where they come from').action(async (options: Common) =>
    (await import('./alerts.ts')).alertsListCommand(options),
  );
  command('test', 'send a marked test message to every channel, and print its answer')
    .option('--channel <name>', 'only this channel')
    .option('--rule <id>', 'send it as if this rule fired')
    .action(async (options: Common & { channel?: string; rule?: string }) =>
      exit(await (await import('./alerts.ts')).alertsTestCommand(options)),
    );
  command('check', 'evaluate every rule once, now; exit 1 if one fires').action(async (options: Common) =>
    exit(await (await import('./alerts.ts')).alertsCheckCommand(options)),
  );
  command('open', 'list open alerts with their fingerprints')
    .option('--cluster <name>', 'only this target')
    .action(async (options: Common & { cluster?: string }) =>
      exit(await (await import('./silences.ts')).openCommand(options)),
    );
  command('acknowledge', 'acknowledge an open alert: it is not repeated')
    .argument('<fingerprint>', 'from pgmon alerts open')
    .action(async (fingerprint: string, options: Common) =>
      exit(await (await import('./silences.ts')).acknowledgeCommand(fingerprint, options)),
    );
  command('silence', 'silence matching alerts for a while')
    .requiredOption('--for <time>', 'duration, such as 2h')
    .option('--cluster <name>', 'only this target')
    .option('--rule <id>', 'only this rule')
    .option('--label <name=value...>', 'only alerts with this label')
    .option('--comment <text>', 'why')
    .action(
      async (options: Common & { for: string; cluster?: string; rule?: string; label?: string[]; comment?: string }) =>
        exit(await (await import('./silences.ts')).silenceCommand(options)),
    );
  command('silences', 'list active silences').action(async (options: Common) =>
    exit(await (await import('./silences.ts')).silencesCommand(options)),
  );
  command('unsilence', 'end a silence')
    .argument('<id>', 'id from pgmon alerts silences')
    .action(async (id: string, options: Common) =>
      exit(await (await import('./silences.ts')).unsilenceCommand(id, options)),
    );
  const history = command('history', 'show the alert history, newest first')
    .option('--limit <count>', 'number of entries', '50')
    .option('--cluster <name>', 'only this target');
  timed(history).action(async (options: Common & TimeOptions & { limit: string; cluster?: string }) =>
    exit(await (await import('./silences.ts')).historyCommand(options)),
  );
}

/** Runs the command line; a failure is a message and an exit code, never a stack trace. */
export async function main(argv: readonly string[]): Promise<void> {
  // `pgmon sql | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  try {
    await program((code) => {
      process.exitCode = code;
    }).parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version come this way, too; they end well.
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
      return;
    }
    if (!(error instanceof CommandFailure)) throw error;
    printMessage(`pgmon: ${error.message}`);
    process.exitCode = error.code;
  }
}
