import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts findings of cdk-nag on one construct, with the reason; nothing is accepted for a whole stack. */
export function accept(construct: IConstruct, rule: string, reason: string, findings: readonly string[] = []): void {
  const ids = findings.length > 0 ? findings.map((finding) => `${rule}[${finding}]`) : [rule];
  for (const id of ids) Validations.of(construct).acknowledge({ id, reason });
}
