import { OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { catalogRules } from '../../../src/alerts/rules/index.ts';
import { filledPieces } from '../../../src/alerts/runbook/fill.ts';
import { selfRunbook } from '../../../src/alerts/runbook/self.ts';
import type { ApiEnv } from '../../../src/api/auth.ts';
import { problemHandler } from '../../../src/api/problem.ts';
import { addRunbookRoutes } from '../../../src/api/runbook-routes.ts';

const app = new OpenAPIHono<ApiEnv>();
app.onError(problemHandler({ warn: () => {}, error: () => {} }));
addRunbookRoutes(app);
const page = async (path: string) => {
  const response = await app.request(path);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};
/** What a reader sees of it. */
const read = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

describe('the runbook', () => {
  test('has a page for every rule and every alarm, listed on one, and a style', async () => {
    const index = await page('/runbook');
    for (const id of [...catalogRules.map((rule) => rule.id), ...Object.keys(selfRunbook)]) {
      expect(index.text).toContain(`href="runbook/${id}"`);
      const one = await page(`/runbook/${id}`);
      expect([id, one.status, one.type]).toEqual([id, 200, 'text/html; charset=UTF-8']);
      for (const part of ['Confirm', 'Resolve', 'Make it quieter']) expect(one.text).toContain(`<h2>${part}</h2>`);
    }
    expect((await page('/runbook.css')).type).toBe('text/css; charset=utf-8');
  });

  test("has the alert's own pid, table and slot in its statements", async () => {
    const locks = await page('/runbook/blocking_locks?pid=13751&db=orders&relation=accounts');
    expect(locks.text).toContain('<pre>SELECT pg_terminate_backend(13751);</pre>');
    expect(locks.text).toContain('<dt>db</dt><dd>orders</dd>');
    expect(locks.text).not.toMatch(/\bPID\b/);
    const odd = encodeURIComponent('public."odd ""table"" <b>"');
    const dead = read((await page(`/runbook/dead_tuples?db=shop&relation=${odd}`)).text);
    expect(dead).toContain('VACUUM public."odd ""table"" <b>";');
    expect(dead).toContain('ALTER TABLE public."odd ""table"" <b>" SET (');
    const slot = read((await page(`/runbook/slot_inactive?slot=${encodeURIComponent("it's")}`)).text);
    expect(slot).toContain("SELECT pg_drop_replication_slot('it''s');");
  });

  test.each([
    ['pid', '1); DROP TABLE x; --'],
    ['pid', '-1'],
    ['pid', '<script>alert(1)</script>'],
    ['relation', 'orders; DROP TABLE accounts'],
    ['relation', 'public."a"; DROP TABLE x; --"'],
    ['relation', '"a\nb"'],
    ['relation', 'Public.Orders'],
  ])('fills %s=%s into no statement', async (name, value) => {
    const rule = name === 'pid' ? 'blocking_locks' : 'dead_tuples';
    const found = await page(`/runbook/${rule}?${new URLSearchParams({ [name]: value })}`);
    expect(found.status).toBe(200);
    for (const [, statement] of found.text.matchAll(/<(?:pre|code)>(.*?)<\/(?:pre|code)>/gs))
      expect(read(statement ?? '')).not.toContain(value);
    expect(found.text).toMatch(name === 'pid' ? /pg_terminate_backend\(PID\)/ : /VACUUM SCHEMA\.TABLE/);
    expect(found.text).not.toContain('<script');
  });

  test('leaves no place open in any page where all names are known', () => {
    const names = {
      pid: '1',
      relation: 'public.t',
      index: 'public.i',
      sequence: 'public.s',
      slot: 's',
      subscription: 'Sub',
    };
    const text =
      "`SELECT PID, 'SLOT', 'SCHEMA.TABLE'::regclass; SCHEMA.TABLE SCHEMA.INDEX SCHEMA.SEQUENCE SUBSCRIPTION_NAME` PID";
    expect(filledPieces(text, names)).toEqual([
      {
        text: `SELECT 1, 's', 'public.t'::regclass; public.t public.i public.s "Sub"`,
        isCode: true,
      },
      // Prose stays as it is.
      { text: ' PID', isCode: false },
    ]);
  });

  test('says which rule it may be', async () => {
    const found = await page('/runbook/blocking_lock');
    expect(found.status).toBe(404);
    expect(found.text).toContain('did you mean blocking_locks?');
    expect((await page('/runbook/constructor')).status).toBe(404);
  });
});
