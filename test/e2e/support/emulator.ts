import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import { freePort } from '../../../src/local/free-port.ts';

const run = promisify(execFile);
const VERSION = '1.5.33';
const ROOT = resolve(import.meta.dirname, '../../..');
const LAUNCHER = join(import.meta.dirname, 'emulator.py');

/** A local AWS that enforces IAM, and the CDK command against it. */
export interface Emulator {
  readonly url: string;
  /** Where schedules and alarms are concerned, a minute lasts so many seconds. */
  readonly minuteSeconds: number;
  /** Environment and options of a client of the SDK. */
  readonly client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  cdk(...args: readonly string[]): Promise<string>;
  /** What the last deployment was made of. */
  readonly assembly: string;
  stop(): Promise<void>;
}

/** Starts it: in its container where there is a container engine, as the program of PyPI elsewhere. */
export async function startEmulator(minuteSeconds: number): Promise<Emulator> {
  const settings = {
    LAMBDA_EXECUTOR: 'local',
    MINISTACK_HOST: 'localhost',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    AUTH: 'true',
    MINUTE_SECONDS: String(minuteSeconds),
  };
  const home = mkdtempSync(join(tmpdir(), 'pgmon-e2e-'));
  const { url, stop } = (await hasContainers()) ? await inContainer(settings) : await asProgram(settings, home);
  await healthy(url);
  const assembly = join(home, 'cdk.out');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return {
    url,
    minuteSeconds,
    client: { endpoint: url, region: 'us-east-1', credentials },
    assembly,
    cdk: async (...args) => {
      const output = args.includes('--app') ? [] : ['--output', assembly];
      const { stdout, stderr } = await run('npx', ['cdk', ...args, ...output], {
        cwd: ROOT,
        maxBuffer: 64 * 1_024 * 1_024,
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: home,
          AWS_ENDPOINT_URL: url,
          AWS_ENDPOINT_URL_S3: url,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_REGION: 'us-east-1',
        },
      }).catch((error: { stdout: string; stderr: string }) => {
        throw new Error(`cdk ${args.join(' ')}:\n${error.stdout}\n${error.stderr}`);
      });
      return stdout + stderr;
    },
    stop: async () => {
      await stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function hasContainers(): Promise<boolean> {
  return await getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

async function inContainer(settings: Readonly<Record<string, string>>) {
  const container = await new GenericContainer(`ministackorg/ministack:${VERSION}`)
    .withNetworkMode('host') // its functions reach the PostgreSQL of the test on loopback
    .withEnvironment({ ...settings, GATEWAY_PORT: '4566' })
    .withCopyFilesToContainer([{ source: LAUNCHER, target: '/emulator.py' }])
    .withEntrypoint(['sh', '-c', 'pip install --quiet cbor2 && exec python /emulator.py'])
    .start();
  return {
    url: 'http://127.0.0.1:4566',
    stop: async () => {
      await container.stop();
    },
  };
}

async function asProgram(settings: Readonly<Record<string, string>>, home: string) {
  const python = await installed();
  const port = await freePort();
  const child = spawn(python, [LAUNCHER], {
    cwd: home,
    // Its functions run below TMPDIR: not in a folder with modules of ours, and with nothing of our environment.
    env: {
      ...settings,
      HOME: home,
      TMPDIR: home,
      PATH: `${join(ROOT, 'node_modules/.bin')}:/usr/bin:/bin`,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
    },
    stdio: [
      'ignore',
      ...(process.env['PGMON_E2E_LOG'] ? (['inherit', 'inherit'] as const) : (['ignore', 'ignore'] as const)),
    ],
  });
  const ended = new Promise<void>((done) => child.on('exit', () => done()));
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The program in a virtual environment of its own, made the first time. */
async function installed(): Promise<string> {
  const folder = join(ROOT, 'test/tools', `ministack-${VERSION}`);
  const python = join(folder, 'bin/python');
  if (existsSync(join(folder, 'bin/ministack'))) return python;
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', `ministack==${VERSION}`, 'cbor2']);
  return python;
}

async function healthy(url: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(500);
  }
  throw new Error(`the emulator does not answer at ${url}`);
}

/** Outputs of the stack, as the CDK command wrote them. */
export async function outputsIn(file: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(file, 'utf8'))['pgmon'];
}
