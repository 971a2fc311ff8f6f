import { type Condition, expressionOf } from './condition.ts';
import type { Key } from './keys.ts';
import type { Attributes } from './table.ts';

/**
 * What DynamoDB refuses, from "Service, account, and table quotas in Amazon DynamoDB" and "Expression parameters". Checked
 * here, before anything is sent, by both adapters: what AWS would refuse fails on one machine and in every test as well.
 */
export const LIMITS = {
  itemBytes: 400 * 1_024,
  partitionKeyBytes: 2_048,
  sortKeyBytes: 1_024,
  expressionBytes: 4 * 1_024,
  attributeNameBytes: 65_535,
  nesting: 32,
  batch: 25,
  /** Other than 0, nearer to 0 than this a number cannot be. */
  leastMagnitude: 1e-130,
} as const;

/** A write that DynamoDB would refuse. The caller's fault: trying again does not help. */
export class LimitExceeded extends Error {
  override readonly name = 'LimitExceeded';

  constructor(key: Key, what: string) {
    super(`${key.pk.slice(0, 100)} / ${key.sk.slice(0, 100)}: ${what}`);
  }
}

/** @throws LimitExceeded for a key that no item can have */
export function checkKey(key: Key): void {
  const part = (name: 'pk' | 'sk', most: number) => {
    const bytes = Buffer.byteLength(key[name]);
    if (bytes === 0) throw new LimitExceeded(key, `${name} is empty`);
    if (bytes > most) throw new LimitExceeded(key, `${name} has ${bytes} bytes, at most ${most} are allowed`);
    if (!key[name].isWellFormed()) throw new LimitExceeded(key, `${name} is not well-formed Unicode`);
  };
  part('pk', LIMITS.partitionKeyBytes);
  part('sk', LIMITS.sortKeyBytes);
}

/**
 * The attributes as they are stored: without what is undefined.
 *
 * @throws LimitExceeded for what an item cannot hold
 */
export function checkedAttributes(key: Key, attributes: Attributes): Record<string, unknown> {
  checkKey(key);
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (name === 'pk' || name === 'sk') throw new LimitExceeded(key, `${name} is part of the key, not an attribute`);
    checked[checkedName(key, name)] = checkedValue(key, name, value, 0);
  }
  const { expires } = checked;
  if (expires !== undefined && typeof expires !== 'number') throw new LimitExceeded(key, 'expires is not a number');
  checkItemSize(key, checked);
  return checked;
}

/** Bytes of an item as DynamoDB counts and charges them, names and key included. */
export function itemBytes(key: Key, attributes: Attributes): number {
  return 4 + Buffer.byteLength(key.pk) + Buffer.byteLength(key.sk) + mapBytes(attributes);
}

/** @throws LimitExceeded for an item of more than 400 KB */
export function checkItemSize(key: Key, attributes: Attributes): void {
  const bytes = itemBytes(key, attributes);
  if (bytes > LIMITS.itemBytes)
    throw new LimitExceeded(key, `the item has ${bytes} bytes, at most ${LIMITS.itemBytes} are allowed`);
}

/** The update expression that sets these attributes; its placeholders are `#0`, `:0` and so on. */
export function setExpression(key: Key, names: readonly string[]): string {
  return checkedExpression(key, `SET ${names.map((_, i) => `#${i} = :${i}`).join(', ')}`);
}

/** The update expression that removes these attributes. */
export function removeExpression(key: Key, names: readonly string[]): string {
  return checkedExpression(key, `REMOVE ${names.map((_, i) => `#${i}`).join(', ')}`);
}

/** @throws LimitExceeded for a condition that is too long */
export function checkCondition(key: Key, when: Condition): void {
  checkedExpression(key, expressionOf(when).text);
}

function checkedExpression(key: Key, text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.expressionBytes)
    throw new LimitExceeded(key, `the expression has ${bytes} bytes, at most ${LIMITS.expressionBytes} are allowed`);
  return text;
}

function checkedName(key: Key, name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0) throw new LimitExceeded(key, 'an attribute has no name');
  if (bytes > LIMITS.attributeNameBytes) throw new LimitExceeded(key, `the name of an attribute has ${bytes} bytes`);
  if (!name.isWellFormed()) throw new LimitExceeded(key, 'the name of an attribute is not well-formed Unicode');
  return name;
}

function checkedValue(key: Key, name: string, value: unknown, depth: number): unknown {
  const refuse = (what: string) => new LimitExceeded(key, `${name.slice(0, 100)} ${what}`);
  if (depth > LIMITS.nesting) throw refuse(`is nested more than ${LIMITS.nesting} levels deep`);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refuse(`is ${value}: a number must be finite`);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw refuse(`is ${value}: it would not come back as it is`);
    if (value !== 0 && Math.abs(value) < LIMITS.leastMagnitude) throw refuse(`is ${value}: nearer to 0 than 1e-130`);
    return value === 0 ? 0 : value;
  }
  if (value instanceof Uint8Array) return value;
  if (value instanceof Set) {
    const kinds = new Set([...value].map((entry) => typeof entry));
    const [kind] = kinds;
    if (value.size === 0) throw refuse('is an empty set');
    if (kinds.size > 1 || (kind !== 'string' && kind !== 'number'))
      throw refuse('must be a set of texts or of numbers');
    return new Set([...value].map((entry) => checkedValue(key, name, entry, depth)));
  }
  if (Array.isArray(value)) {
    return value.filter((one) => one !== undefined).map((one) => checkedValue(key, name, one, depth + 1));
  }
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.fromEntries(
      entries.map(([inner, one]) => [checkedName(key, inner), checkedValue(key, `${name}.${inner}`, one, depth + 1)]),
    );
  }
  throw refuse(
    `is a ${typeof value === 'object' ? value.constructor.name : typeof value}, which no attribute can hold`,
  );
}

/** Bytes as DynamoDB counts them: "DynamoDB item sizes and formats". */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return numberBytes(value);
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Set) return [...value].reduce<number>((sum, one) => sum + bytesOf(one), 0);
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + 1 + bytesOf(one), 3);
  if (typeof value === 'object' && value !== null) return 3 + Object.keys(value).length + mapBytes(value);
  return 1;
}

function mapBytes(map: object): number {
  return Object.entries(map).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

/** A byte for two significant digits, and one more; one for the sign. */
function numberBytes(value: number): number {
  const digits = value.toExponential().replace(/e.*/, '').replace(/[-.]/g, '').length;
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
}
