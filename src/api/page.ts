import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** A file of the page, ready to send. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly cacheControl: string;
}

export interface Page {
  /** The file for a path; undefined where there is none. */
  file(path: string): PageFile | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

const NOT_BUILT = `<!doctype html><html lang="en"><title>pgmon</title><h1>pgmon</h1>
<p>The page is not built: run <code>npm run build</code>. The API is at <code>/api/v1</code>, its description at
<a href="/openapi.json">/openapi.json</a>.</p></html>`;

/** The built page below a folder, read once. Only what lies there can be asked for. */
export function pageFrom(folder: string): Page {
  const files = new Map<string, PageFile>();
  if (existsSync(folder)) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (!statSync(path).isFile()) continue;
      const url = `/${relative(folder, path).split(sep).join('/')}`;
      files.set(url, {
        bytes: new Uint8Array(readFileSync(path)),
        type: TYPES[extname(path)] ?? 'application/octet-stream',
        // Names of assets hold a hash of what is in them.
        cacheControl: url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
    }
  }
  const index = files.get('/index.html') ?? {
    bytes: new TextEncoder().encode(NOT_BUILT),
    type: 'text/html; charset=utf-8',
    cacheControl: 'no-cache',
  };
  return { file: (path) => (path === '/' ? index : files.get(path)) };
}
