import { Secrets } from '../../src/aws/secrets.ts';
import { authorizer } from '../../src/lambda/authorize.ts';
import { bundledConfig } from '../../src/lambda/bundled.ts';
import { authorizerEnvironment } from '../../src/lambda/environment.ts';

const { PGMON_TOKENS_ARN } = authorizerEnvironment.parse(process.env);

export const handler = authorizer(bundledConfig().http, PGMON_TOKENS_ARN, new Secrets());
