import { defineConfig } from 'vitest/config';

/** Tests that need no server and no second process: each mutant runs those of them that reach it. */
export default defineConfig({
  test: {
    include: [
      'test/unit/{alerts,metrics,promql,store}/**/*.test.ts',
      'test/unit/loops/has-data.test.ts',
      'test/integration/table.test.ts',
    ],
    testTimeout: 30_000,
    maxWorkers: 1,
  },
});
