/** Exit codes of the command line; stable. */
export const EXIT = {
  done: 0,
  /** Something is wrong: a failed check. */
  found: 1,
  /** Bad usage or a bad configuration. */
  usage: 2,
  /** A server is unreachable or refuses the login. */
  unreachable: 3,
  /** The role can write. */
  refused: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message for people and a code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** @param kind of the problem with a server: a `ProblemKind`, or what a snapshot has of one */
export function exitCodeOf(kind: string): ExitCode {
  if (kind === 'config') return EXIT.usage;
  return kind === 'writable' ? EXIT.refused : EXIT.unreachable;
}
