type Operator = '=' | '<' | '<=' | '>' | '>=';

/** A condition on the item that is there. A comparison with an attribute that is missing, or of another type, is false. */
export type Condition =
  | { readonly absent: string }
  | { readonly present: string }
  | { readonly attribute: string; readonly is: Operator; readonly to: string | number }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

export const absent = (name: string): Condition => ({ absent: name });
export const present = (name: string): Condition => ({ present: name });
export const compare = (attribute: string, is: Operator, to: string | number): Condition => ({ attribute, is, to });
export const all = (...conditions: readonly Condition[]): Condition => ({ all: conditions });
export const any = (...conditions: readonly Condition[]): Condition => ({ any: conditions });

/** Whether a condition holds of an item, empty where there is none; as DynamoDB would say. */
export function holds(condition: Condition, item: Readonly<Record<string, unknown>>): boolean {
  if ('all' in condition) return condition.all.every((one) => holds(one, item));
  if ('any' in condition) return condition.any.some((one) => holds(one, item));
  if ('absent' in condition) return item[condition.absent] === undefined;
  if ('present' in condition) return item[condition.present] !== undefined;
  const { attribute, is, to } = condition;
  const order = orderOf(item[attribute], to);
  if (order === undefined) return false;
  if (order === 0) return is === '=' || is === '<=' || is === '>=';
  return order < 0 ? is === '<' || is === '<=' : is === '>' || is === '>=';
}

/** Texts by their UTF-8 bytes, which is not the order of JavaScript: it compares UTF-16. */
function orderOf(left: unknown, right: string | number): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return Math.sign(left - right);
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return undefined;
}

export interface Expression {
  readonly text: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, string | number>;
}

/** The condition in DynamoDB's language; its placeholders begin with `#c` and `:c`. */
export function expressionOf(condition: Condition): Expression {
  const names: Record<string, string> = {};
  const values: Record<string, string | number> = {};
  const nameOf = (name: string) => {
    const placeholder = Object.keys(names).find((one) => names[one] === name) ?? `#c${Object.keys(names).length}`;
    names[placeholder] = name;
    return placeholder;
  };
  const joined = (parts: readonly Condition[], by: string) => {
    const texts = parts.map(textOf).filter((text) => text !== '');
    return texts.length > 1 ? `(${texts.join(by)})` : (texts[0] ?? '');
  };
  const textOf = (one: Condition): string => {
    if ('all' in one) return joined(one.all, ' AND ');
    if ('any' in one) return joined(one.any, ' OR ');
    if ('absent' in one) return `attribute_not_exists(${nameOf(one.absent)})`;
    if ('present' in one) return `attribute_exists(${nameOf(one.present)})`;
    const value = `:c${Object.keys(values).length}`;
    values[value] = one.to;
    return `${nameOf(one.attribute)} ${one.is} ${value}`;
  };
  return { text: textOf(condition), names, values };
}
