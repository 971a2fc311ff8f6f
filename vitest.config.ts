import { defineConfig } from 'vitest/config';

// Integration and matrix tests start real PostgreSQL servers: one file at a time per worker, two workers at most.
const servers = { testTimeout: 30_000, hookTimeout: 120_000, maxWorkers: 2 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          env: { PGMON_TEST_MAJORS: process.env['PGMON_TEST_MAJORS'] ?? '12,18' },
          ...servers,
        },
      },
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers: 2, // one mostly waits for its schedules
          testTimeout: 240_000,
          hookTimeout: 300_000,
        },
      },
      { test: { name: 'chaos', include: ['test/chaos/**/*.test.ts'], ...servers, testTimeout: 120_000 } },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], ...servers } },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], ...servers } },
      {
        test: {
          name: 'matrix',
          include: ['test/integration/collectors/**/*.test.ts'],
          env: { PGMON_TEST_MAJORS: '12,13,14,15,16,17,18' },
          ...servers,
        },
      },
    ],
  },
});
