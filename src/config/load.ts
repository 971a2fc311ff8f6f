import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { isRecord, keysAt, scalarKeys, unknownVariables, withOverrides } from './environment.ts';
import { type Config, configSchema } from './schema.ts';
import { didYouMean } from './similar.ts';

/** Everything that is wrong with a configuration, at once; each line names the place, the fault and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly source: string;
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[]) {
    super(
      [
        `${source} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map((p) => `  ${p}`),
      ].join('\n'),
    );
    this.source = source;
    this.problems = problems;
  }
}

const keys = scalarKeys(configSchema);

/**
 * Parses and validates a configuration.
 *
 * @param yaml the file's text; empty where there is no file
 * @param source what to call it in messages
 * @param env overrides such as `PGMON_DSN`
 * @throws ConfigError with all problems at once
 */
export function parseConfig(yaml: string, source: string, env: Readonly<Record<string, string | undefined>>): Config {
  return checkedConfig(configInput(yaml, source, env), source, env);
}

/**
 * The configuration as it was written, with the overrides of the environment, before it is checked.
 *
 * @throws ConfigError where the text is no YAML mapping
 */
export function configInput(
  yaml: string,
  source: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const document = parseDocument(yaml, { prettyErrors: true });
  if (document.errors.length > 0) {
    // The first line of a YAML error has the place; the lines behind it show the file's text, which may be a secret.
    throw new ConfigError(
      source,
      document.errors.map((error) => error.message.split('\n')[0]?.replace(/:$/, '') ?? 'is not YAML'),
    );
  }
  const content = contentOf(document, source);
  if (!isRecord(content))
    throw new ConfigError(source, ['must be a mapping of keys to values, such as `cluster: my-db`']);
  return withOverrides(content, keys, env);
}

/** @throws ConfigError with all problems of what {@link configInput} gave */
export function checkedConfig(
  input: Readonly<Record<string, unknown>>,
  source: string,
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const result = configSchema.safeParse(input, { reportInput: true });
  const unknown = unknownVariables(env, keys, input);
  if (result.success && unknown.length === 0) return result.data;
  const overridden = new Map(keys.filter((key) => env[key.variable]).map((key) => [key.path.join('.'), key.variable]));
  const faults = (result.error?.issues ?? []).flatMap((issue) => describe(issue, overridden));
  throw new ConfigError(source, [...new Set([...faults, ...unknown])]);
}

/** The document's values. An alias without its anchor is found only here; what it names may be a secret, so it is not shown. */
function contentOf(document: ReturnType<typeof parseDocument>, source: string): unknown {
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch {
    throw new ConfigError(source, [
      'an alias (*name) has no anchor (&name), or there are too many aliases: write the values out',
    ]);
  }
  if (!containsItself(content)) return content;
  throw new ConfigError(source, [
    'an alias (*name) stands inside what its own anchor (&name) marks: write the values out',
  ]);
}

/** Whether a value is somewhere within itself, as YAML can say and nothing can read to its end. */
function containsItself(value: unknown, within: ReadonlySet<unknown> = new Set(), done = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null || done.has(value)) return false;
  if (within.has(value)) return true;
  const path = new Set([...within, value]);
  const found = Object.values(value).some((one) => containsItself(one, path, done));
  done.add(value);
  return found;
}

function describe(issue: z.core.$ZodIssue, overridden: ReadonlyMap<string, string>): string[] {
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  const variable = overridden.get(issue.path.join('.'));
  const place = [path || 'the file', variable ? `(from ${variable})` : ''].filter(Boolean).join(' ');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const near = didYouMean(key, keysAt(configSchema, issue.path));
      return `${path ? `${path}.` : ''}${harmless(key)}: is not a known key${near}`;
    });
  if (issue.code === 'invalid_union') return [`${place}: ${allowed(issue)}`];
  return [`${place}: ${allowed(issue)}${shown(issue, path)}`];
}

/** What each alternative of a union takes. */
function choices(issue: z.core.$ZodIssueInvalidUnion): string {
  const texts = issue.errors.flatMap(([first]) => (first ? [allowed(first).replace(/^must be /, '')] : []));
  return `must be ${[...new Set(texts)].join(', or ')}`;
}

function allowed(issue: z.core.$ZodIssue): string {
  // A message of the schema's own says more than its kind does.
  if (!issue.message.startsWith('Invalid') && !issue.message.startsWith('Too ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => (value === '' ? 'empty' : String(value))).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'invalid_union':
      return choices(issue);
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function article(type: string): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    int: 'a whole number',
    string: 'text',
    boolean: 'true or false',
  };
  return names[type] ?? `a ${type}`;
}

// The value helps to find the mistake; one that may be a secret is never echoed.
const SECRET = /dsn|secret|password|token|webhook|smtp|key|url|auth/i;

function shown(issue: z.core.$ZodIssue, path: string): string {
  const { input } = issue;
  if (SECRET.test(path) || input === undefined)
    return input === undefined && issue.code === 'invalid_type' ? ' and is missing' : '';
  if (typeof input === 'string') return `, not ${JSON.stringify(harmless(input))}`;
  if (typeof input === 'number' || typeof input === 'boolean' || input === null)
    return `, not ${JSON.stringify(input)}`;
  return '';
}

/** A text that is safe to show: one with a URL or an address may be a login in the wrong place. */
function harmless(text: string): string {
  if (/:\/\/|@|password=/i.test(text)) return '(a URL)';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
