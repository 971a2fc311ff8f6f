import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { LAMBDAS } from '../../lib/lambdas.ts';
import { PgmonStack } from '../../lib/pgmon-stack.ts';
import { parseConfig } from '../../src/config/load.ts';

// The templates do not depend on what is in the bundles: an empty file stands for each.
const bundles = mkdtempSync(join(tmpdir(), 'pgmon-infra-'));
for (const name of LAMBDAS) {
  mkdirSync(join(bundles, name));
  writeFileSync(join(bundles, name, 'index.mjs'), `export const name = '${name}';`);
}

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is CloudFormation's, and each test asks for what it knows
  readonly Properties: any;
}

/** A synthesised deployment: its templates, the main one first, checked by cdk-nag. */
export function synthesised(config: object, env: Readonly<Record<string, string>> = {}) {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const parsed = parseConfig(JSON.stringify(config), 'test', env);
  const stack = new PgmonStack(app, 'pgmon', {
    config: parsed,
    bundles: { of: (name) => join(bundles, name), ofLoop: (loop) => join(bundles, loop) },
    env: { account: '000000000000', region: 'eu-west-1' },
  });
  app.synth();
  const nested = stack.node.children.flatMap((child) =>
    child.node.id.startsWith('Collectors') && 'templateFile' in child ? [child] : [],
  );
  const templates = [Template.fromStack(stack), ...nested.map((child) => Template.fromStack(child as never))];
  const resources = templates.flatMap((template) =>
    Object.values(template.toJSON()['Resources'] as Record<string, Resource>),
  );
  return {
    config: parsed,
    templates,
    resources,
    of: (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties),
    outputs: Object.keys(templates[0]?.toJSON()['Outputs'] ?? {}),
  };
}

export const secretArn = (name: string) => `arn:aws:secretsmanager:eu-west-1:000000000000:secret:${name}-AbCdEf`;

/** One server with a secret, and everything else as it is without a word. */
export const one = {
  targets: [{ cluster: 'orders', host: 'orders.example.com', auth: { secretArn: secretArn('orders') } }],
};
