import type { Config } from './schema.ts';
import type { TargetConfig } from './target.ts';

/** The group of targets that name none. */
export const DEFAULT_GROUP = 'default';

/** The targets that one invocation of a loop serves; all of them are reached from one network. */
export interface Shard {
  /** `<group>-<number>`, from 1: in names of functions, schedules and alarms, and in the input of the schedule. */
  readonly id: string;
  readonly group: string;
  readonly targets: readonly TargetConfig[];
}

/** The shards of a configuration, in its order: a target added at the end changes only the last shard of its group. */
export function shardsOf({ targets, aws }: Pick<Config, 'targets' | 'aws'>): Shard[] {
  const groups = Map.groupBy(targets, ({ group }) => group ?? DEFAULT_GROUP);
  return [...groups].flatMap(([group, members]) => {
    const count = Math.ceil(members.length / aws.shard_size);
    return Array.from({ length: count }, (_, i) => ({
      id: `${group}-${i + 1}`,
      group,
      targets: members.slice(i * aws.shard_size, (i + 1) * aws.shard_size),
    }));
  });
}
