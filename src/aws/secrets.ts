import type { SecretsManagerClient, SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { MissingSecret } from '../config/secret.ts';

/** A secret is read again after this time, so that a rotated one is picked up without a restart. */
const KEEP_MS = 5 * 60_000;

/** Secrets of Secrets Manager, each kept for a few minutes: a call costs money and time. */
export class Secrets {
  readonly #config: SecretsManagerClientConfig;
  readonly #clients = new Map<string, SecretsManagerClient>();
  readonly #known = new Map<string, { readonly text: string; readonly at: number }>();

  constructor(config: SecretsManagerClientConfig = {}) {
    this.#config = config;
  }

  /**
   * The text of a secret, in its current version.
   *
   * @param fresh true to ask even where it is known: what is known was refused; or the milliseconds that are fresh enough
   * @throws MissingSecret with what to do; the text is in no message
   */
  async read(arn: string, fresh: boolean | number = false): Promise<string> {
    const known = this.#known.get(arn);
    const keepMs = fresh === true ? 0 : fresh === false ? KEEP_MS : fresh;
    if (known && performance.now() - known.at < keepMs) return known.text;
    const text = await this.#fetch(arn);
    this.#known.set(arn, { text, at: performance.now() });
    return text;
  }

  async #fetch(arn: string): Promise<string> {
    try {
      // Loaded with the first secret: it takes 28 MB and 0.1 s of CPU, and most local configurations have none.
      const { GetSecretValueCommand, SecretsManagerClient } = await import('./secrets-client.ts');
      const client = this.#client(arn, (config) => new SecretsManagerClient(config));
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
      if (SecretString !== undefined) return SecretString;
    } catch (error) {
      const [name, message] = error instanceof Error ? [error.name, error.message] : ['', String(error)];
      if (name === 'ResourceNotFoundException')
        throw new MissingSecret(`the secret ${arn} does not exist: check the ARN, or create it`);
      if (name === 'AccessDeniedException')
        throw new MissingSecret(
          `access to the secret ${arn} is denied: grant secretsmanager:GetSecretValue (and kms:Decrypt on its own key)`,
        );
      throw new MissingSecret(`the secret ${arn} is unreadable: ${message}`);
    }
    throw new MissingSecret(`the secret ${arn} is binary: store it as text`);
  }

  /** A secret may be in another region than pgmon. */
  #client(arn: string, make: (config: SecretsManagerClientConfig) => SecretsManagerClient): SecretsManagerClient {
    const region = arn.split(':')[3] ?? '';
    let client = this.#clients.get(region);
    if (!client) {
      client = make({ ...(region ? { region } : {}), ...this.#config });
      this.#clients.set(region, client);
    }
    return client;
  }
}
