import { readFileSync } from 'node:fs';
import { PostgresProblem } from './problem.ts';

/** A file of this machine, or the text itself, as in a deployment. @throws PostgresProblem `config` without such a file */
export function caText(ca: string): string {
  if (ca.includes('-----BEGIN')) return ca;
  try {
    return readFileSync(ca, 'utf8');
  } catch {
    throw new PostgresProblem('config', `the CA file ${ca} is unreadable: check tls.ca or sslrootcert`);
  }
}
