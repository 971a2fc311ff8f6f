/** What the person on call reads about a rule; `docs/runbook.md` is generated from these. */
export interface RunbookPage {
  readonly meaning: string;
  /** Where to look, and statements to run. */
  readonly investigate: string;
  readonly resolve: string;
  /** The key that makes it quieter, and when that is right. */
  readonly quieter: string;
}

/** Pages by the id of their rule. */
export type Runbook = Readonly<Record<string, RunbookPage>>;
