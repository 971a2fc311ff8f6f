import * as z from 'zod';
import { didYouMean } from './similar.ts';

/** A scalar key of the configuration: its path, the environment variable that overrides it and what it holds. */
export interface ScalarKey {
  readonly path: readonly string[];
  readonly variable: string;
  readonly type: 'string' | 'number' | 'boolean';
}

interface JsonSchema {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: JsonSchema;
}

/** Every scalar key outside lists, from the JSON Schema of the configuration: nothing is listed by hand. */
export function scalarKeys(schema: z.ZodType): ScalarKey[] {
  const keys = walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, []);
  // A key that may be one of several kinds of text is found once for each.
  return [...new Map(keys.map((key) => [key.variable, key])).values()];
}

/**
 * Keys that a configuration may have at a place, such as those of the first target.
 *
 * @param path names of keys, and positions in lists
 */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const alternatives = (node: JsonSchema): JsonSchema[] => [
    node,
    ...[...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(alternatives),
  ];
  const places = path.reduce<JsonSchema[]>(
    (nodes, part) =>
      nodes.flatMap(alternatives).flatMap((node) => {
        const child = typeof part === 'number' ? node.items : node.properties?.[String(part)];
        return child ? [child] : [];
      }),
    [root],
  );
  return places.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {}));
}

function walk(node: JsonSchema, path: readonly string[]): ScalarKey[] {
  const properties = Object.entries(node.properties ?? {});
  const nested = [
    ...properties.flatMap(([key, child]) => walk(child, [...path, key])),
    ...(node.anyOf ?? []).flatMap((child) => walk(child, path)),
  ];
  if (nested.length > 0 || path.length === 0) return nested;
  const type = node.type ?? typeof (node.const ?? node.enum?.[0]);
  if (type !== 'string' && type !== 'number' && type !== 'integer' && type !== 'boolean') return [];
  return [{ path, variable: variableFor(path), type: type === 'integer' ? 'number' : type }];
}

function variableFor(path: readonly string[]): string {
  return `PGMON_${path.map((key) => key.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()).join('_')}`;
}

/** The file's content with the overrides of the environment laid over it. Text is turned into what the key holds. */
export function withOverrides(
  file: Readonly<Record<string, unknown>>,
  keys: readonly ScalarKey[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const result = structuredClone(file) as Record<string, unknown>;
  for (const { path, variable, type } of keys) {
    const text = env[variable];
    if (text !== undefined && text !== '') assign(result, path, typed(text, type));
  }
  return result;
}

/** Ours but not of the configuration: the command line's token, a deployment's own, switches of the tests. */
const ELSEWHERE = /^PGMON_(TOKEN|TABLE|TOPIC_ARN|TOKENS_ARN|(TEST|CHAOS|FUZZ|BENCH)_\w+)$/;

/** What Kubernetes gives to every pod beside a service called pgmon, or pgmon-…: PGMON_SERVICE_HOST, PGMON_PORT_8181_TCP_ADDR. */
const OF_A_SERVICE = /^PGMON_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;

/**
 * Variables that look like overrides and override nothing: a setting that somebody believes in and that does not hold.
 *
 * @param input the configuration as written; variables that it names (`{ env: … }`) are its own
 */
export function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  keys: readonly ScalarKey[],
  input: unknown,
): string[] {
  const known = keys.map(({ variable }) => variable);
  const named = new Set(variablesIn(input));
  return Object.keys(env)
    .filter((name) => /^PGMON_/i.test(name) && env[name] !== undefined)
    .filter((name) => !known.includes(name) && !named.has(name) && !ELSEWHERE.test(name) && !OF_A_SERVICE.test(name))
    .map((name) => `${name}: is not a variable that pgmon reads${didYouMean(name.toUpperCase(), known)}`);
}

function variablesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'env' && typeof inner === 'string' ? [inner] : variablesIn(inner),
  );
}

// What does not read as a number or boolean stays text, so that the schema refuses it with the right message.
function typed(text: string, type: ScalarKey['type']): unknown {
  if (type === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function assign(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    root[key] = value;
    return;
  }
  const child = root[key];
  const next: Record<string, unknown> = isRecord(child) ? child : {};
  root[key] = next;
  assign(next, rest, value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
