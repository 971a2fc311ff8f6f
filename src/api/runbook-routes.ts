import type { OpenAPIHono } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { catalogRules } from '../alerts/rules/index.ts';
import { filledPieces, RUNBOOK_NAMES, type RunbookNames } from '../alerts/runbook/fill.ts';
import { runbook } from '../alerts/runbook/index.ts';
import type { RunbookPage } from '../alerts/runbook/page.ts';
import { selfRunbook } from '../alerts/runbook/self.ts';
import { didYouMean } from '../config/similar.ts';
import type { ApiEnv } from './auth.ts';
import { problem } from './problem.ts';
import { RUNBOOK_STYLE } from './runbook-style.ts';

type Html = ReturnType<typeof html>;

const pages: Readonly<Record<string, RunbookPage>> = { ...runbook, ...selfRunbook };
const rules = new Map(catalogRules.map((rule) => [rule.id, rule]));

/** Its text is the release's alone. */
const HOUR = 'public, max-age=3600';

/**
 * The runbook, one page a rule, for the links in messages: `?pid=…&db=…` puts the alert's own names into its statements. It
 * needs no token, since it holds nothing but what is in the source, and what the reader's own address says.
 */
export function addRunbookRoutes(app: OpenAPIHono<ApiEnv>): void {
  app.get('/runbook.css', (context) =>
    context.body(RUNBOOK_STYLE, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': HOUR }),
  );

  app.get('/runbook', async (context) => {
    const link = (id: string) => html`<li><a href="runbook/${id}">${titleOf(id)}</a> <code>${id}</code></li>`;
    const body = html`<h1>Runbook</h1>
<ul>${Object.keys(runbook).map(link)}</ul>
<h2>Alarms on pgmon itself</h2>
<ul>${Object.keys(selfRunbook).map(link)}</ul>`;
    return context.html(documentOf('Runbook', '', body), 200, { 'cache-control': HOUR });
  });

  app.get('/runbook/:rule', async (context) => {
    const id = context.req.param('rule');
    const page = Object.hasOwn(pages, id) ? pages[id] : undefined;
    if (!page)
      throw problem(
        404,
        `The runbook has no page ${id.slice(0, 100)}${didYouMean(id, Object.keys(pages))}: see /runbook.`,
      );
    const names: RunbookNames = Object.fromEntries(
      RUNBOOK_NAMES.flatMap((name) => {
        const value = context.req.query(name);
        return value ? [[name, value.slice(0, 300)]] : [];
      }),
    );
    return context.html(documentOf(titleOf(id), '../', pageHtml(id, page, names)), 200, { 'cache-control': HOUR });
  });
}

function titleOf(id: string): string {
  const rule = rules.get(id);
  if (rule) return rule.title;
  return `${id.charAt(0).toUpperCase()}${id.slice(1).replaceAll('_', ' ')}`;
}

function pageHtml(id: string, { meaning, investigate, resolve, quieter }: RunbookPage, names: RunbookNames): Html {
  const rule = rules.get(id);
  const known = Object.entries(names);
  return html`<p class="up"><a href="../runbook">Runbook</a> / <code>${id}</code></p>
<h1>${titleOf(id)}</h1>
${known.length > 0 ? html`<dl>${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>` : ''}
<p>${prose(meaning, names)}</p>
${rule ? html`<h2>First</h2><p>${rule.action}</p>` : ''}
<h2>Confirm</h2>${section(investigate, names)}
<h2>Resolve</h2>${section(resolve, names)}
<h2>Make it quieter</h2><p>${prose(quieter, names)}</p>`;
}

/** Text with its code, in one paragraph. */
function prose(text: string, names: RunbookNames): Html[] {
  return filledPieces(text, names).map((piece) =>
    piece.isCode ? html`<code>${piece.text}</code>` : html`${piece.text}`,
  );
}

/** As prose, and below it its statements on lines of their own: one click marks all of one. */
function section(text: string, names: RunbookNames): Html {
  const statements = filledPieces(text, names).filter((piece) => piece.isCode && isStatement(piece.text));
  return html`<p>${prose(text, names)}</p>
${statements.map((statement) => html`<pre>${statement.text}</pre>`)}`;
}

/** A whole statement, and not the name of a setting or of a command. */
const isStatement = (text: string): boolean => text.endsWith(';');

function documentOf(title: string, root: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} – pgmon</title><link rel="stylesheet" href="${root}runbook.css"></head>
<body><main>${body}</main></body></html>
`;
}
