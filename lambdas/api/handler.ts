import { fileURLToPath } from 'node:url';
import { handle } from 'hono/aws-lambda';
import { pageFrom } from '../../src/api/page.ts';
import { lambdaApi, roleOfAuthorizer } from '../../src/lambda/api.ts';
import { bundledClusters, bundledConfig } from '../../src/lambda/bundled.ts';
import { readerEnvironment } from '../../src/lambda/environment.ts';

const { PGMON_TABLE } = readerEnvironment.parse(process.env);
const page = pageFrom(fileURLToPath(new URL('./page', import.meta.url)));

export const handler = handle(lambdaApi(bundledConfig(), bundledClusters() ?? [], PGMON_TABLE, roleOfAuthorizer, page));
