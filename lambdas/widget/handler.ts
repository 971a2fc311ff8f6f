import type * as z from 'zod';
import { asOperator, lambdaApi } from '../../src/lambda/api.ts';
import { bundledClusters, bundledConfig } from '../../src/lambda/bundled.ts';
import { readerEnvironment } from '../../src/lambda/environment.ts';
import { frame } from '../../src/widgets/frame.ts';
import { isWidget, widgets } from '../../src/widgets/index.ts';
import { widgetEvent } from '../../src/widgets/widget.ts';

const clusters = bundledClusters() ?? [];
// IAM decides who may see the dashboard: everybody who may invoke this function.
const { PGMON_TABLE } = readerEnvironment.parse(process.env);
const api = lambdaApi(bundledConfig(), clusters, PGMON_TABLE, asOperator, { file: () => undefined });

async function ask<T>(path: string, answer: z.ZodType<T>): Promise<T> {
  const response = await api.request(path);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(String(Object(body).detail ?? response.statusText));
  return answer.parse(body);
}

export async function handler(event: unknown): Promise<string | { markdown: string }> {
  const { describe, widget = '', cluster, widgetContext } = widgetEvent.parse(event);
  const names = Object.keys(widgets).join(', ');
  if (describe) return { markdown: `### pgmon\nParameters: \`widget\` (${names}) and \`cluster\`, a target's name.` };
  if (!isWidget(widget))
    return `<p>There is no widget ${JSON.stringify(widget.slice(0, 50)).replace(/</g, '&lt;')}: ${names}</p>`;
  const known = clusters.find((name) => name === cluster) ?? clusters[0];
  return await frame(widgets[widget], ask, known ?? '', widgetContext?.theme ?? 'light');
}
