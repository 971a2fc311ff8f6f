import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { type Kind, leadingKeysOf, WRITES, type Writer } from '../src/store/keys.ts';

/** Lets a role read the table: items by their keys and partitions, never all of it. */
export function allowReads(role: iam.IRole, { tableArn }: dynamodb.ITable): void {
  allow(role, tableArn, ['GetItem', 'Query']);
}

/** Lets a role read items of one kind by their keys. */
export function allowGets(role: iam.IRole, { tableArn }: dynamodb.ITable, kind: Kind): void {
  allow(role, tableArn, ['GetItem'], onlyKinds([kind]));
}

/** Lets a role write items of the kinds that are its own, and of no other. */
export function allowWrites(role: iam.IRole, { tableArn }: dynamodb.ITable, writer: Writer): void {
  const { operations, kinds } = WRITES[writer];
  allow(role, tableArn, operations, onlyKinds(kinds));
}

/** A request without keys would fulfill a condition on all of its keys: that there are some is another. */
function onlyKinds(kinds: readonly Kind[]): Record<string, Record<string, unknown>> {
  return {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': leadingKeysOf(kinds) },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}

function allow(
  role: iam.IRole,
  tableArn: string,
  operations: readonly string[],
  conditions?: Record<string, Record<string, unknown>>,
): void {
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: operations.map((operation) => `dynamodb:${operation}`),
      resources: [tableArn],
      ...(conditions ? { conditions } : {}),
    }),
  );
}
