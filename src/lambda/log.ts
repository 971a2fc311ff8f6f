import type { Log } from '../loops/log.ts';

/** Lines of JSON, which the platform makes of objects, filters by level and sends to CloudWatch Logs. */
export const lambdaLog: Log = {
  debug: (context, message) => console.debug(line(context, message)),
  info: (context, message) => console.info(line(context, message)),
  warn: (context, message) => console.warn(line(context, message)),
  error: (context, message) => console.error(line(context, message)),
};

function line(context: object, message: string): string {
  const seen = Object.entries(context).map(([key, value]) => [key, value instanceof Error ? shown(value) : value]);
  return JSON.stringify({ message, ...Object.fromEntries(seen) });
}

/** An error with those that it is made of; none of ours holds a secret. */
function shown(error: Error): object {
  const { name, message, cause } = error;
  const errors = error instanceof AggregateError ? error.errors.slice(0, 5) : [];
  return {
    name,
    message,
    ...(cause instanceof Error ? { cause: shown(cause) } : {}),
    ...(errors.length > 0 ? { errors: errors.map((one) => (one instanceof Error ? shown(one) : one)) } : {}),
  };
}
