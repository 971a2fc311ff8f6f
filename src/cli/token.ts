import { randomBytes } from 'node:crypto';
import { hashOf } from '../api/auth.ts';
import { ROLES } from '../config/http.ts';
import { CommandFailure, EXIT } from './exit.ts';
import { printJson, printText } from './output.ts';

/** Makes a token: it is shown once, and only its hash goes into the configuration. */
export function tokenCommand(options: { readonly role: string; readonly name: string; readonly json?: boolean }): void {
  const role = ROLES.find((one) => one === options.role);
  if (!role) throw new CommandFailure(EXIT.usage, `--role must be ${ROLES.join(', ')}, not ${options.role}`);
  const token = `pgmon_${randomBytes(32).toString('base64url')}`;
  const entry = { name: options.name, role, sha256: hashOf(token) };
  if (options.json) {
    printJson({ token, ...entry });
    return;
  }
  printText(`The token, shown only once:\n\n  ${token}\n\nAdd its hash to the configuration:\n`);
  printText(`http:\n  tokens:\n    - { name: ${JSON.stringify(entry.name)}, role: ${role}, sha256: ${entry.sha256} }`);
}
