import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { absent, all, any, type Condition, compare, expressionOf, holds, present } from './condition.ts';
import type { Key } from './keys.ts';
import { checkCondition, checkedAttributes, checkKey, LIMITS, removeExpression, setExpression } from './limits.ts';
import type { Attributes, Entry, QueryOptions, ReadOptions, Table } from './table.ts';

/** How often a batch is sent again for what the service did not take at once. */
const BATCH_ATTEMPTS = 8;

/** How often a conditional write is tried where the item changes between the refusal and the look at it. */
const CONTENDED_ATTEMPTS = 5;

/** The table on AWS. Retries of throttled calls are the SDK's; what the service would refuse is never sent. */
export class DynamoTable implements Table {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;
  readonly #now: () => Date;

  /** @param now against which `expires` is compared: the service deletes what is past it only within days */
  constructor(name: string, config: DynamoDBClientConfig, now: () => Date = () => new Date()) {
    this.#client = DynamoDBDocumentClient.from(new DynamoDBClient(config), {
      marshallOptions: { removeUndefinedValues: true },
    });
    this.#name = name;
    this.#now = now;
  }

  async get(key: Key, { consistent = false }: ReadOptions = {}): Promise<Attributes | undefined> {
    const item = await this.#stored(key, consistent);
    return item && this.#isAlive(item) ? item : undefined;
  }

  async query(pk: string, options: QueryOptions = {}): Promise<Attributes[]> {
    const { from, to, limit = Number.POSITIVE_INFINITY, newestFirst = false, consistent = false } = options;
    const items: Attributes[] = [];
    let start: Attributes | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({
          TableName: this.#name,
          ...rangeOf(pk, from, to),
          ScanIndexForward: !newestFirst,
          ConsistentRead: consistent,
          ...(Number.isFinite(limit) ? { Limit: limit - items.length } : {}),
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      );
      items.push(...(page.Items ?? []).filter((item) => this.#isAlive(item)));
      start = page.LastEvaluatedKey;
    } while (start && items.length < limit);
    return items;
  }

  async put(key: Key, attributes: Attributes): Promise<void> {
    const Item = { ...checkedAttributes(key, attributes), ...key };
    await this.#client.send(new PutCommand({ TableName: this.#name, Item }));
  }

  async putAll(entries: readonly Entry[]): Promise<void> {
    const items = entries.map(({ key, attributes }) => ({ ...checkedAttributes(key, attributes), ...key }));
    for (let i = 0; i < items.length; i += LIMITS.batch) {
      await this.#putBatch(items.slice(i, i + LIMITS.batch));
    }
  }

  async putIf(key: Key, attributes: Attributes, when: Condition): Promise<boolean> {
    const Item = { ...checkedAttributes(key, attributes), ...key };
    const put = (condition: Condition) =>
      this.#unlessRefused(async () => {
        await this.#client.send(new PutCommand({ TableName: this.#name, Item, ...conditionOf(condition) }));
        return {};
      });
    return (await this.#whereAlive(key, when, put, put)) !== false;
  }

  async set(key: Key, attributes: Attributes): Promise<void> {
    await this.#update(key, attributes, all(), 'NONE');
  }

  async setIf(key: Key, attributes: Attributes, when: Condition): Promise<Attributes | false> {
    return await this.#update(key, attributes, when, 'ALL_OLD');
  }

  async remove(key: Key, names: readonly string[]): Promise<void> {
    checkKey(key);
    const UpdateExpression = removeExpression(key, names);
    const { ExpressionAttributeNames, ...condition } = conditionOf(all(present('pk'), this.#isAliveNow()));
    await this.#unlessRefused(async () => {
      await this.#client.send(
        new UpdateCommand({
          TableName: this.#name,
          Key: key,
          UpdateExpression,
          ...condition,
          ExpressionAttributeNames: {
            ...ExpressionAttributeNames,
            ...Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
          },
        }),
      );
      return {};
    });
  }

  async delete(key: Key): Promise<void> {
    checkKey(key);
    await this.#client.send(new DeleteCommand({ TableName: this.#name, Key: key }));
  }

  close(): void {
    this.#client.destroy();
  }

  async #stored(key: Key, consistent: boolean): Promise<Attributes | undefined> {
    checkKey(key);
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#name, Key: key, ConsistentRead: consistent }),
    );
    return Item;
  }

  async #update(key: Key, attributes: Attributes, when: Condition, ReturnValues: 'NONE' | 'ALL_OLD') {
    const checked = checkedAttributes(key, attributes);
    const names = Object.keys(checked);
    const UpdateExpression = setExpression(key, names);
    const update = (condition: Condition) =>
      this.#unlessRefused(async () => {
        const parts = conditionOf(condition);
        const { Attributes: before = {} } = await this.#client.send(
          new UpdateCommand({
            TableName: this.#name,
            Key: key,
            UpdateExpression,
            ConditionExpression: parts.ConditionExpression,
            ExpressionAttributeNames: {
              ...parts.ExpressionAttributeNames,
              ...Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
            },
            ExpressionAttributeValues: {
              ...parts.ExpressionAttributeValues,
              ...Object.fromEntries(names.map((name, i) => [`:${i}`, checked[name]])),
            },
            ReturnValues,
          }),
        );
        return before;
      });
    const replace = (condition: Condition) =>
      this.#unlessRefused(async () => {
        const Item = { ...checked, ...key };
        await this.#client.send(new PutCommand({ TableName: this.#name, Item, ...conditionOf(condition) }));
        return {};
      });
    return await this.#whereAlive(key, when, update, replace);
  }

  /**
   * Writes where the condition holds of an item that has not ended. One that has, and is not deleted yet, counts as none:
   * it is replaced as a whole, so that nothing of it comes back.
   */
  async #whereAlive(
    key: Key,
    when: Condition,
    write: (condition: Condition) => Promise<Attributes | false>,
    replace: (condition: Condition) => Promise<Attributes | false>,
  ): Promise<Attributes | false> {
    checkCondition(key, when);
    for (let attempt = 0; attempt < CONTENDED_ATTEMPTS; attempt++) {
      const written = await write(all(this.#isAliveNow(), when));
      if (written !== false) return written;
      const there = await this.#stored(key, true);
      const ended = there !== undefined && !this.#isAlive(there);
      if (!holds(when, ended ? {} : (there ?? {}))) return false;
      // It was another item a moment ago, or it is one that has ended.
      const replaced = ended && (await replace(compare('expires', '<=', this.#seconds())));
      if (replaced !== false) return replaced;
    }
    throw new Error(`${key.pk} / ${key.sk}: not written in ${CONTENDED_ATTEMPTS} attempts: others kept changing it`);
  }

  async #unlessRefused(write: () => Promise<Attributes>): Promise<Attributes | false> {
    try {
      return await write();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async #putBatch(items: readonly Attributes[]): Promise<void> {
    let left = items.map((Item) => ({ PutRequest: { Item } }));
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === BATCH_ATTEMPTS)
        throw new Error(`${left.length} of ${items.length} items were refused in ${BATCH_ATTEMPTS} attempts`);
      if (attempt > 0) await sleep(25 * 2 ** attempt * Math.random());
      const { UnprocessedItems } = await this.#client.send(
        new BatchWriteCommand({ RequestItems: { [this.#name]: left } }),
      );
      left = (UnprocessedItems?.[this.#name] ?? []).flatMap(({ PutRequest }) =>
        PutRequest?.Item ? [{ PutRequest: { Item: PutRequest.Item } }] : [],
      );
    }
  }

  #isAlive({ expires }: Attributes): boolean {
    return typeof expires !== 'number' || expires > this.#seconds();
  }

  #isAliveNow(): Condition {
    return any(absent('expires'), compare('expires', '>', this.#seconds()));
  }

  #seconds(): number {
    return this.#now().getTime() / 1_000;
  }
}

function rangeOf(pk: string, from: string | undefined, to: string | undefined) {
  const range =
    from !== undefined && to !== undefined
      ? ' AND sk BETWEEN :from AND :to'
      : from !== undefined
        ? ' AND sk >= :from'
        : to !== undefined
          ? ' AND sk <= :to'
          : '';
  return {
    KeyConditionExpression: `pk = :pk${range}`,
    ExpressionAttributeValues: {
      ':pk': pk,
      ...(from === undefined ? {} : { ':from': from }),
      ...(to === undefined ? {} : { ':to': to }),
    },
  };
}

function conditionOf(condition: Condition) {
  const { text, names, values } = expressionOf(condition);
  return {
    ConditionExpression: text,
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
}
