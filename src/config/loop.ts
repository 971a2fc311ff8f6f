/** The four loops by their pace: hot 15 s, workload 60 s, storage 10 min, hourly 1 h, unless configured otherwise. */
export const LOOPS = ['hot', 'workload', 'storage', 'hourly'] as const;
export type Loop = (typeof LOOPS)[number];

/** Longest time in milliseconds that a pass may take; one over it is late and says so (specification, section 4). */
export const LOOP_BUDGET_MS: Readonly<Record<Loop, number>> = {
  hot: 1_000,
  workload: 3_000,
  storage: 10_000,
  hourly: 60_000,
};
