#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What Node makes of our TypeScript is kept for the next start. Where the folder cannot be written, nothing is kept.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/pgmon', import.meta.url)));
const { main } = await import('../src/cli/program.ts');

await main(process.argv);
