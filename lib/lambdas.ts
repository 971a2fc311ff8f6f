/** The functions of a deployment, each with a bundle of its own: the loops first. */
export const LAMBDAS = ['hot', 'workload', 'storage', 'hourly', 'api', 'authorizer', 'notifier', 'widget'] as const;
export type LambdaName = (typeof LAMBDAS)[number];
