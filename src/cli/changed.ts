import { changedRoute } from '../api/changed-routes.ts';
import { changedText } from './changed-text.ts';
import { readConfig } from './config-file.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { printJson, printText } from './output.ts';
import { withReader } from './reader.ts';
import { askedTime, clockOf, type TimeOptions } from './times.ts';

interface Options extends TimeOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly cluster?: string;
  /** Fingerprint of an alert. */
  readonly alert?: string;
  readonly window?: string;
}

/** What changed up to a moment or the begin of an alert, as `GET /changed` answers it. */
export async function changedCommand(options: Options): Promise<ExitCode> {
  const { cluster, alert, window } = options;
  const query = { cluster, alert, window, ...askedTime(options, new Date()) };
  const answer = await withReader(readConfig(options.config), (read) => read(changedRoute, query));
  if (options.json) printJson(answer);
  else printText(changedText(answer, clockOf(options)));
  return EXIT.done;
}
