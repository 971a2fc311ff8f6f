import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import type { PostgresServer } from '../../src/local/postgres-server.ts';
import type { Major } from './majors.ts';

/** What tests do with a server, whatever it runs in. */
export type TestPostgres = Pick<
  PostgresServer,
  'host' | 'port' | 'pid' | 'dataDir' | 'dsn' | 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'resume' | 'logTail'
>;

const PORT = 5432;
const EMBEDDED = 'this test looks into the process of its server: unset PGMON_TEST_POSTGRES';

/** The official image of a major: `PGMON_TEST_POSTGRES=docker`, for those who have a container engine. */
export async function startInDocker(
  major: Major,
  settings: Readonly<Record<string, string>>,
  hba?: string,
): Promise<TestPostgres> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const image = new GenericContainer(`postgres:${major}`)
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withExposedPorts(PORT)
    .withCommand(['postgres', ...flags, ...(hba ? ['-c', 'hba_file=/etc/pgmon-hba.conf'] : [])])
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2));
  if (hba)
    image.withCopyContentToContainer([
      { content: hba.replaceAll('127.0.0.1/32', 'all'), target: '/etc/pgmon-hba.conf' },
    ]);
  return new DockerServer(await image.start());
}

class DockerServer implements TestPostgres {
  readonly #container: StartedTestContainer;

  constructor(container: StartedTestContainer) {
    this.#container = container;
  }

  get host(): '127.0.0.1' {
    return '127.0.0.1';
  }

  get port(): number {
    return this.#container.getMappedPort(PORT);
  }

  get pid(): number {
    throw new Error(EMBEDDED);
  }

  get dataDir(): string {
    throw new Error(EMBEDDED);
  }

  dsn(user = 'postgres', database = 'postgres'): string {
    return `postgres://${encodeURIComponent(user)}@${this.host}:${this.port}/${encodeURIComponent(database)}`;
  }

  logTail(): string {
    return '';
  }

  async start(): Promise<void> {
    await this.#container.restart();
  }

  async stop(): Promise<void> {
    await this.#container.stop();
  }

  async restart(): Promise<void> {
    await this.#container.restart();
  }

  async kill(): Promise<void> {
    await (await this.#handle()).kill();
  }

  pause(): void {
    void this.#handle().then((handle) => handle.pause());
  }

  resume(): void {
    void this.#handle().then((handle) => handle.unpause());
  }

  async #handle() {
    const client = await getContainerRuntimeClient();
    return client.container.getById(this.#container.getId());
  }
}
