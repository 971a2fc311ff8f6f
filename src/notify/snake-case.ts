import type { Transition } from '../alerts/transition.ts';

/** The transition with the names that JSON of this project has. */
export function snakeCase({ comparedWith, ...transition }: Transition): object {
  return { ...transition, compared_with: comparedWith };
}
