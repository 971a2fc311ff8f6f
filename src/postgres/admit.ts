import type { Config } from '../config/schema.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { inspect, refuseWritable } from './inspect.ts';
import type { Session } from './session.ts';

/** Looks at a new connection, and refuses one whose role can write unless the configuration only wants a warning. */
export function admission(security: Config['security']): (session: Session) => Promise<readonly Finding[]> {
  return async (session) => {
    const findings = await inspect(session);
    if (security.read_only_enforce) {
      refuseWritable(findings);
      return findings;
    }
    return findings.map((finding) =>
      finding.aspect === 'role' && finding.severity === 'error'
        ? { ...finding, message: `${finding.message} (tolerated: security.read_only_enforce is false)` }
        : finding,
    );
  };
}
