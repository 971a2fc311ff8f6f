import type { z } from '@hono/zod-openapi';
import type { activityRoute } from './activity-routes.ts';
import type { agentRoute, sqlRoute } from './agent-routes.ts';
import type { alertHistoryRoute, alertsRoute, silencesRoute } from './alert-routes.ts';
import type { changedRoute } from './changed-routes.ts';
import type { eventsRoute } from './event-routes.ts';
import type { chartsRoute, historyRoute, sessionsRoute } from './history-routes.ts';
import type { incidentRoute, incidentsRoute } from './incident-routes.ts';
import type { ListRows } from './lists.ts';
import type { lockMomentsRoute, locksRoute } from './lock-routes.ts';
import type { overviewRoute } from './overview-routes.ts';
import type { queryHistoryRoute, topQueriesRoute } from './query-routes.ts';
import type { Meta } from './reading.ts';
import type { rulesRoute } from './rule-routes.ts';
import type { statementRoute } from './statement-routes.ts';
import type { targetsRoute } from './target-routes.ts';

export type { ListRows } from './lists.ts';
export type { Meta } from './reading.ts';

type Routes =
  | typeof activityRoute
  | typeof agentRoute
  | typeof alertHistoryRoute
  | typeof alertsRoute
  | typeof changedRoute
  | typeof chartsRoute
  | typeof eventsRoute
  | typeof historyRoute
  | typeof incidentRoute
  | typeof incidentsRoute
  | typeof lockMomentsRoute
  | typeof locksRoute
  | typeof overviewRoute
  | typeof queryHistoryRoute
  | typeof rulesRoute
  | typeof sessionsRoute
  | typeof silencesRoute
  | typeof sqlRoute
  | typeof statementRoute
  | typeof targetsRoute
  | typeof topQueriesRoute;

type AnswerOf<R extends Routes> = z.output<R['responses'][200]['content']['application/json']['schema']>;

/** What a list answers, whose rows are known by its path and kind. */
export interface ListAnswer<R = object> extends Meta {
  readonly kind: string;
  readonly collector: string;
  readonly items: readonly R[];
  readonly next_cursor?: string;
}

/** What each path of the API answers to GET, by the schemas that its description is made from: types of the page. */
export type Answers = { [R in Routes as R['path']]: AnswerOf<R> } & { [P in keyof ListRows]: ListAnswer };
