import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds the web page into `ui/dist`. */
export function buildPage(): void {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Builds it where it never was. */
export function ensurePage(): void {
  if (!existsSync(join(ROOT, 'ui/dist/index.html'))) buildPage();
}
