/** What is used of the SDK's client, apart, so that it is loaded when the first secret is read and bundled without the rest. */
export { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
