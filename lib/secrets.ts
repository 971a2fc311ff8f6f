import * as iam from 'aws-cdk-lib/aws-iam';
import { accept } from './nag.ts';

/** Lets a role read these secrets, also where they are encrypted with a key of the customer's own. */
export function allowSecrets(role: iam.IRole, arns: readonly string[]): void {
  const resources = [...new Set(arns)];
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }));
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: ['*'],
      conditions: { StringEquals: { 'kms:EncryptionContext:SecretARN': resources } },
    }),
  );
  accept(
    role,
    'AwsSolutions-IAM5',
    'The key of a secret is not known here; the encryption context binds it to our secrets.',
    ['Resource::*'],
  );
}
