import { catalogRules } from '../../src/alerts/rules/index.ts';
import { Secrets } from '../../src/aws/secrets.ts';
import { bundledConfig } from '../../src/lambda/bundled.ts';
import { notifierEnvironment } from '../../src/lambda/environment.ts';
import { lambdaLog } from '../../src/lambda/log.ts';
import { notifier } from '../../src/lambda/notify.ts';
import { openAll } from '../../src/notify/channels.ts';
import { DynamoTable } from '../../src/store/dynamo-table.ts';
import { ReceiptStore } from '../../src/store/receipts.ts';

const { PGMON_TABLE } = notifierEnvironment.parse(process.env);
const { notifiers } = bundledConfig();
const secrets = new Secrets();
const units = new Map(catalogRules.map(({ id, unit }) => [id, unit]));

export const handler = notifier(
  {
    channels: openAll(notifiers.channels, { env: {}, secret: (arn) => secrets.read(arn) }),
    receipts: new ReceiptStore(new DynamoTable(PGMON_TABLE, {})),
    unitOf: (rule) => units.get(rule) ?? 'None',
    pageUrl: notifiers.page_url,
    now: () => new Date(),
  },
  lambdaLog,
);
