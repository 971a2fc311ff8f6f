import * as z from 'zod';

const secretArn = z.string().regex(/^arn:aws[a-z-]*:secretsmanager:/, 'must be the ARN of a Secrets Manager secret');

/** Where a secret is when it is not in the file. */
export const secretRef = z.union(
  [
    z.strictObject({
      env: z.string().min(1).describe('Environment variable that holds the secret, in the local form.'),
    }),
    z.strictObject({ secretArn: secretArn.describe('Secret whose text is the value.') }),
  ],
  { error: 'must be { env: "NAME" } or { secretArn: "arn:aws:secretsmanager:…" }' },
);

export type SecretRef = z.output<typeof secretRef>;

/** A secret of the configuration that is missing or has the wrong form. */
export class MissingSecret extends Error {
  override readonly name = 'MissingSecret';
}
