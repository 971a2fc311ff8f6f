import type { HtmlEscapedString } from 'hono/utils/html';
import * as z from 'zod';

/** HTML with everything escaped that came from outside. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Asks the API, as a page would, and checks the answer. */
export type Ask = <T>(path: string, answer: z.ZodType<T>) => Promise<T>;

/** What one widget shows of a target. */
export interface Widget {
  readonly title: string;
  /** Collectors whose statements are shown below it. */
  readonly collectors: readonly string[];
  body(ask: Ask, cluster: string): Promise<Html>;
}

/** What every answer about a target begins with. */
export const meta = z.object({ taken_at: z.string().nullable(), stale: z.boolean(), problem: z.string().optional() });

/** What CloudWatch sends to the function of a custom widget. */
export const widgetEvent = z.object({
  describe: z.boolean().optional(),
  widget: z.string().optional(),
  cluster: z.string().optional(),
  widgetContext: z.object({ theme: z.enum(['light', 'dark']).catch('light') }).optional(),
});
