/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles: a Lambda has its role's credentials in its
 * environment and nowhere else, and the other sources (single sign-on, profiles, instances) are a tenth of each bundle.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
