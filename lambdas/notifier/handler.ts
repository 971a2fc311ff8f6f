import { catalogRules } from '../../src/alerts/rules/index.ts';
import { Secrets } from '../../src/aws/secrets.ts';
import { channelNames, isOutside } from '../../src/config/notifiers.ts';
import { bundledConfig } from '../../src/lambda/bundled.ts';
import { notifierEnvironment } from '../../src/lambda/environment.ts';
import { lambdaLog } from '../../src/lambda/log.ts';
import { notifier } from '../../src/lambda/notify.ts';
import { channelsOf } from '../../src/notify/channels.ts';
import { DynamoTable } from '../../src/store/dynamo-table.ts';
import { ReceiptStore } from '../../src/store/receipts.ts';

const { PGMON_TABLE } = notifierEnvironment.parse(process.env);
const { notifiers } = bundledConfig();
const secrets = new Secrets();
const outside = channelNames(notifiers.channels).filter((_, i) => notifiers.channels.slice(i, i + 1).some(isOutside));
const channels = channelsOf(notifiers, { env: {}, secret: (arn) => secrets.read(arn) });
const units = new Map(catalogRules.map(({ id, unit }) => [id, unit]));

export const handler = notifier(
  {
    channels: channels.filter(({ name }) => outside.includes(name)),
    receipts: new ReceiptStore(new DynamoTable(PGMON_TABLE, {})),
    unitOf: (rule) => units.get(rule) ?? 'None',
    pageUrl: notifiers.page_url,
    now: () => new Date(),
  },
  lambdaLog,
);
