import { fileURLToPath } from 'node:url';
import { handle } from 'hono/aws-lambda';
import { pageFrom } from '../../src/api/page.ts';
import { Secrets } from '../../src/aws/secrets.ts';
import { lambdaApi, roleOfAuthorizer } from '../../src/lambda/api.ts';
import { bundledClusters, bundledConfig } from '../../src/lambda/bundled.ts';
import { apiEnvironment } from '../../src/lambda/environment.ts';

const { PGMON_TABLE, PGMON_SLACK_SECRETS = '' } = apiEnvironment.parse(process.env);
const page = pageFrom(fileURLToPath(new URL('./page', import.meta.url)));

const secrets = new Secrets();
const slack = PGMON_SLACK_SECRETS.split(',').filter(Boolean);

export const handler = handle(
  lambdaApi(
    bundledConfig(),
    bundledClusters() ?? [],
    PGMON_TABLE,
    roleOfAuthorizer,
    page,
    slack.map((arn) => async () => (await secrets.read(arn)).trim()),
  ),
);
