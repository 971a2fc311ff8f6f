import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Key } from './keys.ts';

/** An item's attributes beside its key; `expires` in epoch seconds is when it may be deleted. */
export type Attributes = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  /** Lowest and highest sort key, both included. */
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** The one table, reduced to what is done with it. Retries of throttled calls are the SDK's. */
export class Table {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor(name: string, config: DynamoDBClientConfig) {
    this.#client = new DynamoDBClient(config);
    this.#name = name;
  }

  async get(key: Key): Promise<Attributes | undefined> {
    const { Item } = await this.#client.send(new GetItemCommand({ TableName: this.#name, Key: marshall(key) }));
    return Item ? unmarshall(Item) : undefined;
  }

  async put(key: Key, attributes: Attributes): Promise<void> {
    const Item = marshall({ ...key, ...attributes }, { removeUndefinedValues: true });
    await this.#client.send(new PutItemCommand({ TableName: this.#name, Item }));
  }

  /** Sets these attributes and leaves the item's others as they are; makes the item where there is none. */
  async set(key: Key, attributes: Attributes): Promise<void> {
    const names = Object.keys(attributes);
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#name,
        Key: marshall(key),
        UpdateExpression: `SET ${names.map((_, i) => `#${i} = :${i}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
        ExpressionAttributeValues: marshall(Object.fromEntries(names.map((name, i) => [`:${i}`, attributes[name]]))),
      }),
    );
  }

  /**
   * Sets these attributes where a condition holds. It names them, and `others`, as `#name`; what it compares them with
   * is their new value, `:name`, or one of `values`.
   *
   * @returns the item before, empty where there was none; false where the condition does not hold
   */
  async setIf(
    key: Key,
    attributes: Attributes,
    condition: string,
    values: Attributes,
    others: readonly string[] = [],
  ): Promise<Attributes | false> {
    const names = Object.keys(attributes);
    try {
      const { Attributes: before } = await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#name,
          Key: marshall(key),
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries([...names, ...others].map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: marshall({
            ...Object.fromEntries(names.map((name) => [`:${name}`, attributes[name]])),
            ...values,
          }),
          ReturnValues: 'ALL_OLD',
        }),
      );
      return before ? unmarshall(before) : {};
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Removes attributes and leaves the item's others as they are. */
  async remove(key: Key, names: readonly string[]): Promise<void> {
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#name,
        Key: marshall(key),
        UpdateExpression: `REMOVE ${names.map((_, i) => `#${i}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#${i}`, name])),
      }),
    );
  }

  async delete(key: Key): Promise<void> {
    await this.#client.send(new DeleteItemCommand({ TableName: this.#name, Key: marshall(key) }));
  }

  /** Items of a partition in the order of their sort keys, all pages of it up to the limit. */
  async query(pk: string, options: QueryOptions = {}): Promise<Attributes[]> {
    const { from = ' ', to = '\uffff', limit = Number.POSITIVE_INFINITY, newestFirst = false } = options;
    const items: Attributes[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({
          TableName: this.#name,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: marshall({ ':pk': pk, ':from': from, ':to': to }),
          ScanIndexForward: !newestFirst,
          ...(Number.isFinite(limit) ? { Limit: limit - items.length } : {}),
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      );
      items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
      start = page.LastEvaluatedKey;
    } while (start && items.length < limit);
    return items;
  }

  close(): void {
    this.#client.destroy();
  }
}
