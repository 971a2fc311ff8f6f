/** Mutation testing: each mutant is one small change to the code that a test should notice. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  mutate: ['src/{alerts,metrics,promql,store}/**/*.ts', '!src/alerts/{rules,runbook}/**'],
  ignorePatterns: ['/bench', '/docs', '/ui', '/lib', '/lambdas', '/test/servers', '/test/tools', '/.pgmon'],
  // Versions before 10.1 miss every test in a `describe` of Vitest 5, and say that mutants survive which are killed.
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: '.artifacts/mutation.json',
  // A hidden folder: neither the compiler nor the linter reads it.
  tempDirName: '.artifacts/mutation',
  // TypeScript 7 has no API to read tsconfig.json with, and nothing here needs it: an absent file is not read.
  tsconfigFile: 'none',
  disableTypeChecks: false,
  concurrency: 2,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
