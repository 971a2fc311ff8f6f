import { createHash } from 'node:crypto';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Tokens of an API in which `op` is an operator and `view` a viewer. */
export const twoRoles = [
  { name: 'operator', role: 'operator', sha256: sha256('op') },
  { name: 'viewer', role: 'viewer', sha256: sha256('view') },
];
