/** How a collector has fared lately: after two failures in a row it rests, longer each time, and is tried again alone. */
export interface Health {
  readonly failures: number;
  /** Passes to sit out before the next try. */
  readonly resting: number;
  /** Why it rests, where it is for more than failing. */
  readonly reason?: string | undefined;
}

export const healthy: Health = { failures: 0, resting: 0 };

const LONGEST_REST = 40;

/** The health after one more try: good ends all rests, the second failure begins them at 1 pass and doubles them. */
export function afterTry(health: Health, good: boolean): Health {
  if (good) return healthy;
  const failures = health.failures + 1;
  return { failures, resting: failures < 2 ? 0 : Math.min(LONGEST_REST, 2 ** (failures - 2)) };
}

/** The health of the collector that made a whole pass late: it rests at once, longer each time. */
export function afterOverrun(health: Health, reason: string): Health {
  const failures = Math.max(health.failures, 1) + 1;
  return { failures, resting: Math.min(LONGEST_REST, 2 ** (failures - 2)), reason };
}

/** The health after a pass that it sat out. */
export function afterRest(health: Health): Health {
  return { ...health, resting: health.resting - 1 };
}
