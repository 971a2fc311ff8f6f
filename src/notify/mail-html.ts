import { html } from 'hono/html';
import type { Severity } from '../alerts/rule.ts';
import { type Message, namedLinks, remedyLabel, statementLabel } from './message.ts';

/** Legible on white and on black: mail programs turn one into the other as they like. */
const COLOR: Readonly<Record<Severity | 'over', string>> = {
  info: '#4b86e8',
  warning: '#d98324',
  critical: '#e0483f',
  over: '#3d9a50',
};

const FONT =
  "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.45";
const CODE =
  'margin:4px 0;padding:10px 12px;border-radius:6px;background:rgba(128,128,128,.16);white-space:pre-wrap;' +
  'overflow-wrap:anywhere;font:14px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';
const LABEL = 'margin:16px 0 0;font-size:13px;opacity:.75';
const LINK =
  'display:inline-block;margin:0 8px 8px 0;padding:9px 14px;border:1px solid rgba(128,128,128,.6);border-radius:6px;' +
  'color:inherit;text-decoration:none';

/**
 * A message as HTML for mail programs: styles inline, one column, no table and no picture; text in the program's own color
 * on its own ground, so that it can be read in a light and in a dark one.
 */
export async function mailHtml(message: Message): Promise<string> {
  const { transition, subject, what, when, who, statement, remedy, action, advice } = message;
  const color = COLOR[transition.kind === 'resolved' ? 'over' : transition.severity];
  const { cluster, rule, id } = transition;
  const links = namedLinks(message).map(({ text, url }) => html`<a href="${url}" style="${LINK}">${text}</a>`);
  const page = await html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${subject}</title></head>
<body style="margin:0;padding:16px;color-scheme:light dark;${FONT}">
<div style="max-width:640px;margin:0 auto;padding-left:14px;border-left:5px solid ${color};overflow-wrap:anywhere">
<h1 style="margin:0 0 4px;font-size:20px;line-height:1.3">${subject}</h1>
${paragraph(when)}
${who ? labeled('Who', who) : ''}
${statement ? code(statementLabel(statement), statement.text) : ''}
${remedy ? html`${code(remedyLabel(remedy), remedy.sql)}${paragraph(`It ${remedy.effect}.`)}` : ''}
${labeled('What', what)}
${action ? labeled('What to do', action) : ''}
${advice ? labeled('Runbook', advice) : ''}
${links.length > 0 ? html`<p style="margin:20px 0 0">${links}</p>` : ''}
<p style="${LABEL}">Target ${cluster}, rule ${rule}, id ${id}</p>
</div></body></html>
`;
  return page.toString();
}

const paragraph = (text: string) => html`<p style="margin:4px 0">${text}</p>`;

const labeled = (label: string, text: string) => html`<p style="${LABEL}">${label}</p>${paragraph(text)}`;

const code = (label: string, text: string) => html`<p style="${LABEL}">${label}</p><pre style="${CODE}">${text}</pre>`;
