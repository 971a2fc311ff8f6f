import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { AwsConfig } from '../src/config/aws.ts';

/** The one table: everything that pgmon keeps. One that is there already is used as it is, and never deleted. */
export class DataTable extends Construct {
  readonly table: dynamodb.ITable;

  constructor(
    scope: Construct,
    id: string,
    { table_name, retain_table }: Pick<AwsConfig, 'table_name' | 'retain_table'>,
  ) {
    super(scope, id);
    if (table_name !== undefined) {
      this.table = dynamodb.Table.fromTableName(this, 'Table', table_name);
      return;
    }
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expires',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      removalPolicy: retain_table ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
