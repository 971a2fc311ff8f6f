import { html, raw } from 'hono/html';
import * as z from 'zod';
import type { Ask, Html, Widget } from './widget.ts';

const LIGHT =
  '--text:#17202e;--muted:#55606f;--line:#dde2e9;--accent:#1f5fbf;--soft:#eef2f8;--bad:#b3261e;--warn:#8a5200';
const DARK =
  '--text:#e6ebf2;--muted:#9fabbb;--line:#2b3644;--accent:#7db1ff;--soft:#1d2733;--bad:#ff8f86;--warn:#f2b95c';

const STYLE = `
.pgmon{font:13px/1.45 system-ui,sans-serif;color:var(--text);container-type:inline-size}
.pgmon p{margin:2px 0 6px}.pgmon .quiet{color:var(--muted)}.pgmon .bad{color:var(--bad)}.pgmon .warn{color:var(--warn)}
.pgmon .scroll{overflow-x:auto}.pgmon table{border-collapse:collapse;width:100%;background:none;font:inherit}
.pgmon th,.pgmon td{padding:3px 8px 3px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);white-space:nowrap;color:var(--text);background:none}
.pgmon th{color:var(--muted);font-weight:600}.pgmon .number{text-align:right;font-variant-numeric:tabular-nums}
.pgmon .wide{white-space:normal;overflow-wrap:anywhere;min-width:10em;width:60%}
.pgmon code,.pgmon pre{font:12px/1.4 ui-monospace,monospace;background:none;color:inherit}
.pgmon pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:8px;margin:4px 0}
.pgmon details{margin-top:8px;color:var(--muted)}.pgmon summary{cursor:pointer;color:var(--accent)}
.pgmon .bar{display:inline-block;width:48px;height:7px;background:var(--soft);vertical-align:middle}
.pgmon .bar span{display:block;height:7px;background:var(--accent)}
.pgmon ul{list-style:none;margin:0;padding-left:14px;border-left:2px solid var(--line)}.pgmon li{margin:4px 0}
.pgmon .tree>ul{padding-left:0;border-left:0}
@container (max-width:560px){.pgmon .minor{display:none}}`;

const sqlAnswer = z.object({ items: z.array(z.object({ file: z.string(), sql: z.string() })) });

/** A whole widget: what it shows, and below it the statements that it was read with. */
export async function frame(widget: Widget, ask: Ask, cluster: string, theme: 'light' | 'dark'): Promise<string> {
  const [body, ...statements] = await Promise.all([
    shown(widget, ask, cluster),
    ...widget.collectors.map((name) => ask(`/api/v1/sql?collector=${encodeURIComponent(name)}`, sqlAnswer)),
  ]);
  const files = statements.flatMap(({ items }) => items);
  const page = await html`<div class="cwdb-no-default-styles"></div><style>${raw(STYLE)}</style>
<div class="pgmon" style="${raw(theme === 'dark' ? DARK : LIGHT)}">${body}
${files.length > 0 ? html`<details><summary>SQL used</summary>${files.map(({ file, sql }) => html`<p>${file}</p><pre>${sql}</pre>`)}</details>` : ''}</div>`;
  return page.toString();
}

/** A widget that fails says so in its place; the dashboard would show a stack trace. */
async function shown(widget: Widget, ask: Ask, cluster: string): Promise<Html> {
  try {
    return await widget.body(ask, cluster);
  } catch (error) {
    return html`<p class="bad">${error instanceof Error ? error.message : String(error)}</p>`;
  }
}
