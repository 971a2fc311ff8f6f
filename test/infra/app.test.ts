import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Synthesises as `npx cdk deploy` would, with this configuration. */
function synth(yaml: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'pgmon-app-')), 'pgmon.yaml');
  writeFileSync(file, yaml);
  return spawnSync('npx', ['cdk', 'synth', '--quiet', '-c', `config=${file}`, '--output', join(file, '../cdk.out')], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
}

test('a configuration that cannot work is refused before anything is made, with every reason', () => {
  const { status, stderr } = synth(
    'targets: [{ cluster: a, dsn: "postgres://u:hunter2@h/d" }]\nsample_intervals: { hot_path: 7s }\n',
  );
  expect(status).not.toBe(0);
  expect(stderr).toContain('pgmon.yaml has 3 problems:');
  expect(stderr).toContain('targets[0] (a).dsn: holds a password');
  expect(stderr).toContain('sample_intervals.hot_path: is 7 s');
  expect(stderr).not.toContain('hunter2');
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('one server by IAM: synthesised, with nothing that cdk-nag objects to', () => {
  const { status, stdout, stderr } = synth('targets: [{ cluster: a, host: db, auth: { iam: true, user: pgmon } }]\n');
  expect(stdout + stderr).not.toMatch(/AwsSolutions-/);
  expect(status).toBe(0);
});
