import { html } from 'hono/html';
import type * as z from 'zod';
import type { Html, meta } from './widget.ts';

export interface Column<R> {
  readonly head: string;
  readonly cell: (row: R) => Html | string;
  /** Numbers stand at the right; the widest text may break. */
  readonly kind?: 'number' | 'wide';
  /** Left out where there is little room. */
  readonly minor?: true;
}

/** A table, or a sentence where it would be empty. */
export function table<R>(columns: readonly Column<R>[], rows: readonly R[], empty: string): Html {
  if (rows.length === 0) return html`<p class="quiet">${empty}</p>`;
  return html`<div class="scroll"><table><thead><tr>${columns.map(({ head, ...column }) => html`<th class="${classOf(column)}">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map(({ cell, ...column }) => html`<td class="${classOf(column)}">${cell(row)}</td>`)}</tr>`)}</tbody></table></div>`;
}

function classOf({ kind, minor }: { kind?: string; minor?: true }): string {
  return `${kind ?? ''}${minor ? ' minor' : ''}`;
}

/** A share as a bar with its number. */
export function bar(share: number): Html {
  const percent = Math.round(Math.min(Math.max(share, 0), 1) * 100);
  return html`<span class="bar"><span style="width:${percent}%"></span></span> ${percent} %`;
}

/** When the data was taken, and whether it is old. */
export function taken({ taken_at, stale, problem }: z.output<typeof meta>): Html {
  if (problem)
    return html`<p class="bad">${problem}${taken_at ? `. The last state, of ${taken_at.slice(0, 19).replace('T', ' ')} UTC:` : ''}</p>`;
  if (!taken_at) return html`<p class="quiet">Not read yet.</p>`;
  return html`<p class="${stale ? 'bad' : 'quiet'}">${stale ? 'Stale: ' : ''}${taken_at.slice(0, 19).replace('T', ' ')} UTC</p>`;
}
