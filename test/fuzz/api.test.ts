import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from '../support/api.ts';
import { useServer } from '../support/test-server.ts';

const run = promisify(execFile);
const VERSION = '4.32.5';
const folder = join(import.meta.dirname, '../tools');
const schemathesis = join(folder, 'bin/schemathesis');

/** The fuzzer in a Python environment of its own, made once. */
async function ensureFuzzer(): Promise<void> {
  const present = existsSync(schemathesis) ? await run(schemathesis, ['--version']).catch(() => undefined) : undefined;
  if (present?.stdout.includes(VERSION)) return;
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
}

describe('the API under a property-based fuzzer', () => {
  const server = useServer(18);
  let api: Awaited<ReturnType<typeof serveApi>>;
  beforeAll(async () => {
    await ensureFuzzer();
    api = await serveApi(server().postgres.dsn('pgmon'));
    await api.pass();
    await api.pass();
  }, 300_000);
  afterAll(() => api?.close());

  test('no 5xx, and no answer that its description does not have', async () => {
    const checks = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance';
    const args = ['run', `${api.url}/openapi.json`, '--max-examples', '40', '--workers', '2', '--checks', checks];
    const result = await run(
      schemathesis,
      [...args, '--phases', 'examples,coverage,fuzzing', '--seed', '1', '--no-color'],
      {
        maxBuffer: 64 * 1_024 * 1_024,
        cwd: folder, // it keeps what it found where it runs
      },
    ).catch((error: { stdout?: string; message: string }) => ({ stdout: error.stdout ?? error.message }));
    const counted = /(\d+) generated, (\d+) passed/.exec(result.stdout);
    expect(counted?.[1], result.stdout.slice(-6_000)).toBeDefined();
    expect(counted?.[2], result.stdout.slice(-6_000)).toBe(counted?.[1]);
    expect(Number(counted?.[1])).toBeGreaterThan(1_000);
  }, 300_000);
});
