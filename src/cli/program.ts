import { Command, CommanderError } from 'commander';
import { checkCommand } from './check.ts';
import { CommandFailure, EXIT } from './exit.ts';
import { printMessage } from './output.ts';
import { serveCommand } from './serve.ts';
import { sqlCommand } from './sql.ts';

interface Common {
  config?: string;
  json?: boolean;
}

function program(exit: (code: number) => void): Command {
  const root = new Command('pgmon').description('Read-only PostgreSQL health monitoring.').exitOverride();
  const command = (name: string, description: string) =>
    root
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'configuration file (pgmon.yaml where it lies here)')
      .option('--json', 'one JSON document on stdout');
  command('serve', 'watch the targets and serve the page, the API and /metrics; a demo without a target').action(
    async (options: Common) => exit(await serveCommand(options)),
  );
  command('check', 'look at every target: reachable, read-only, what is missing').action(async (options: Common) =>
    exit(await checkCommand(options)),
  );
  command('sql', 'print every statement that pgmon sends').action((options: Common) => sqlCommand(options));
  return root;
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
