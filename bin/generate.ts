import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generatedFiles } from '../src/cli/generated.ts';

// `--check` changes nothing and fails where a file is not what the code says.
const check = process.argv.includes('--check');
for (const [path, text] of generatedFiles()) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  if (check) {
    process.stderr.write(`${path} is out of date: run npm run generate\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
  }
}
