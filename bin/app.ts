/** The CDK application: `npx cdk deploy` runs it. Its configuration is `pgmon.yaml`, or `-c config=<file>`. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { build } from '../lib/build.ts';
import { readDeployment } from '../lib/deployment.ts';
import { PgmonStack } from '../lib/pgmon-stack.ts';
import { ConfigError } from '../src/config/load.ts';

const app = new App();
try {
  const deployment = readDeployment(String(app.node.tryGetContext('config') ?? 'pgmon.yaml'), process.env);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  const { config } = deployment;
  new PgmonStack(app, config.aws.stack, {
    config,
    bundles: await build(deployment, 'dist/lambdas'),
    env: { ...(account ? { account } : {}), ...(region ? { region } : {}) },
  });
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`pgmon: ${error.message}\n`);
  process.exitCode = 2;
}
