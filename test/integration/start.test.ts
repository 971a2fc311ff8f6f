import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('[C11] serve starts without the clients of AWS and the mail library, which only some configurations use', () => {
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({
      load: (url, context, next) => {
        loaded.push(url);
        return next(url, context);
      },
    });
    await import(${JSON.stringify(new URL('../../src/cli/serve.ts', import.meta.url).href)});
    process.stdout.write(loaded.join('\\n'));
  `;
  const loaded = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect(loaded).toContain('/src/local/watch.ts');
  expect(loaded.split('\n').filter((url) => /\/(@aws-sdk|@smithy|nodemailer)\//.test(url))).toEqual([]);
});
